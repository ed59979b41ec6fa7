"""docs/security.md names, for each guard, code and tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = [line for line in (ROOT / "docs" / "security.md").read_text().splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:60])
def test_what_a_guard_names_is_there(row: str) -> None:
    _, code, tests = row.strip("| ").split(" | ")
    assert all((ROOT / name).is_file() for name in re.findall(r"`(\w[\w/]+\.py)`", code)), code
    file = ""
    named = re.findall(r"`([\w/]*\.py)?(?:::(test_\w+))?`", tests)
    assert named
    for path, name in named:
        file = path or file
        text = (ROOT / file).read_text()
        assert re.search(rf"def {name}\(", text) if name else "def test_" in text, (file, name)
