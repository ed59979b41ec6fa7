"""What belongs together, brought together on the disk: records by a key, in the order in which they came."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from knowledge_base.ingestion import files
from knowledge_base.ingestion.errors import FileUnreadableError
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.scratch import Scratch, ScratchError

ADDED_AT_ONCE, BYTES_AT_ONCE = 1000, 1024 * 1024


class Spool:
    """A private file in the temporary folder, gone when it is closed; a few megabytes of it are in memory.

    Exports scatter what belongs together: a conversation's messages over the whole file, a ticket's people behind all
    tickets. Files may be larger than memory, so it is the disk that holds them until they are complete.
    """

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._scratch = Scratch("CREATE TABLE item (key TEXT, number INTEGER, said BLOB)")
        self._waiting: list[tuple[str, int, bytes]] = []
        self._bytes = 0

    def add(self, key: str, number: int, said: Mapping[str, object]) -> None:
        """Put something under a key. `number` is its place in the file."""
        # JSON may spell half a character.
        spelled = json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self._waiting.append((key, number, spelled))
        self._bytes += len(spelled)
        if len(self._waiting) >= ADDED_AT_ONCE or self._bytes >= BYTES_AT_ONCE:
            self._flush()

    def complete(self) -> None:
        """Nothing more is added: from now on things can be found."""
        self._flush()
        with self._full():
            self._scratch.run("CREATE INDEX item_key ON item (key, number)")

    def places(self) -> Iterator[tuple[str, int]]:
        """Every key with the place at which it came first, in the order of these places."""
        with self._full():
            yield from self._scratch.each("SELECT key, MIN(number) AS first FROM item GROUP BY key ORDER BY first")

    def under(self, key: str, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """What was put under a key, with its places, in their order; no more than so many.

        Raises FieldError when that is longer than what is held in memory.
        """
        query = "SELECT number, said FROM item WHERE key = ? ORDER BY number LIMIT ?"
        found: list[tuple[int, dict[str, Any]]] = []
        size = 0
        for number, said in self._scratch.each(query, (key, limit)):
            size += len(said)
            if size > files.LINE_LIMIT:
                raise FieldError(f"all that belongs to {key[:40]!r} is longer than {files.LINE_LIMIT >> 20} MB")
            found.append((number, json.loads(said.decode("utf-8", "surrogatepass"))))
        return found

    def close(self) -> None:
        """Give the disk back."""
        self._scratch.close()

    def _flush(self) -> None:
        with self._full():
            self._scratch.put("INSERT INTO item VALUES (?, ?, ?)", self._waiting)
        self._waiting.clear()
        self._bytes = 0

    @contextmanager
    def _full(self) -> Generator[None]:
        try:
            yield
        except ScratchError as error:
            problem = f"cannot be brought into order in the temporary folder: {error.reason}"
            raise FileUnreadableError(self._source.path, problem) from None
