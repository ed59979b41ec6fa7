"""Names of accounts and keys: one line that nobody takes for something else."""

from bot.errors import NameInvalidError
from bot.guards.caller import KEY
from knowledge_base.accounts import NAME_LENGTH
from knowledge_base.feedback import VISITOR
from weaver_core.texts.normalization import clean

COMMAND_LINE = "command line"
# Who stands under these names in the audit log is no person.
RESERVED = frozenset((COMMAND_LINE, "live guard", "weaver", "settings"))


def named(name: str) -> str:
    """A name as it is stored. Raises NameInvalidError."""
    line = " ".join(clean(name).text.split())
    if not line:
        raise NameInvalidError("A name cannot be empty.")
    if len(line) > NAME_LENGTH:
        raise NameInvalidError(f"A name has at most {NAME_LENGTH} characters.")
    if line.lower() in RESERVED or line.lower().startswith((KEY, f"{VISITOR}:")):
        raise NameInvalidError(f"The name {line} is Weaver's own; take another one.")
    if not line.isprintable():
        raise NameInvalidError("A name holds a character that cannot be seen.")
    return line
