"""Keys: each position's unit vector in an encoder's space. Derived data, made again from the positions at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, ScalarSelect, delete, exists, func, insert, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.changes import ChangeKind
from knowledge_base.quantization import quantize, vectors_of
from knowledge_base.tables import AnswerRow, EncoderRow, KeyRow, PositionRow
from weaver_core.dialogue import PositionKind


@dataclass(frozen=True, slots=True)
class Unencoded:
    """A position that has no key yet, with the words to encode."""

    position_id: UUID
    answer_id: UUID
    text: str
    context: str | None


def pack(vectors: NDArray[np.float32]) -> list[bytes]:
    """Unit vectors as they are stored, in nine bits a coordinate. Shape: (n, d)."""
    return [code.tobytes() for code in quantize(vectors)]


def unpack(stored: Sequence[bytes]) -> NDArray[np.float32]:
    """Stored vectors of one encoder. Shape: n → (n, d), (0, 0) of none."""
    return vectors_of(np.frombuffer(b"".join(stored), np.uint8).reshape(len(stored), -1 if stored else 0))


async def missing(session: AsyncSession, encoder: str, limit: int, after: UUID | None = None) -> list[Unencoded]:
    """Positions without a key of this encoder, oldest first, from the one after another on."""
    query = select(PositionRow.id, PositionRow.answer_id, PositionRow.text, PositionRow.context)
    if after is not None:
        query = query.where(PositionRow.id > after)
    found = await session.execute(query.where(_keyless(encoder)).order_by(PositionRow.id).limit(limit))
    return [Unencoded(*row) for row in found]


async def lagging(
    session: AsyncSession, encoder: str, limit: int, answer_ids: Sequence[UUID] | None = None
) -> list[Unencoded]:
    """Positions that another encoder has a key of and this one has not, oldest first; of these answers if given.

    They were stored while a model version answered that reads with other encoders.
    """
    query = select(PositionRow.id, PositionRow.answer_id, PositionRow.text, PositionRow.context)
    if answer_ids is not None:
        query = query.where(PositionRow.answer_id.in_(answer_ids))
    keyed = exists().where(KeyRow.position_id == PositionRow.id)
    found = await session.execute(query.where(keyed, _keyless(encoder)).order_by(PositionRow.id).limit(limit))
    return [Unencoded(*row) for row in found]


async def drop_all_but(session: AsyncSession, encoders: Sequence[str], limit: int) -> int:
    """Delete so many keys of encoders that no version needs any more. Returns how many went."""
    wanted = select(EncoderRow.id).where(EncoderRow.version.in_(encoders))
    unwanted = select(KeyRow.position_id, KeyRow.encoder_id).where(KeyRow.encoder_id.not_in(wanted)).limit(limit)
    found = [tuple(row) for row in await session.execute(unwanted)]
    if found:
        gone = delete(KeyRow).where(tuple_(KeyRow.position_id, KeyRow.encoder_id).in_(found))
        await session.execute(gone.execution_options(synchronize_session=False))
    return len(found)


async def count_missing(session: AsyncSession, encoder: str) -> int:
    """How many positions have no key of this encoder."""
    # A key is always of a position: two counts are cheaper than a look at each.
    positions = (await session.execute(select(func.count()).select_from(PositionRow))).scalar_one()
    of_encoder = select(func.count()).select_from(KeyRow).where(KeyRow.encoder_id == id_of(encoder))
    return positions - (await session.execute(of_encoder)).scalar_one()


async def count_waiting(session: AsyncSession, encoders: Sequence[str]) -> int:
    """How many positions cannot be found yet, because they lack the key of one of these encoders."""
    return max([await count_missing(session, encoder) for encoder in encoders], default=0)


async def begun(session: AsyncSession, encoders: Sequence[str]) -> bool:
    """Whether each of these encoders has made a key of anything yet; otherwise nothing can be found with them."""
    for encoder in encoders:
        query = select(exists().where(KeyRow.encoder_id == id_of(encoder)))
        if not (await session.execute(query)).scalar_one():
            return False
    return True


async def versions(session: AsyncSession) -> list[str]:
    """The encoders that some key is of."""
    keyed = exists().where(KeyRow.encoder_id == EncoderRow.id)
    return list((await session.execute(select(EncoderRow.version).where(keyed).order_by(EncoderRow.id))).scalars())


async def put(
    session: AsyncSession, encoder: str, vectors: Mapping[UUID, NDArray[np.float32]], answers: Sequence[UUID]
) -> None:
    """Store keys and say that the answers' memories are new; a position that has one, or is gone, is passed over."""
    encoder_id = await _number(session, encoder)
    ids = list(vectors)
    lacking = select(PositionRow.id).where(PositionRow.id.in_(ids), _keyless(encoder))
    present = set((await session.execute(lacking)).scalars())
    kept = [position_id for position_id in ids if position_id in present]
    if kept:
        packed = pack(np.stack([vectors[position_id] for position_id in kept]))
        rows = [
            {"position_id": position_id, "encoder_id": encoder_id, "vector": vector}
            for position_id, vector in zip(kept, packed, strict=True)
        ]
        await session.execute(insert(KeyRow), rows)
        await changes.record(session, ChangeKind.ANSWER, answers)


async def _number(session: AsyncSession, encoder: str) -> int:
    """The number that stands for an encoder in its keys, given to it with the first of them."""
    while (known := (await session.execute(select(id_of(encoder)))).scalar_one_or_none()) is None:
        highest = (await session.execute(select(func.max(EncoderRow.id)))).scalar_one()
        try:
            async with session.begin_nested():
                await session.execute(insert(EncoderRow).values(id=(highest or 0) + 1, version=encoder))
        except IntegrityError:
            # Another process gave a number in this very moment.
            continue
    return known


def id_of(encoder: str) -> ScalarSelect[int]:
    """The number that stands for an encoder in its keys, for a query."""
    return select(EncoderRow.id).where(EncoderRow.version == encoder).scalar_subquery()


def unfinished(encoder: str) -> ColumnElement[bool]:
    """Whether an answer's own sentences wait for keys of this encoder, for a query of answers."""
    sentence = PositionRow.kind == PositionKind.SENTENCE.value
    return exists().where(PositionRow.answer_id == AnswerRow.id, sentence, _keyless(encoder))


def _keyless(encoder: str) -> ColumnElement[bool]:
    return ~exists().where(KeyRow.position_id == PositionRow.id, KeyRow.encoder_id == id_of(encoder))


async def of_answers(
    session: AsyncSession, encoder: str, answer_ids: Sequence[UUID]
) -> dict[UUID, NDArray[np.float32]]:
    """The unit mean of each answer's own sentences. Shapes: (d,)."""
    query = (
        select(PositionRow.answer_id, KeyRow.vector)
        .join(KeyRow, KeyRow.position_id == PositionRow.id)
        .where(
            PositionRow.answer_id.in_(answer_ids),
            PositionRow.kind == PositionKind.SENTENCE.value,
            KeyRow.encoder_id == id_of(encoder),
        )
    )
    found = [(answer_id, vector) for answer_id, vector in await session.execute(query)]
    sums: dict[UUID, NDArray[np.float32]] = {}
    for (answer_id, _), vector in zip(found, unpack([vector for _, vector in found]), strict=True):
        sums[answer_id] = sums[answer_id] + vector if answer_id in sums else vector
    return {answer_id: total / max(float(np.linalg.norm(total)), 1e-12) for answer_id, total in sums.items()}
