"""Processes that are killed while they write a snapshot, each at another of its file operations."""

import os
import signal
import sys
from pathlib import Path

from knowledge_base.indexes.memory_index import MemoryIndex
from tests.knowledge_base import indexed

TEXTS = ["how long does it take", "can I return it", "where is my order"]
WATCHED = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "sqlite3.connect"}


def before() -> MemoryIndex:
    """What the first snapshot holds."""
    return indexed.of(indexed.memory(number, TEXTS[: number + 1]) for number in range(3))


def after() -> MemoryIndex:
    """What the second snapshot holds."""
    return indexed.of(indexed.memory(number, TEXTS[number - 1 :]) for number in range(1, 4))


def write_and_die(root: Path, at: int) -> None:
    """Write the second snapshot in a process that is killed at its n-th file operation; exit 0 if it has fewer."""
    child = os.fork()
    if not child:
        left = at

        def count(event: str, _: object) -> None:
            nonlocal left
            if event in WATCHED:
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        indexed.save(after(), root, seen=2)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        raise SystemExit(status)


def main() -> None:
    """Kill at one operation after the other and see what is opened each time."""
    root = Path(sys.argv[1])
    wanted = [indexed.told(of, TEXTS) for of in (before(), after())]
    indexed.save(before(), root)
    seen: list[int] = []
    try:
        for at in range(1, 1000):
            write_and_die(root, at)
            seen.append(wanted.index(indexed.told(indexed.opened(root), TEXTS)))
    finally:
        sys.stdout.write(f"{len(seen)} {seen.count(0)} {seen.count(1)}\n")


if __name__ == "__main__":
    main()
