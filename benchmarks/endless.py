"""Packed files in which something has no end: what `weaver import` says of each, and what memory and time that takes.

`python -m benchmarks.endless [MEGABYTES]` (1,000 without) prints a table, a process for each file. The first row is a
file with nothing wrong in it, for comparison.
"""

import gzip
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installation import weaver

MB = 1024 * 1024
SIZE = 1_000
GOOD = b'{"question": "How long?", "answer": "Three days."}\n'
TICKET = (
    b'{"id": 2, "requester_id": 0, "comments": [{"author_id": 0, "plain_body": "How long does delivery take?"},'
    b'{"author_id": 1, "plain_body": "It takes three days, whatever the order."}]}'
)
TOO_LONG = "it is longer than 8 MB"
CUT_OFF = "record 1: the file was cut off here (line 1)"


@dataclass(frozen=True, slots=True)
class Endless:
    """A file with far more of a filler in it than is held in memory, and what is said of it."""

    name: str
    before: bytes
    filler: bytes
    after: bytes
    said: str

    def packed(self, folder: Path, megabytes: int) -> Path:
        """The file, packed: a few kilobytes for each megabyte."""
        path = folder / f"{self.name}.gz"
        piece = gzip.compress(self.filler * (MB // len(self.filler)), 1)
        with path.open("wb") as file:
            file.write(gzip.compress(self.before))
            for _ in range(megabytes):
                file.write(piece)
            file.write(gzip.compress(self.after))
        return path


# Beside what has no end there is something good.
KEPT = (
    Endless("line.jsonl", GOOD + b'{"question": "', b"a", b'"}\n' + GOOD, f"line 2: {TOO_LONG}"),
    Endless("zeros.jsonl", GOOD, b"\0", b"\n" + GOOD, f"line 2: {TOO_LONG}"),
    Endless("text.json", b'[{"question": "', "退\\n".encode(), b'"},' + GOOD + b"]", f"record 1: {TOO_LONG} (line 1)"),
    Endless("tickets.json", b'{"tickets": ["', b"a", b'",' + TICKET + b"]}", f"record 1: {TOO_LONG} (line 1)"),
    Endless("cell.csv", b'question,answer\na,"', b"a", b'"\nc,d\n', f"line 2: {TOO_LONG}"),
    Endless("cells.csv", b"question,answer\na,", b"bc,", b"\nc,d\n", f"line 2: {TOO_LONG}"),
)
# There is nothing else in the file.
REFUSED = (
    Endless("alone.jsonl", b'{"question": "', b"a", b'"}\n', f"record 1: {TOO_LONG} (line 1)"),
    Endless("cut.json", b'[{"question": "', b"a", b"", CUT_OFF),
    Endless("brackets.json", b"[", b"[", b"", CUT_OFF),
    Endless("digits.json", b"[", b"7", b"]", f"record 1: {TOO_LONG} (line 1)"),
    Endless("header.csv", b"question,answer", b",column", b"\na,b\n", "its first line is longer than 64 kB"),
    Endless("page.html", b"<html><h2>How?</h2><p>", b"so ", b"</html>", "is a page longer than 8 MB"),
)


def measured(home: Path, path: Path) -> tuple[str, float, float]:
    """What an import says at its end, its CPU seconds, and its peak of memory in MB."""
    command = [str(Path(sys.executable).parent / "weaver"), "import", str(path), "--defer"]
    environment = {**os.environ, "WEAVER_HOME": str(home), "WEAVER_DATABASE_URL": ""}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        out.seek(0)
        said = out.read().decode()
    return said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    print("| file | packed, kB | unpacked, MB | CPU s | memory at most, MB | said |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        weaver(home, "db", "upgrade")
        path = home / "good.jsonl"
        path.write_bytes(GOOD)
        _, seconds, peak = measured(home, path)
        print(f"| one good line | 0 | 0 | {seconds:.1f} | {peak:.0f} | |", flush=True)
        for one in (*KEPT, *REFUSED):
            path = one.packed(home, size)
            said, seconds, peak = measured(home, path)
            assert one.said in said, said
            packed = path.stat().st_size // 1024
            print(f"| {one.name} | {packed:,} | {size:,} | {seconds:.1f} | {peak:.0f} | {one.said} |", flush=True)


if __name__ == "__main__":
    main()
