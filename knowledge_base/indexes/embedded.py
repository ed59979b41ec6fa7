"""Top-k answers for a query vector in any view, in this process: the keys of all answers, in partitions."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.partition import Partition
from knowledge_base.indexes.remembered import Held, Remembered
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Group, Hit, group_of
from knowledge_base.memories import Memory


class EmbeddedIndex:
    """A partition for every group. Not safe from threads."""

    def __init__(self, dimensions: Mapping[str, int], remembered: Remembered, snapshot: Snapshot | None = None) -> None:
        """An index of views with vectors of these lengths d, empty or as it was saved; remembered is who has a number.

        Raises SnapshotUnusableError.
        """
        self._dimensions = dict(dimensions)
        self._remembered = remembered
        self._partitions: dict[Group, Partition] = {}
        if snapshot:
            for number, (collection, language) in enumerate(snapshot.value("partitions")):
                self._partitions[collection, language] = Partition.opened(snapshot, str(number), dimensions)

    def save(self, writer: SnapshotWriter) -> None:
        """Keep the index in a snapshot."""
        kept = {group: partition for group, partition in self._partitions.items() if len(partition)}
        for number, partition in enumerate(kept.values()):
            partition.save(writer, str(number))
        writer.value("partitions", list(kept))

    def replace(self, held: Sequence[Held], memories: Sequence[tuple[int, Memory]]) -> list[NDArray[np.int64]]:
        """Store keys of memories, each with its answer's number, in the place of others. Returns the rows of each."""
        for one in held:
            self._partitions[group_of(one.memory)].remove(one.rows)
        by_group: dict[Group, list[int]] = {}
        for place, (_, memory) in enumerate(memories):
            by_group.setdefault(group_of(memory), []).append(place)
        taken: dict[int, NDArray[np.int64]] = {}
        for group, places in by_group.items():
            if group not in self._partitions:
                self._partitions[group] = Partition(self._dimensions)
            lengths = [len(memories[place][1].positions) for place in places]
            owners = np.repeat([memories[place][0] for place in places], lengths)
            vectors = {
                view: np.concatenate([memories[place][1].vectors[view] for place in places])
                for view in self._dimensions
            }
            rows = self._partitions[group].put(owners, vectors)
            taken.update(zip(places, np.split(rows, np.cumsum(lengths)[:-1]), strict=True))
        return [taken[place] for place in range(len(memories))]

    def search(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        partitions = [self._partitions[group] for group in groups if group in self._partitions]
        found = [partition.nearest(view, query, limit) for partition in partitions]
        if not found:
            return []
        owners = np.concatenate([nearest.owners for nearest in found])
        cosines = np.concatenate([nearest.cosines for nearest in found])
        order = np.argsort(-cosines, kind="stable")[:limit]
        best: dict[int, float] = {}
        for owner, cosine in zip(owners[order].tolist(), cosines[order].tolist(), strict=True):
            best.setdefault(owner, cosine)
        owned = self._remembered.owners(list(best))
        return [Hit(owned[owner], score) for owner, score in best.items()]

    def vectors(self, held: Sequence[Held], views: Sequence[str]) -> list[Mapping[str, NDArray[np.float32]]]:
        """These answers' keys. Shape of each view's: (L, d)."""
        found: list[dict[str, NDArray[np.float32]]] = [{} for _ in held]
        by_group: dict[Group, list[int]] = {}
        for place, one in enumerate(held):
            by_group.setdefault(group_of(one.memory), []).append(place)
        for group, places in by_group.items():
            rows = np.concatenate([held[place].rows for place in places])
            ends = np.cumsum([len(held[place].rows) for place in places])[:-1]
            for view in views:
                # Decoding many at once costs little more than decoding one.
                split = np.split(self._partitions[group].vectors(view, rows), ends)
                for place, own in zip(places, split, strict=True):
                    found[place][view] = own
        return list(found)

    def close(self) -> None:
        """Nothing was opened."""
