"""Codes of the company's own: what its answers and its questions call products, parts and errors."""

import re
from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.tables import MINED, AnswerRow, PositionRow

# Where an answer comes from that nobody of the company wrote as an answer.
CODE = re.compile(
    r"(?<![A-Za-z\d])(?=[-/_.\d]*[A-Za-z])(?=[A-Za-z/_.-]*\d)[A-Za-z\d]+(?:[-_/.][A-Za-z\d]+)*(?![A-Za-z\d])"
)
# With so many figures in a row it may be somebody's order, which a company's text gives as an example.
_ORDER = re.compile(r"\d{6}")
_ROWS_AT_ONCE = 1000


def codes_in(texts: Iterable[str]) -> frozenset[str]:
    """The codes in these texts, in small letters: letters and figures together, fewer than six figures in a row."""
    found = {match[0].casefold() for text in texts for match in CODE.finditer(text)}
    return frozenset(code for code in found if not _ORDER.search(code))


async def load(session: AsyncSession) -> frozenset[str]:
    """The codes in all answers that were not mined and in their questions."""
    found: set[str] = set()
    for query in (
        select(AnswerRow.title + "\n" + AnswerRow.text).where(AnswerRow.origin != MINED),
        select(PositionRow.text).join(AnswerRow).where(AnswerRow.origin != MINED, PositionRow.turn_id.is_(None)),
    ):
        result = await session.stream_scalars(query.execution_options(yield_per=_ROWS_AT_ONCE))
        async for page in result.partitions():
            found |= codes_in(page)
    return frozenset(found)


async def among(session: AsyncSession, wanted: Collection[str]) -> frozenset[str]:
    """Those of these codes that stand in an answer that was not mined."""
    found: set[str] = set()
    for code in wanted:
        pattern = code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = select(AnswerRow.text + "\n" + AnswerRow.title).where(
            AnswerRow.origin != MINED, func.lower(AnswerRow.text + AnswerRow.title).like(f"%{pattern}%", escape="\\")
        )
        texts = (await session.execute(query.limit(_ROWS_AT_ONCE))).scalars()
        found |= codes_in(texts) & {code}
    return frozenset(found)
