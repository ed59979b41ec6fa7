"""What an import remembers of each answer and dialogue is on the disk, however many there are."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from knowledge_base.ingestion.checked_dialogues import CheckedDialogues
from knowledge_base.ingestion.known_dialogues import Known
from knowledge_base.ingestion.said import Said, SaidAnswers, digest
from knowledge_base.ingestion.scratch import ScratchError

ANSWERS, A_BATCH = 100_000, 250
MOST_BYTES = 8_000_000


def remembered(said: SaidAnswers, answers: int) -> None:
    """So many answers, each with a tag that its line gave."""
    for start in range(0, answers, A_BATCH):
        keys = [f"id:{number}" for number in range(start, start + A_BATCH)]
        said.find(keys)
        said.keep({key: Said(start, digest(key), {"tags": start}) for key in keys})


def resident() -> int:
    """What this process holds, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_was_said_is_found_as_it_was_kept() -> None:
    said, answers = SaidAnswers(), [UUID(int=2), UUID(int=1)]
    first = Said(1, digest("Three days."), {"tags": 1, "title": 3}, answers[0], {"valid_from"})
    other = Said(2, digest("No."), answer=answers[1], unsaid={"tags", "valid_until"})
    said.keep({"id:a": first, "id:b": other, "text:c": Said(4, digest("c"))})
    assert said.find(["id:a", "id:b", "text:c", "id:d"]) == {
        "id:a": first,
        "id:b": other,
        "text:c": Said(4, digest("c")),
    }
    assert list(said.unsaid()) == sorted(answers)
    assert said.unsaid_of(answers) == {answers[0]: {"valid_from"}, answers[1]: {"tags", "valid_until"}}
    said.keep({"id:a": Said(1, first.digest, first.given, answers[0], set())})
    assert list(said.unsaid()) == answers[1:]


def test_very_many_answers_take_no_memory() -> None:
    said = SaidAnswers()
    remembered(said, 10 * A_BATCH)
    before = resident()
    remembered(said, ANSWERS)
    assert resident() - before < MOST_BYTES
    assert said.find([f"id:{ANSWERS - 1}"])


def test_what_was_checked_of_a_dialogue_is_found_as_it_was_kept() -> None:
    checked = CheckedDialogues()
    stored = Known("hash", 3, "c-1", None, "en", resolved=True, id=UUID(int=7))
    new = Known("other", 1, None, "chat", None, resolved=None)
    checked.keep({"d1": stored, "d2": new, "d3": stored})
    checked.keep({"d3": new})
    assert checked.find(["d1", "d2", "d3", "d4"]) == {"d1": stored, "d2": new, "d3": new}


def test_a_full_disk_is_said_in_one_sentence() -> None:
    said = SaidAnswers()
    said._scratch.run("PRAGMA max_page_count = 8")
    with pytest.raises(ScratchError, match=r"^The temporary folder cannot hold .*: database or disk is full\.$"):
        remembered(said, ANSWERS)
