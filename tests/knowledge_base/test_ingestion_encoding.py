"""Positions get their keys, a batch at a time, however often the work is interrupted."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base import changes, keys, models
from knowledge_base.database import Database
from knowledge_base.encoding import encode_missing
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.models import ModelDraft

pytestmark = pytest.mark.anyio


class CountingEncoder:
    """A real encoder's face over vectors that are made from the texts' lengths; stops after some texts if told to."""

    version = "counting-1"

    def __init__(self, limit: int = 10_000) -> None:
        self.limit = limit
        self.texts: list[str] = []
        self.threads: set[int] = set()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors. Shape: n texts → (n, 2)."""
        if len(self.texts) + len(texts) > self.limit:
            raise KeyboardInterrupt
        self.texts += texts
        self.threads.add(threading.get_ident())
        angles = np.array([len(text) for text in texts], np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


async def imported(database: Database, tmp_path: Path) -> None:
    """Forty answers with a question and a sentence each."""
    path = tmp_path / "faq.jsonl"
    path.write_text("".join(f'{{"question": "Question {n}?", "answer": "Answer {n}."}}\n' for n in range(40)))
    await import_file(database, path, ImportOptions())


async def test_every_position_is_encoded_once_outside_of_the_event_loop(database: Database, tmp_path: Path) -> None:
    await imported(database, tmp_path)
    encoder, heard = CountingEncoder(), list[tuple[int, int]]()
    assert await encode_missing(database, encoder, lambda *done: heard.append(done), batch=32) == 80
    assert heard == [(32, 80), (64, 80), (80, 80)]
    assert sorted(encoder.texts) == sorted(
        f"{kind} {n}{end}" for n in range(40) for kind, end in (("Question", "?"), ("Answer", "."))
    )
    assert threading.get_ident() not in encoder.threads
    assert await encode_missing(database, encoder) == 0
    async with database.reading() as session:
        assert await keys.count_missing(session, encoder.version) == 0
        assert await keys.count_missing(session, "another") == 80


async def test_what_waits_is_counted_and_told_from_what_was_never_begun(database: Database, tmp_path: Path) -> None:
    await imported(database, tmp_path)
    encoder = CountingEncoder()
    versions = [encoder.version, "another"]
    async with database.reading() as session:
        assert (await keys.count_waiting(session, []), await keys.count_waiting(session, versions)) == (0, 80)
        assert not await keys.begun(session, versions[:1])
        assert await changes.fit_is_older(session)
    await encode_missing(database, encoder)
    async with database.writing() as session:
        assert await keys.count_waiting(session, versions) == 80
        assert await keys.begun(session, versions[:1])
        assert not await keys.begun(session, versions)
        await models.promote_fit(session, ModelDraft(encoder.version, {}, {}, ""), "test")
        await changes.mark(session)
        assert not await changes.fit_is_older(session)


async def test_interrupted_encoding_goes_on_with_the_rest(database: Database, tmp_path: Path) -> None:
    await imported(database, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        await encode_missing(database, CountingEncoder(limit=40), batch=16)
    again = CountingEncoder()
    assert await encode_missing(database, again, batch=16) == 48
    assert len(again.texts) == 48
