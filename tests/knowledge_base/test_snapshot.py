"""Indexes on disk: opened they say what they said, and what is not whole is not opened."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.errors import SnapshotUnusableError, SnapshotUnwritableError
from knowledge_base.indexes import snapshot, snapshot_writer
from knowledge_base.indexes.signs import EXACT_ROWS
from knowledge_base.indexes.snapshot import ARRAYS, HEADER, SIDE
from knowledge_base.memories import Memory
from tests.knowledge_base import indexed
from tests.knowledge_base.indexed import GROUPS

TEXTS = ["how long does it take", "台灯怎么退货", "where is PPR-9087", "can I return it", "is it dimmable"]
ROOT = Path(__file__).resolve().parents[2]


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.lists(st.sampled_from(TEXTS), max_size=4, unique=True), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_indexes_that_are_saved_and_opened_between_changes_say_what_fresh_ones_say(
    steps: list[tuple[int, list[str], bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("index")
    held = dict[int, Memory]()
    kept = indexed.empty()
    for number, texts, saving in steps:
        memory = indexed.memory(number, texts, GROUPS[number % 2])
        if texts:
            indexed.put(kept, memory)
            held[number] = memory
        else:
            kept.remove([memory.answer.id])
            held.pop(number, None)
        if saving:
            indexed.save(kept, root)
            kept = indexed.opened(root)
    assert indexed.told(kept, TEXTS) == indexed.told(indexed.of(held.values()), TEXTS)


def test_an_opened_index_of_many_keys_grows_and_finds_them_all(tmp_path: Path) -> None:
    first = [indexed.memory(number, ["q"] * 100) for number in range(30)]
    indexed.save(indexed.of(first), tmp_path)
    more = [indexed.memory(number, ["r"] * 100) for number in range(30, 60)]
    kept = indexed.opened(tmp_path)
    for memory in more:
        indexed.put(kept, memory)
    assert len(kept) > EXACT_ROWS
    for memory in first + more:
        query = memory.vectors["tiny@1"][0]
        assert kept.by_vector("tiny@1", query, 1, GROUPS)[0].answer_id == memory.answer.id


def test_changing_an_opened_index_does_not_change_its_files(tmp_path: Path) -> None:
    memories = [indexed.memory(number, TEXTS) for number in range(3)]
    indexed.save(indexed.of(memories), tmp_path)
    wanted = indexed.told(indexed.opened(tmp_path), TEXTS)
    changed = indexed.opened(tmp_path)
    for memory in memories:
        changed.remove([memory.answer.id])
    assert indexed.told(indexed.opened(tmp_path), TEXTS) == wanted


def cut(path: Path) -> None:
    """Take the last byte of a file."""
    os.truncate(path, path.stat().st_size - 1)


def flip(path: Path) -> None:
    """Change one bit in the middle of what is written."""
    held = bytearray(path.read_bytes())
    place = next(at for at in range(len(held) // 3, len(held)) if held[at])
    held[place] ^= 1
    path.write_bytes(held)


def empty(path: Path) -> None:
    """Leave nothing in a file."""
    path.write_bytes(b"")


@pytest.mark.parametrize("name", [ARRAYS, HEADER, SIDE])
@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink])
def test_a_damaged_snapshot_is_not_opened(tmp_path: Path, name: str, damage: Callable[[Path], None]) -> None:
    indexed.save(indexed.of([indexed.memory(1, TEXTS)]), tmp_path)
    damage(snapshot.folders(tmp_path)[0] / name)
    with pytest.raises(SnapshotUnusableError, match="cannot be opened"):
        snapshot.newest(tmp_path)


def test_a_snapshot_of_another_format_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_writer, "FORMAT", snapshot.FORMAT + 1)
    indexed.save(indexed.of([indexed.memory(1, TEXTS)]), tmp_path)
    with pytest.raises(SnapshotUnusableError, match="format"):
        snapshot.newest(tmp_path)


def test_one_process_at_a_time_writes_a_snapshot(tmp_path: Path) -> None:
    writing = snapshot_writer.writing(tmp_path)
    with writing, pytest.raises(SnapshotUnwritableError, match="another process"):
        indexed.save(indexed.of([indexed.memory(1, TEXTS)]), tmp_path)
    assert snapshot.newest(tmp_path) is None


def test_a_writer_that_is_killed_at_any_moment_leaves_the_old_snapshot_or_the_new_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.knowledge_base.snapshot_process", str(tmp_path / "index")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kills, old, new = map(int, done.stdout.split())
    assert kills == old + new
    assert old > 5
    assert new > 0
    indexed.opened(tmp_path / "index")


def test_what_was_removed_is_in_no_file_of_a_snapshot(tmp_path: Path) -> None:
    kept = indexed.of([indexed.memory(1, TEXTS), indexed.memory(2, ["my name is Zebedee Quill"])])
    indexed.save(kept, tmp_path)
    with closing(sqlite3.connect(snapshot.folders(tmp_path)[0] / SIDE)) as side:
        (text,) = side.execute("SELECT value FROM memory ORDER BY number DESC").fetchone()
    # Terms are spelled in hexadecimal, without what they share with the term before.
    personal = [text, *(name.encode().hex().encode() for name in ("bedee", "uill"))]
    assert all(_is_held(tmp_path, part) for part in personal)
    kept.remove([indexed.memory(2, []).answer.id])
    indexed.save(kept, tmp_path)
    assert not any(_is_held(tmp_path, part) for part in personal)


def _is_held(folder: Path, part: bytes) -> bool:
    return any(part in path.read_bytes() for path in folder.rglob("*") if path.is_file())
