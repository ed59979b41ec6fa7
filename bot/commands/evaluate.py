"""`weaver evaluate`: measures the active model on questions with known answers."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import click
import numpy as np
from numpy.typing import NDArray

from bot.commands import reliability_plot
from bot.commands.environment import Environment, json_option, pass_environment
from bot.questions import Question, read_questions
from bot.reply import Decision, Query, Reply
from bot.serving.active_model import Serving
from knowledge_base import frozen_questions
from knowledge_base.frozen_questions import FrozenQuestion
from weaver_core import evaluation
from weaver_core.evaluation import Evaluation, Outcome
from weaver_core.evaluation import evaluate as measure


@click.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--collection", default="default", show_default=True)
@click.option(
    "--predictions", type=click.Path(path_type=Path), help="Write one prediction a question to this JSONL file."
)
@click.option(
    "--reliability", type=click.Path(path_type=Path), help="Draw how often each confidence is right, to this SVG file."
)
@click.option("--freeze", is_flag=True, help="No update of the model may get worse on these questions from now on.")
@json_option
@pass_environment
def evaluate(  # noqa: PLR0913 - each is an option
    environment: Environment,
    file: Path,
    *,
    collection: str,
    predictions: Path | None,
    reliability: Path | None,
    freeze: bool,
    as_json: bool,
) -> None:
    """Measure the active model on FILE, JSONL of {"question": …, "answer_ids": […]} or {…, "answers": […]}.

    An empty list means that the right decision is to abstain.
    """
    questions = read_questions(file)
    replies = anyio.run(_answer_all, environment, questions, collection)
    if predictions is not None:
        lines = [json.dumps(_prediction(*pair), ensure_ascii=False) for pair in zip(questions, replies, strict=True)]
        predictions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcomes = [_outcome(question, *reply) for question, reply in zip(questions, replies, strict=True)]
    figures = measure(outcomes)
    if reliability is not None:
        bins = evaluation.reliability(*_confidences(outcomes))
        reliability.write_text(reliability_plot.draw(bins, figures.ece, file.name), encoding="utf-8")
    frozen = anyio.run(_freeze, environment, file, questions, collection) if freeze else 0
    if as_json:
        click.echo(json.dumps(figures.to_json() | ({"frozen": frozen} if freeze else {})))
        return
    click.echo(_table(figures))
    if freeze:
        click.echo(f"{frozen} questions are part of the frozen set.")


async def _freeze(environment: Environment, file: Path, questions: list[Question], collection: str) -> int:
    frozen = [
        FrozenQuestion(one.text, tuple(sorted(one.answer_ids)), tuple(sorted(one.answers)), one.history, collection)
        for one in questions
    ]
    async with environment.open_database() as database, database.writing() as session:
        return await frozen_questions.freeze(session, file.name, frozen)


def _confidences(outcomes: Sequence[Outcome]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    confidences = np.array([outcome.confidence for outcome in outcomes])
    return confidences, np.array([outcome.rank == 1 for outcome in outcomes])


async def _answer_all(
    environment: Environment, questions: list[Question], collection: str
) -> list[tuple[Reply, float]]:
    replies: list[tuple[Reply, float]] = []
    async with environment.open_database() as database:
        await environment.tell_waiting(database)
        async with Serving.of(database, environment.encoders(), environment.settings).loaded() as serving:
            with click.progressbar(questions, label="Asking", file=sys.stderr) as asked:
                for question in asked:
                    start = time.perf_counter()
                    reply = await serving.respond(Query(question.text, question.history, collection))
                    replies.append((reply, 1000 * (time.perf_counter() - start)))
    return replies


def _outcome(question: Question, reply: Reply, latency_ms: float) -> Outcome:
    right = (
        place
        for place, candidate in enumerate(reply.candidates, start=1)
        if question.is_answered_by(candidate.answer.answer_id, candidate.answer.text)
    )
    return Outcome(
        answerable=question.answerable,
        rank=next(right, None),
        answered=reply.decision is Decision.ANSWER,
        confidence=reply.confidence,
        latency_ms=latency_ms,
    )


def _prediction(question: Question, timed: tuple[Reply, float]) -> dict[str, Any]:
    reply, latency_ms = timed
    return {
        "question": question.text,
        "decision": reply.decision.value,
        "confidence": reply.confidence,
        "ranked": [
            {
                "answer_id": candidate.answer.answer_id,
                "text": candidate.answer.text,
                "probability": candidate.probability,
            }
            for candidate in reply.candidates
        ],
        "latency_ms": latency_ms,
    }


def _table(figures: Evaluation) -> str:
    def line(name: str, value: float | None) -> str:
        if value is None:
            return f"{name:26}–"
        return f"{name:26}{value:.2f}" if name.endswith("_ms") else f"{name:26}{value:.4f}"

    values = figures.to_json()
    return "\n".join(
        [f"{'questions':26}{figures.questions}", *(line(n, v) for n, v in values.items() if n != "questions")]
    )
