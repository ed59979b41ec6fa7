"""`weaver ask`: one answer, without a server."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
import click

from bot.commands.environment import Environment, json_option, pass_environment
from bot.questions import read_turns
from bot.reply import Candidate, Query, Reply
from bot.serving.active_model import Serving
from bot.turns.customer_text import check_text
from bot.turns.texts import locale_of, message_text
from knowledge_base import dialogues
from knowledge_base.dialogues import Origin

MOST_POSITIONS_SHOWN, MOST_WORDS_SHOWN = 3, 5


@click.command("ask")
@click.argument("text")
@click.option("--history", type=click.Path(path_type=Path), help='JSONL of earlier turns: {"role": …, "text": …}.')
@click.option("--collection", default="default", show_default=True)
@click.option("--explain", is_flag=True, help="Show which positions of each answer's memory weighed how much.")
@json_option
@pass_environment
def ask(
    environment: Environment, text: str, *, history: Path | None, collection: str, explain: bool, as_json: bool
) -> None:
    """Answer TEXT as the bot would."""
    text = check_text(text, environment.settings.text_limit).text
    turns = read_turns(history) if history else ()
    reply, origins = anyio.run(_ask, environment, Query(text, turns, collection, explain))
    if as_json:
        click.echo(json.dumps(_document(reply, origins), ensure_ascii=False))
        return
    click.echo(message_text(reply, locale_of(reply.language)))
    click.echo(f"\n{reply.decision.value}, confidence {reply.confidence:.0%}, model {reply.model_version}")
    for place, candidate in enumerate(reply.candidates[:3]):
        click.echo(f"  {candidate.probability:5.1%}  {candidate.answer.answer_id}  {candidate.answer.title}")
        if explain:
            for line in _explained(candidate, origins[place]):
                click.echo("         " + line)


def _explained(candidate: Candidate, origin: Origin | None) -> Iterator[str]:
    """The heaviest positions, the words of the first, and where that was said."""
    shown = candidate.positions[:MOST_POSITIONS_SHOWN]
    for weighted in shown:
        yield f"{weighted.weight:.2f}  {weighted.position.kind.value}: {weighted.position.text}"
    rest = sum(weighted.weight for weighted in candidate.positions[MOST_POSITIONS_SHOWN:])
    if rest:
        yield f"{rest:.2f}  in {len(candidate.positions) - len(shown)} others"
    heaviest = sorted(candidate.words, key=lambda word: -word.weight)[:MOST_WORDS_SHOWN]
    if heaviest:
        yield "words of the first: " + ", ".join(f"{word.text} {word.weight:.2f}" for word in heaviest)
    if origin is not None:
        yield f"said in {origin.source} {origin.dialogue_id}, turn {origin.turn}"


async def _ask(environment: Environment, query: Query) -> tuple[Reply, list[Origin | None]]:
    async with environment.open_database() as database:
        await environment.tell_waiting(database)
        async with Serving.of(database, environment.encoders(), environment.settings).loaded() as serving:
            reply = await serving.respond(query)
        if not query.explain:
            return reply, []
        async with database.reading() as session:
            turns = [candidate.positions[0].position.turn_id for candidate in reply.candidates]
            return reply, [await dialogues.origin(session, turn) for turn in turns]


def _document(reply: Reply, origins: Sequence[Origin | None]) -> dict[str, Any]:
    ranked = [
        {
            "answer_id": candidate.answer.answer_id,
            "title": candidate.answer.title,
            "text": candidate.answer.text,
            "probability": candidate.probability,
            "score": candidate.score,
        }
        | (_explanation(candidate, origins[place]) if origins else {})
        for place, candidate in enumerate(reply.candidates)
    ]
    answer = reply.answer
    return {
        "decision": reply.decision.value,
        "confidence": reply.confidence,
        "answer": None
        if answer is None
        else {"answer_id": answer.answer_id, "title": answer.title, "text": answer.text},
        "candidates": ranked,
        "language": reply.language,
        "model_version": reply.model_version,
    }


def _explanation(candidate: Candidate, origin: Origin | None) -> dict[str, Any]:
    positions = [
        {"kind": item.position.kind.value, "text": item.position.text, "weight": item.weight}
        for item in candidate.positions
    ]
    words = [{"text": word.text, "start": word.start, "weight": word.weight} for word in candidate.words]
    return {"positions": positions, "words": words, "origin": None if origin is None else asdict(origin)}
