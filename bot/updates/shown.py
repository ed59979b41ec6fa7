"""A gate's report as a person reads it: the turns that changed, with their words and both answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, positions
from knowledge_base.answers import Answer
from knowledge_base.identifiers import parse_id
from knowledge_base.update_runs import UpdateRun

# The answers that a changed turn names.
NAMED = ("before", "after", "right")


@dataclass(frozen=True, slots=True)
class ChangedTurn:
    """A question that one version answers rightly and the other does not; what is None is erased since."""

    of: str
    question: str | None
    before: Answer | None
    after: Answer | None
    right: Answer | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An update with what its gate saw; `report` is empty where there was nothing to measure."""

    run: UpdateRun
    report: dict[str, Any]
    lost: tuple[ChangedTurn, ...]
    won: tuple[ChangedTurn, ...]
    broken: tuple[ChangedTurn, ...]


async def show(session: AsyncSession, run: UpdateRun) -> Shown:
    """An update as a person reads it."""
    report: dict[str, Any] = run.figures.get("gate", {})
    turns = {name: await _turns(session, report.get(name, [])) for name in ("lost", "won", "broken")}
    return Shown(run, report, **turns)


async def _turns(session: AsyncSession, stored: Sequence[dict[str, Any]]) -> tuple[ChangedTurn, ...]:
    held = await positions.by_ids(session, _ids(stored, "position"))
    known = await answers.by_ids(session, [key for name in NAMED for key in _ids(stored, name)])
    return tuple(
        ChangedTurn(
            one["of"],
            one["question"] or next((held[key].text for key in _ids([one], "position") if key in held), None),
            *(next((known[key] for key in _ids([one], name) if key in known), None) for name in NAMED),
        )
        for one in stored
    )


def _ids(stored: Sequence[dict[str, Any]], name: str) -> list[UUID]:
    found = [parse_id(str(one[name])) for one in stored if one[name]]
    return [one for one in found if one is not None]
