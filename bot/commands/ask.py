"""`weaver ask`: one answer, without a server."""

import json
from pathlib import Path
from typing import Any

import anyio
import click

from bot.commands.environment import Environment, pass_environment
from bot.conversation import check_text
from bot.questions import read_turns
from bot.reply import Query, Reply
from bot.retriever import DecisionOptions
from bot.serving import Serving
from bot.texts import locale_of, message_text


@click.command("ask")
@click.argument("text")
@click.option("--history", type=click.Path(path_type=Path), help='JSONL of earlier turns: {"role": …, "text": …}.')
@click.option("--collection", default="default", show_default=True)
@click.option("--explain", is_flag=True, help="Show which positions of each answer's memory weighed how much.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@pass_environment
def ask(
    environment: Environment, text: str, *, history: Path | None, collection: str, explain: bool, as_json: bool
) -> None:
    """Answer TEXT as the bot would."""
    text = check_text(text, environment.settings.text_limit).text
    turns = read_turns(history) if history else ()
    reply = anyio.run(_ask, environment, Query(text, turns, collection))
    if as_json:
        click.echo(json.dumps(_document(reply, explain=explain), ensure_ascii=False))
        return
    click.echo(message_text(reply, locale_of(reply.language)))
    click.echo(f"\n{reply.decision.value}, confidence {reply.confidence:.0%}, model {reply.model_version}")
    for candidate in reply.candidates[:3]:
        click.echo(f"  {candidate.probability:5.1%}  {candidate.answer.answer_id}  {candidate.answer.title}")
        if explain:
            for weighted in candidate.positions:
                click.echo(f"         {weighted.weight:.2f}  {weighted.position.kind.value}: {weighted.position.text}")


async def _ask(environment: Environment, query: Query) -> Reply:
    options = DecisionOptions(environment.settings.wrong_per_hundred, environment.settings.company_contacts)
    async with environment.open_database() as database:
        serving = Serving(database, environment.encoders(), options)
        await serving.load()
        try:
            return await serving.respond(query)
        finally:
            serving.close()


def _document(reply: Reply, *, explain: bool) -> dict[str, Any]:
    ranked = [
        {
            "answer_id": candidate.answer.answer_id,
            "title": candidate.answer.title,
            "text": candidate.answer.text,
            "probability": candidate.probability,
            "score": candidate.score,
        }
        | ({"positions": _positions(candidate.positions)} if explain else {})
        for candidate in reply.candidates
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


def _positions(weighted: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return [{"kind": item.position.kind.value, "text": item.position.text, "weight": item.weight} for item in weighted]
