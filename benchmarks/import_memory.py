"""Is an import's memory flat? `weaver import --defer` of large made files, in a process of its own that is watched.

`python -m benchmarks.import_memory [MEGABYTES [FILE ...]]` prints for FAQs ("faq as CSV", "faq as JSON lines") and a
helpdesk's export ("zendesk") how fast they are stored, and how many MB of memory the process holds when a tenth, a
quarter, half, three quarters and all of the file are stored, and at most. `make bench` takes 10,000 MB of tickets, half
an hour, and 1,000 MB of each FAQ, as long again; with as much room in the temporary folder (TMPDIR), and some.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import large_exports
from benchmarks.installation import weaver
from benchmarks.large_exports import MB

# A FAQ is all answers, an export mostly what stands around them.
SIZES = {"faq as CSV": 1_000, "faq as JSON lines": 1_000, "zendesk": 10_000}
SHOWN = (0.1, 0.25, 0.5, 0.75, 1.0)
LOOKS_A_SECOND = 20


@dataclass(slots=True)
class Watched:
    """An import that has ended: what it printed, its CPU seconds and its resident set, in bytes, as it went on.

    `resident` holds, look by look, how much of the file was stored, in [0, 1], and the resident set.
    """

    said: str
    cpu_seconds: float
    resident: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def at(self, share: float) -> int:
        """The resident set when so much of the file was stored."""
        return next(held for stored, held in self.resident if stored >= share)

    def most_after(self, share: float) -> int:
        """The largest resident set from then on."""
        return max(held for stored, held in self.resident if stored >= share)


def watch(home: Path, path: Path, *options: str) -> Watched:
    """Import a file into the installation in a folder, and look at the process meanwhile."""
    command = [str(Path(sys.executable).parent / "weaver"), "import", str(path), "--defer", "--json", *options]
    environment = {**os.environ, "WEAVER_HOME": str(home), "WEAVER_DATABASE_URL": ""}
    looks, before = list[tuple[int, int]](), _children_seconds()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.DEVNULL) as process,
    ):
        while process.poll() is None:
            with suppress(OSError, IndexError):
                looks.append((_place(process.pid, path), _resident(process.pid)))
            time.sleep(1 / LOOKS_A_SECOND)
        assert process.returncode == 0, f"the import ended with {process.returncode}"
        said.seek(0)
        printed = said.read().decode()
    return Watched(printed, _children_seconds() - before, _stored(looks, path.stat().st_size))


def _children_seconds() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _place(pid: int, path: Path) -> int:
    """How far a process has read a file; -1 while it does not read it."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        if descriptor.readlink() == path.resolve():
            told = Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text()
            return int(told.split()[1])
    return -1


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _stored(looks: list[tuple[int, int]], size: int) -> list[tuple[float, int]]:
    """How much was stored at each look: the file is read to its end before, to see that it can be."""
    last = max(range(len(looks)), key=lambda at: (looks[at][0] >= 0, at))
    begun = max((at for at in range(1, last + 1) if looks[at][0] < looks[at - 1][0]), default=0)
    return [
        (0.0 if at < begun else min(1.0, place / size) if at <= last else 1.0, held)
        for at, (place, held) in enumerate(looks)
    ]


def main() -> None:
    """Print the table."""
    given = int(sys.argv[1]) if len(sys.argv) > 1 else None
    columns = ("file", "MB", "records", "CPU s", "MB/s", "records/s", *(f"{share:.0%}" for share in SHOWN), "most")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name in sys.argv[2:] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            print(f"| {' | '.join(measured(name, given or SIZES[name], Path(folder)))} |", flush=True)


def measured(name: str, size: int, home: Path) -> list[str]:
    """A row of the table."""
    weaver(home, "db", "upgrade")
    path = large_exports.write(name, size * MB, home)
    done = watch(home, path)
    records = int(json.loads(done.said)["read"])
    rates = [f"{size / done.cpu_seconds:.1f}", f"{records / done.cpu_seconds:.0f}"]
    held = [done.at(share) / MB for share in SHOWN]
    return [
        *(name, f"{size:,}", f"{records:,}", f"{done.cpu_seconds:.0f}", *rates),
        *(f"{megabytes:.0f}" for megabytes in (*held, done.most_after(0) / MB)),
    ]


if __name__ == "__main__":
    main()
