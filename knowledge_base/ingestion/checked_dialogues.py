"""What a strict import's check has seen of each dialogue so far, on the disk: a file may hold very many."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from uuid import UUID

from knowledge_base.ingestion.known_dialogues import Known
from knowledge_base.ingestion.scratch import Scratch


class CheckedDialogues:
    """The dialogues by their external ids. Raises ScratchError when the disk is full."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._scratch = Scratch("CREATE TABLE checked (external_id TEXT PRIMARY KEY, known TEXT) WITHOUT ROWID")

    def find(self, external_ids: Iterable[str]) -> dict[str, Known]:
        """What was seen of these dialogues, those left out that were not seen."""
        query = "SELECT known FROM checked WHERE external_id = ?"
        return {name: _known(row) for name in external_ids for (row,) in self._scratch.run(query, (name,))}

    def keep(self, known: Mapping[str, Known]) -> None:
        """Remember these in the place of what was known of them."""
        rows = ((name, _text_of(one)) for name, one in known.items())
        self._scratch.put("INSERT OR REPLACE INTO checked VALUES (?, ?)", rows)


def _text_of(known: Known) -> str:
    return json.dumps(asdict(known) | {"id": known.id.hex if known.id else None})


def _known(text: str) -> Known:
    facts = json.loads(text)
    return Known(**facts | {"id": UUID(hex=facts["id"]) if facts["id"] else None})
