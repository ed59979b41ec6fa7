"""Canned texts as agents write them: the shortcut and the text are checked, and who changed what is kept."""

import re
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.writing import written
from bot.errors import ShortcutInvalidError
from bot.service import Service
from bot.turns.texts import LOCALES
from knowledge_base import audit, canned_texts
from knowledge_base.canned_texts import CannedText, Draft
from weaver_core.texts.normalization import clean

# What can be typed after a slash without a blank, in any script.
SHORTCUT_LENGTH = 32
_SHORTCUT = re.compile(rf"[\w-]{{1,{SHORTCUT_LENGTH}}}")


async def save(
    service: Service, shortcut: str, language: str, text: str, author: str, canned_id: UUID | None = None
) -> CannedText:
    """Store a canned text, or give a stored one other words.

    Raises ShortcutInvalidError, TextEmptyError, TextTooLongError, CannedTextExistsError, CannedTextNotFoundError.
    """
    draft = Draft(_name(shortcut), language, written(text, service.settings.text_limit))
    async with service.database.writing() as session:
        if canned_id is None:
            kept = await canned_texts.add(session, draft, author)
        else:
            kept = await canned_texts.change(session, canned_id, draft, author)
        await audit.record(session, author, "canned text", f"/{kept.shortcut} {kept.language}")
    return kept


async def remove(service: Service, canned_id: UUID, author: str) -> None:
    """Delete a canned text for everybody. Raises CannedTextNotFoundError."""
    async with service.database.writing() as session:
        await canned_texts.remove(session, canned_id)
        await audit.record(session, author, "canned text deleted", str(canned_id))


async def for_language(session: AsyncSession, language: str) -> list[CannedText]:
    """One wording of each, in this language where there is one, else in the first of ours."""
    preferred = [language, *(one for one in LOCALES if one != language)]
    found = sorted(await canned_texts.every(session), key=lambda one: preferred.index(one.language))
    by_shortcut: dict[str, CannedText] = {}
    for one in found:
        by_shortcut.setdefault(one.shortcut, one)
    return [by_shortcut[shortcut] for shortcut in sorted(by_shortcut)]


def _name(shortcut: str) -> str:
    name = clean(shortcut).text.removeprefix("/").lower()
    if not _SHORTCUT.fullmatch(name):
        raise ShortcutInvalidError(shortcut, SHORTCUT_LENGTH)
    return name
