"""Who calls: a visitor, a program or a person, and what they may do."""

from dataclasses import dataclass
from uuid import UUID

from bot.errors import TokenInvalidError
from knowledge_base.accounts import AccountRole
from knowledge_base.feedback import VISITOR

# What stands before a key's name where a person's name would be.
KEY = "key:"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `role` is None for a visitor, whose token opens `conversation_id` and nothing else.

    `csrf_token` and `account_id` are set for a person signed in to the pages: the token that their forms must carry.
    """

    name: str
    role: AccountRole | None
    conversation_id: UUID | None = None
    csrf_token: str | None = None
    account_id: UUID | None = None

    @property
    def rater_role(self) -> str:
        """The role under which this caller's judgements are kept."""
        return VISITOR if self.role is None else self.role.value

    def has(self, role: AccountRole) -> bool:
        """Whether the caller has a role's rights."""
        return self.role is not None and self.role.includes(role)

    def may_enter(self, conversation_id: UUID) -> bool:
        """Whether the caller may read and write in a conversation."""
        return self.role is not None or self.conversation_id == conversation_id

    def check_may_enter(self, conversation_id: UUID) -> None:
        """Raises TokenInvalidError when a visitor's token is for another conversation."""
        if not self.may_enter(conversation_id):
            raise TokenInvalidError("The token is for another conversation.")


def visitor(conversation_id: UUID) -> Caller:
    """The visitor whose token opens a conversation."""
    return Caller(f"{VISITOR}:{conversation_id}", None, conversation_id)
