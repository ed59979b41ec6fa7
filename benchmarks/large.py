"""A large installation for timing: imported from a FAQ file, its keys those of a corpus, and what it takes on disk."""

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from benchmarks import postgres
from benchmarks.corpus import ANSWER_POSITIONS, Corpus
from knowledge_base import keys, schema
from knowledge_base.database import Database
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.tables import PositionRow

DATABASE = "weaver.db"
STOPS = re.compile(r"[.?!;:]+")
KEYS_A_TRANSACTION = 2000


def url_of(home: Path) -> str:
    """The installation's database: the PostgreSQL whose data are there, else an SQLite file."""
    if (home / postgres.DATA).is_dir():
        return postgres.url_of(home)
    return f"sqlite:///{home / DATABASE}"


def write_faq(path: Path, corpus: Corpus) -> int:
    """A FAQ file whose answers have nine questions and a sentence each. Returns how many pairs it holds.

    Questions are the corpus's texts with a number, so that an answer's are nine.
    """
    dice = random.Random(0)
    pairs = 0
    with path.open("w", encoding="utf-8") as file:
        for first in range(0, len(corpus.origins), ANSWER_POSITIONS):
            rows = corpus.origins[first : first + ANSWER_POSITIONS]
            answer = " ".join(STOPS.sub(",", corpus.texts[rows[0]]).split()).strip(", ") + "."
            for place, row in enumerate(rows[1:]):
                question = f"{corpus.texts[row]} {dice.randrange(100) * ANSWER_POSITIONS + place}"
                line = {"question": question, "answer": answer, "answer_id": f"a-{first}", "language": "en"}
                file.write(json.dumps(line) + "\n")
                pairs += 1
    return pairs


async def import_pairs(home: Path, corpus: Corpus) -> dict[str, float]:
    """Import the corpus as `weaver import` does before it encodes. Returns pairs a second."""
    pairs = write_faq(home / "faq.jsonl", corpus)
    schema.upgrade(url_of(home))
    database = Database(url_of(home))
    start, worked = perf_counter(), process_time()
    await import_file(database, home / "faq.jsonl", ImportOptions())
    took = {"pairs a second": pairs / (perf_counter() - start), "pairs a CPU second": pairs / (process_time() - worked)}
    await database.close()
    return took


async def store_keys(home: Path, corpus: Corpus, views: tuple[str, str]) -> None:
    """Give the positions the corpus's vectors as keys, in the order of their ids."""
    database = Database(url_of(home))
    async with database.reading() as session:
        held = (await session.execute(select(PositionRow.id, PositionRow.answer_id).order_by(PositionRow.id))).all()
    for start in range(0, len(held), KEYS_A_TRANSACTION):
        part = held[start : start + KEYS_A_TRANSACTION]
        ids, answers = [position_id for position_id, _ in part], [answer_id for _, answer_id in part]
        # An answer in two sentences makes the memory a little larger than the corpus.
        rows = np.arange(start, start + len(part)) % len(corpus.vectors)
        second = corpus.second_bytes[rows].astype(np.float32) * corpus.second_scales[rows, None]
        async with database.writing() as session:
            for view, vectors in zip(views, (corpus.vectors[rows], second), strict=True):
                await keys.put(session, view, dict(zip(ids, vectors, strict=True)), answers)
    await database.close()


async def owners(home: Path) -> NDArray[np.object_]:
    """The answer that owns each of the corpus's rows. Shape: (P,)."""
    database = Database(url_of(home))
    async with database.reading() as session:
        found = (await session.execute(select(PositionRow.answer_id).order_by(PositionRow.id))).scalars().all()
    await database.close()
    return np.array(found, dtype=object)


def disk(home: Path) -> Iterator[tuple[str, float]]:
    """Bytes of disk a position: of its rows and its answer's, of a key, of the indexes on disk."""
    with closing(sqlite3.connect(home / DATABASE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        positions = database.execute("SELECT count(*) FROM position").fetchone()[0]
        held = database.execute("SELECT count(*) FROM key").fetchone()[0]
        sizes = dict(database.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall())
    of_keys = sum(size for name, size in sizes.items() if name == "key" or name.startswith("sqlite_autoindex_key_"))
    of_changes = sum(size for name, size in sizes.items() if "change" in name)
    yield "rows in SQL", (sum(sizes.values()) - of_keys - of_changes) / positions
    yield "changes in SQL", of_changes / positions
    yield "a key in SQL", of_keys / held
    for path in sorted((home / f"{DATABASE}-index").rglob("*")):
        if path.is_file():
            yield f"index file {path.name}", path.stat().st_blocks * 512 / positions
