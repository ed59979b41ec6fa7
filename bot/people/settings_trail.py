"""Settings in the audit log: what of them is new since the service was last started."""

from typing import Any

from bot.settings import Settings
from knowledge_base import audit, changes
from knowledge_base.database import Database

ACTION, SUBJECT, ACTOR = "settings", "WEAVER_*", "weaver serve"
# Where it runs says nothing of what it does, and differs between machines.
PLACES = frozenset(("home", "host", "port", "log", "shop"))
# These may hold a password or a signing secret: only whether they are set is told.
SECRETS = frozenset(("database_url", "identity_secret", "index"))
SET = "(set)"


def told(settings: Settings) -> dict[str, Any]:
    """The settings that differ from their defaults, without places and secrets, as JSON has them."""
    chosen = settings.model_dump(mode="json", exclude_defaults=True, exclude=set(PLACES))
    return {name: SET if name in SECRETS else value for name, value in chosen.items()}


async def note(database: Database, settings: Settings) -> None:
    """Write down what is new since the last start, by name, before and after. Nothing new is no entry."""
    now = told(settings)
    async with database.reading() as session:
        known = await audit.of_action(session, ACTION)
    if _folded(known) == now:
        return
    async with database.writing() as session:
        # Of several workers that start at once, one writes.
        await changes.hold(session)
        before = _folded(await audit.of_action(session, ACTION))
        names = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
        if names:
            was, is_so = ({name: held.get(name) for name in names} for held in (before, now))
            await audit.record(session, ACTOR, ACTION, SUBJECT, before=was, after=is_so)


def _folded(entries: list[audit.Entry]) -> dict[str, Any]:
    """What the entries come to, oldest first; a setting that is None has its default again."""
    held: dict[str, Any] = {}
    for entry in entries:
        held |= entry.after or {}
    return {name: value for name, value in held.items() if value is not None}
