"""Keys for the positions that have none yet: the encoder works in a thread, each batch is stored at once."""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray

from knowledge_base import keys
from knowledge_base.database import Database
from knowledge_base.keys import Unencoded
from weaver_core.texts.normalization import canonical

Progress = Callable[[int, int], None]


class TextEncoder(Protocol):
    """What this module needs of an encoder: the name of its space, and unit vectors for texts."""

    @property
    def version(self) -> str:
        """Keys of another version are no keys of this encoder."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors. Shape: n texts → (n, d)."""
        ...


def no_progress(done: int, total: int) -> None:
    """For callers who show none."""
    del done, total


async def encode_missing(
    database: Database, encoder: TextEncoder, progress: Progress = no_progress, batch: int = 64
) -> int:
    """Give every position its key in this encoder's space. Returns how many were encoded.

    Interrupted at any moment, what is stored stays, and the next call goes on with the rest. `progress` hears how
    many positions of how many are done.
    """
    async with database.reading() as session:
        total = await keys.count_missing(session, encoder.version)
    done = 0
    after = None
    while True:
        async with database.reading() as session:
            page = await keys.missing(session, encoder.version, batch, after)
        if not page and after is None:
            return done
        # What came meanwhile may stand before what was passed: the end is a look at all that finds none.
        after = page[-1].position_id if page else None
        if not page:
            continue
        await _encode(database, encoder, page, [position.answer_id for position in page])
        done += len(page)
        progress(done, max(total, done))


async def encode_lagging(
    database: Database,
    encoder: TextEncoder,
    answer_ids: Sequence[UUID] | None = None,
    progress: Progress = no_progress,
    batch: int = 64,
) -> int:
    """Give the positions their key that other encoders have one of: what was deferred for all waits on.

    Nobody is told, since the version that reads these keys does not answer yet. Returns how many were encoded.
    """
    done = 0
    while True:
        async with database.reading() as session:
            page = await keys.lagging(session, encoder.version, batch, answer_ids)
        if not page:
            return done
        await _encode(database, encoder, page, [])
        done += len(page)
        progress(done, done)


async def _encode(
    database: Database, encoder: TextEncoder, page: Sequence[Unencoded], answer_ids: Sequence[UUID]
) -> None:
    """Store the keys of a page of positions, and tell that these answers' memories are new."""
    vectors = await to_thread.run_sync(encoder.encode, [canonical(position.text) for position in page])
    by_id = {position.position_id: vector for position, vector in zip(page, vectors, strict=True)}
    async with database.writing() as session:
        await keys.put(session, encoder.version, by_id, answer_ids)
