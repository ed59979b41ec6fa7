"""A large export goes through the real `weaver import` in memory that does not grow with it."""

import json
from pathlib import Path

import pytest

from benchmarks import import_memory, large_exports
from benchmarks.import_memory import SHOWN
from benchmarks.large_exports import MB

MEGABYTES, MOST_GROWN = 300, 30


@pytest.mark.slow
def test_an_import_of_three_hundred_megabytes_is_flat_in_memory(
    tmp_path: Path, migrated_sqlite: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weaver.db").write_bytes(migrated_sqlite)
    path = large_exports.write("zendesk", MEGABYTES * MB, tmp_path)
    done = import_memory.watch(tmp_path, path)
    path.unlink()
    said = json.loads(done.said)
    assert (said["new"], said["rejected_count"]) == (said["read"], 0)
    assert said["mined"] > said["read"]
    held = [f"{done.at(share) / MB:.0f} MB at {share:.0%}" for share in SHOWN]
    with capsys.disabled():
        print(f"\nResident size of an import of {MEGABYTES} MB: {', '.join(held)}.")  # noqa: T201 - CI shows it
    assert done.most_after(SHOWN[0]) - done.at(SHOWN[0]) < MOST_GROWN * MB
