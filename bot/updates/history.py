"""Where each version comes from: its parent, what it learned from, who asked for it, how well it found its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import forgetting, models, update_runs
from knowledge_base.models import ModelVersion
from knowledge_base.update_runs import UpdateRun


@dataclass(frozen=True, slots=True)
class Origin:
    """A version and where it comes from.

    It learned from what was stored `until` then; what came after `since` its parent had not seen, None for all of it.
    `asked_by` is who pressed the button, None for a fit after an import. `saw_erased` says that data which it learned
    from is erased since.
    """

    version: ModelVersion
    parent: str | None
    since: datetime | None
    until: datetime
    asked_by: str | None
    gate: dict[str, Any]
    log: str
    saw_erased: bool


async def origins(session: AsyncSession) -> list[Origin]:
    """All versions with where they come from, newest first."""
    versions = await models.every(session)
    runs = await update_runs.of_versions(session, [version.id for version in versions])
    erased = await forgetting.awaiting_retraining(session)
    names = {version.id: version.name for version in versions}
    ends = {version.id: _until(version, runs.get(version.id)) for version in versions}
    return [
        Origin(
            version=version,
            parent=names.get(version.parent_id) if version.parent_id else None,
            since=ends.get(version.parent_id) if version.parent_id else None,
            until=ends[version.id],
            asked_by=run.requested_by if run else None,
            gate=run.figures.get("gate", {}) if run else {},
            log=run.log if run else "",
            saw_erased=version.id in erased,
        )
        for version in versions
        for run in (runs.get(version.id),)
    ]


def accuracies(found: Sequence[Origin]) -> dict[str, list[tuple[int, float]]]:
    """How often each language's questions found their answer, by the number of the version, oldest first."""
    curves: dict[str, list[tuple[int, float]]] = {}
    for origin in reversed(found):
        for language, figures in origin.version.metrics.items():
            known = cast("dict[str, object]", figures) if isinstance(figures, dict) else {}
            accuracy = known.get("accuracy")
            if isinstance(accuracy, int | float):
                curves.setdefault(language, []).append((origin.version.number, float(accuracy)))
    return curves


def _until(version: ModelVersion, run: UpdateRun | None) -> datetime:
    """The moment up to which a version knows what was stored."""
    return run.started_at if run else version.created_at
