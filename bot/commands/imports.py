"""`weaver import`: loads FAQs and past dialogues into the memory."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import anyio
import click

from bot import waiting
from bot.commands import preparing
from bot.commands.environment import Environment, json_option, pass_environment
from bot.commands.preparing import Prepared, bar, prepare
from bot.serving.memory_return import give_back_large_pieces_at_once
from knowledge_base.database import Database
from knowledge_base.ingestion import files, formats
from knowledge_base.ingestion.errors import IngestionError
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.ingestion.summary import ImportSummary

# What is done with the memory when the files are stored.
Then = Callable[[Environment, Database], Awaitable[Prepared]]
SHOWN_REJECTIONS = 20
COUNTS = ("read", "new", "updated", "duplicate", "masked", "mined", "helped", "pending", "personal", "stripped")


@click.command("import")
@click.argument("paths", metavar="FILE…", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(formats.NAMES),
    default=formats.AUTO,
    show_default=True,
    help="What FILE holds.",
)
@click.option("--collection", default="default", show_default=True, help="For lines that name no collection.")
@click.option(
    "--approve",
    type=click.Choice(["auto", "review"]),
    help="Whether the bot may send the answers at once. Default: auto for FAQs, review for mined dialogues.",
)
@click.option("--strict", is_flag=True, help="Store a file whole or not at all.")
@click.option(
    "--defer",
    is_flag=True,
    help=f"Only store: what is new is found once `{waiting.COMMAND}` was run. For large files.",
)
@json_option
@pass_environment
def import_(  # noqa: PLR0913 - a command has a parameter for each of its options
    environment: Environment,
    *,
    paths: tuple[Path, ...],
    format_name: str,
    collection: str,
    approve: Literal["auto", "review"] | None,
    strict: bool,
    defer: bool,
    as_json: bool,
) -> None:
    """Load FILE…: FAQs, pages, past dialogues, exports of other systems, plain or .gz; docs/import.md has the formats.

    The same file a second time changes nothing; an interrupted import goes on where it was when it is called again.
    """
    if not collection.strip() or len(collection) > formats.COLLECTION_LENGTH:
        raise click.UsageError(f"A collection's name has 1 to {formats.COLLECTION_LENGTH} characters.")
    give_back_large_pieces_at_once()
    options = ImportOptions(format_name, collection.strip(), approve, strict, environment.settings.company_contacts)
    try:
        summaries, prepared = anyio.run(_import_all, environment, paths, options, _leave if defer else prepare)
    except IngestionError as error:
        for line in _rejections(error.summary) if error.summary else ():
            click.echo(line, err=True)
        raise
    if as_json:
        found = _document(summaries) | preparing.document(prepared) | {"deferred": defer}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo("\n".join([*_report(summaries), *preparing.report(prepared)]))


async def _leave(environment: Environment, database: Database) -> Prepared:
    """Leave what is new as it is stored, and say what to run next."""
    del environment, database
    click.echo(f"What is new is stored and not found yet: run `{waiting.COMMAND}`.", err=True)
    return Prepared()


async def _import_all(
    environment: Environment, paths: Sequence[Path], options: ImportOptions, then: Then
) -> tuple[list[ImportSummary], Prepared]:
    # A second file that cannot be read is known before the first one is stored.
    for path in paths:
        await anyio.to_thread.run_sync(files.examine, path)
    done: list[ImportSummary] = []
    async with environment.open_database() as database:
        try:
            for path in paths:
                done.append(await _import_one(database, path, options))  # noqa: PERF401 - a failure keeps those before it
        except IngestionError:
            if done:
                await then(environment, database)
            raise
        return done, await then(environment, database)


async def _import_one(database: Database, path: Path, options: ImportOptions) -> ImportSummary:
    with bar(f"Importing {path.name}") as progress:
        return await import_file(database, path, options, progress)


def counts(summary: ImportSummary) -> dict[str, int]:
    """What became of a file, in numbers."""
    values = {name: getattr(summary, name) for name in COUNTS if name != "masked"}
    return {name: summary.masked_total if name == "masked" else values[name] for name in COUNTS}


def _document(summaries: Sequence[ImportSummary]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for summary in summaries:
        total.update(counts(summary))
    rejected = [
        {"file": str(summary.path), summary.unit: rejection.number, "reason": rejection.reason}
        for summary in summaries
        for rejection in summary.rejected
    ]
    return {name: total[name] for name in COUNTS} | {
        "rejected": rejected,
        "rejected_count": sum(summary.rejected_count for summary in summaries),
        "files": [
            {"file": str(summary.path), "format": summary.format, "encoding": summary.encoding}
            | counts(summary)
            | {
                "masked_kinds": dict(summary.masked),
                "not_mined": dict(summary.skipped),
                "left_out": dict(summary.left_out),
                "rejected": [{summary.unit: one.number, "reason": one.reason} for one in summary.rejected],
                "rejected_count": summary.rejected_count,
            }
            for summary in summaries
        ],
    }


def _report(summaries: Sequence[ImportSummary]) -> Iterator[str]:
    for summary in summaries:
        encoded = "" if summary.encoding.startswith("utf-8") else f", {summary.encoding.upper()}"
        yield f"{summary.path} ({summary.format}{encoded})"
        for name, count in counts(summary).items():
            if count or name in ("read", "new"):
                yield f"  {name:<10}{count:>9,}{_details(summary, name)}"
        if summary.left_out:
            yield f"  left out: {', '.join(f'{kind} {count:,}' for kind, count in summary.left_out)}"
        yield f"  {'rejected':<10}{summary.rejected_count:>9,}"
        yield from _rejections(summary)


def _details(summary: ImportSummary, name: str) -> str:
    parts = {"masked": summary.masked, "mined": summary.skipped}.get(name, ())
    listed = ", ".join(f"{count:,} {kind}" for kind, count in parts)
    return f"  ({'not mined: ' if name == 'mined' else ''}{listed})" if listed else ""


def _rejections(summary: ImportSummary) -> Iterator[str]:
    for rejection in summary.rejected[:SHOWN_REJECTIONS]:
        yield f"    {summary.unit} {rejection.number}: {rejection.reason}"
    more, listed = summary.rejected_count - SHOWN_REJECTIONS, len(summary.rejected)
    if more > 0:
        lists = "all" if listed == summary.rejected_count else f"the first {listed:,}"
        yield f"    and {more:,} more (--json lists {lists})"
