"""Top-k answers for a query vector in Milvus: for memories that are too large for one machine."""

import json
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import IndexUnavailableError
from knowledge_base.indexes.remembered import Held
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Followed, Group, Hit, group_of, name_of
from knowledge_base.memories import Memory
from knowledge_base.quantization import rounded

PREFIX = "weaver_"
ROWS_A_CALL = 500
# What an upsert, a delete and a search of one process see of each other; others' come a moment later.
CONSISTENCY = "Session"
# The row that says what the collection holds; no search looks at its group.
STAMP = "stamp"


class MilvusIndex:
    """A collection whose rows are positions, with a vector for each view; safe to be shared by processes.

    Every process that follows the changes writes them. Writing twice is harmless: an answer's rows are made anew from
    what SQL holds.
    """

    def __init__(self, url: str, space: str, dimensions: Mapping[str, int]) -> None:
        """Connect to the collection of this space; one that is missing is made by `clear`.

        A URL is `http://user:password@host:port/database`, or the path of a file for Milvus Lite, which works in this
        process. Raises IndexUnavailableError.
        """
        self._dimensions = dict(dimensions)
        self._fields = {view: f"view_{number}" for number, view in enumerate(self._dimensions)}
        self._name = f"{PREFIX}{space[:32]}"
        # While memories are read that the collection holds already, nothing is written.
        self.writes = True
        with _told(url):
            import pymilvus  # noqa: PLC0415 - an extra

            self._library: Any = pymilvus
            self._client: Any = pymilvus.MilvusClient(**_address(url))
        self._url = url

    def claim(self) -> None:
        """Nothing to wait by: start one process, and the others when it is ready."""

    def release(self) -> None:
        """Nobody waits."""

    def followed(self) -> Followed | None:
        """The last change that the collection holds; None when there is no collection, or it was not finished."""
        with _told(self._url):
            if not self._client.has_collection(self._name):
                return None
            self._client.load_collection(self._name)
            found = self._client.query(self._name, ids=[STAMP], output_fields=["note"])
            return Followed.from_json(json.loads(found[0]["note"])) if found else None

    def note(self, followed: Followed) -> None:
        """Say that the collection holds the changes up to this one."""
        vectors = {field: [0.0] * self._dimensions[view] for view, field in self._fields.items()}
        row = {"position": STAMP, "answer": "", "place": STAMP, "note": json.dumps(followed.to_json()), **vectors}
        with _told(self._url):
            self._client.upsert(self._name, [row])

    def clear(self) -> None:
        """Make an empty collection, incomplete until a change is noted."""
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        text = self._library.DataType.VARCHAR
        schema.add_field("position", text, is_primary=True, max_length=32)
        for name, length in (("answer", 32), ("place", 16), ("note", 256)):
            schema.add_field(name, text, max_length=length)
        indexes = self._client.prepare_index_params()
        for view, field in self._fields.items():
            schema.add_field(field, self._library.DataType.FLOAT_VECTOR, dim=self._dimensions[view])
            indexes.add_index(field_name=field, index_type="AUTOINDEX", metric_type="IP")
        for field in ("answer", "place"):
            indexes.add_index(field_name=field, index_type="INVERTED")
        with _told(self._url):
            if self._client.has_collection(self._name):
                self._client.drop_collection(self._name)
            self._client.create_collection(
                self._name, schema=schema, index_params=indexes, consistency_level=CONSISTENCY
            )

    def tidy(self) -> None:
        """Remove the collections of other spaces: their encoders or centres are not read any more."""
        with _told(self._url):
            for name in self._client.list_collections():
                if name.startswith(PREFIX) and name != self._name:
                    self._client.drop_collection(name)

    def replace(self, answer_ids: Sequence[UUID], memories: Sequence[Memory]) -> None:
        """Store keys in the place of all that these answers had, by whichever process."""
        if not (answer_ids and self.writes):
            return
        rows = [row for memory in memories for row in self._rows(memory)]
        with _told(self._url):
            self._client.delete(self._name, filter=_in("answer", [answer_id.hex for answer_id in answer_ids]))
            for start in range(0, len(rows), ROWS_A_CALL):
                self._client.upsert(self._name, rows[start : start + ROWS_A_CALL])

    def search(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        with _told(self._url):
            (found,) = self._client.search(
                self._name,
                data=[query],
                anns_field=self._fields[view],
                filter=_in("place", [name_of(group) for group in groups]),
                limit=limit,
                output_fields=["answer"],
                search_params={"metric_type": "IP"},
            )
        best: dict[UUID, float] = {}
        for row in found:
            best.setdefault(UUID(row["entity"]["answer"]), row["distance"])
        return [Hit(answer_id, score) for answer_id, score in best.items()]

    def vectors(self, held: Sequence[Held], views: Sequence[str]) -> list[Mapping[str, NDArray[np.float32]]]:
        """These answers' keys. Shape of each view's: (L, d)."""
        fields = [self._fields[view] for view in views]
        wanted = [position.id.hex for one in held for position in one.memory.positions]
        found: dict[str, dict[str, Any]] = {}
        with _told(self._url):
            for start in range(0, len(wanted), ROWS_A_CALL):
                ids = wanted[start : start + ROWS_A_CALL]
                rows = self._client.query(self._name, ids=ids, output_fields=["position", *fields])
                found.update((row["position"], row) for row in rows)
        return [
            {view: self._stacked(one, self._fields[view], found, self._dimensions[view]) for view in views}
            for one in held
        ]

    def save(self, writer: SnapshotWriter) -> None:
        """Nothing is kept here: the collection is where it is."""
        del writer

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def _rows(self, memory: Memory) -> list[dict[str, Any]]:
        # As the embedded index compares them: in nine bits a coordinate.
        coded = {field: rounded(memory.vectors[view]) for view, field in self._fields.items()}
        common = {"answer": memory.answer.id.hex, "place": name_of(group_of(memory)), "note": ""}
        return [
            {"position": position.id.hex, **common, **{field: vectors[row] for field, vectors in coded.items()}}
            for row, position in enumerate(memory.positions)
        ]

    def _stacked(
        self, held: Held, field: str, found: Mapping[str, Mapping[str, Any]], dimension: int
    ) -> NDArray[np.float32]:
        # A position that another process has removed in this moment is like nothing.
        nothing = np.zeros(dimension, np.float32)
        rows = [found.get(position.id.hex, {}).get(field, nothing) for position in held.memory.positions]
        return np.array(rows, np.float32)


def _address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return {"uri": url}
    found: dict[str, Any] = {
        "uri": f"{parts.scheme}://{parts.hostname}:{parts.port or 19530}",
        "db_name": parts.path.strip("/"),
    }
    if parts.username is not None:
        found["token"] = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return found


def _in(field: str, values: Sequence[str]) -> str:
    return f"{field} in [{', '.join(json.dumps(value) for value in values)}]"


@contextmanager
def _told(url: str) -> Generator[None]:
    """What goes wrong, as a domain error. Raises IndexUnavailableError."""
    try:
        from pymilvus.exceptions import MilvusException  # noqa: PLC0415 - an extra
    except ImportError:
        raise IndexUnavailableError("Milvus needs the extra packages: pip install 'weaver[milvus]'.") from None
    try:
        yield
    except MilvusException as error:
        place = urlsplit(url).hostname or url
        raise IndexUnavailableError(f"Milvus at {place} does not do its work: {error.message}.") from error
