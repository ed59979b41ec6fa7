"""Top-k answers for a query vector in the PostgreSQL that holds the memory, by pgvector."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes import halfvec, pgvector_table
from knowledge_base.indexes.pgvector_connection import Connection, VectorConnection
from knowledge_base.indexes.pgvector_table import Row, Table
from knowledge_base.indexes.remembered import Held
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Followed, Group, Hit, group_of, name_of
from knowledge_base.memories import Memory
from knowledge_base.quantization import rounded


class PgvectorIndex:
    """A table whose rows are positions, with a partition for each group and in it a graph for each view.

    Processes share it. Each follows the changes and writes what differs from what SQL holds.
    """

    def __init__(self, url: str, space: str, dimensions: Mapping[str, int]) -> None:
        """The table of this space, which is made by `clear`. Nothing is connected yet."""
        self._dimensions = dict(dimensions)
        self._columns = {view: f"view_{number}" for number, view in enumerate(self._dimensions)}
        lengths = {self._columns[view]: length for view, length in self._dimensions.items()}
        self._table = Table(f"space_{space[:32]}", lengths)
        # What is written takes milliseconds a row. No turn waits for it.
        self._searches, self._changes = (VectorConnection(url, self._table.name) for _ in range(2))
        self._finished = False
        # While memories are read that the table holds already, nothing is written.
        self.writes = True

    def claim(self) -> None:
        """Be the one process that may make the table anew; others wait here."""
        self._changes.claim()

    def release(self) -> None:
        """Let others look at the table."""
        self._changes.release()

    def followed(self) -> Followed | None:
        """The last change that the table holds; None when it is not there whole, or was not finished."""
        said = self._changes.run(lambda connection: pgvector_table.note_of(connection, self._table))
        self._finished = said is not None
        return Followed.from_json(said) if said else None

    def note(self, followed: Followed) -> None:
        """Say that the table holds the changes up to this one. The first time the graphs are made."""

        def work(connection: Connection) -> None:
            with connection.transaction():
                if not self._finished:
                    pgvector_table.make_graphs(connection, self._table)
                pgvector_table.note(connection, self._table, followed.to_json())

        self._changes.run(work)
        self._finished = True

    def clear(self) -> None:
        """Make an empty table, incomplete until a change is noted."""
        self._finished = False
        self._changes.run(lambda connection: pgvector_table.make(connection, self._table))

    def tidy(self) -> None:
        """Remove the tables of other spaces that no process has open, and the rows of positions that are gone."""
        self._changes.run(lambda connection: pgvector_table.drop_others(connection, self._table))
        self._changes.run(lambda connection: pgvector_table.sweep(connection, self._table))

    def replace(self, answer_ids: Sequence[UUID], memories: Sequence[Memory]) -> None:
        """Store keys in the place of all that these answers had, by whichever process; what is there already stays."""
        if answer_ids and self.writes:
            wanted = dict(chain.from_iterable(self._rows(memory) for memory in memories))
            self._changes.run(lambda connection: pgvector_table.write(connection, self._table, answer_ids, wanted))

    def search(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        statement = self._table.say(
            "SELECT answer, {columns} <#> %s::halfvec AS far FROM {table} WHERE place = ANY(%s) ORDER BY far LIMIT %s",
            self._columns[view],
        )
        values = (halfvec.spell(query), [name_of(group) for group in groups], limit)
        found = self._searches.run(lambda connection: connection.execute(statement, values).fetchall())
        best: dict[UUID, float] = {}
        for answer_id, far in found:
            best.setdefault(answer_id, -far)
        return [Hit(answer_id, score) for answer_id, score in best.items()]

    def vectors(self, held: Sequence[Held], views: Sequence[str]) -> list[Mapping[str, NDArray[np.float32]]]:
        """These answers' keys. Shape of each view's: (L, d)."""
        columns = [self._columns[view] for view in views]
        wanted = [position.id for one in held for position in one.memory.positions]
        places = {name_of(group_of(one.memory)) for one in held}
        found = self._searches.run(
            lambda connection: pgvector_table.rows_of(connection, self._table, columns, wanted, places)
        )
        # A position that another process has removed in this moment is like nothing, which stands last.
        numbers = {row[0]: number for number, row in enumerate(found)}
        own = [[numbers.get(position.id.bytes, -1) for position in one.memory.positions] for one in held]
        keys = {view: np.zeros((len(found) + 1, self._dimensions[view]), np.float32) for view in views}
        for place, view in enumerate(views, start=1):
            keys[view][:-1] = rounded(halfvec.unpack([row[place] for row in found], self._dimensions[view]))
        return [{view: keys[view][rows] for view in views} for rows in own]

    def save(self, writer: SnapshotWriter) -> None:
        """Nothing is kept here: the table is where it is."""
        del writer

    def close(self) -> None:
        """Give the connections back."""
        self._searches.close()
        self._changes.close()

    def _rows(self, memory: Memory) -> Iterator[tuple[UUID, Row]]:
        # As the embedded index compares them, in nine bits a coordinate; half precision keeps all of these.
        packed = [halfvec.pack(rounded(memory.vectors[view])) for view in self._dimensions]
        place = name_of(group_of(memory))
        for position, vectors in zip(memory.positions, zip(*packed, strict=True), strict=True):
            yield position.id, (memory.answer.id, place, *vectors)
