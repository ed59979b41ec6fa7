"""Planted secrets: how many are masked, what another customer could read; what is masked where none is; its time.

`python -m benchmarks.privacy` (or with a number of dialogues and a seed behind it) prints the tables of
docs/privacy.md. The dialogues are imported with `--approve auto`, the worst case: no reviewer looks at anything. What
another customer could read are the words of every answer that the bot may send, with its title, and every line of
`weaver export`: all faces draw from these. `tests/bot/test_planted_secrets.py` asks the faces themselves.
"""

import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from sqlalchemy import select

from benchmarks import data
from benchmarks.planting import dialogues
from benchmarks.planting.dialogues import Planted
from benchmarks.planting.secret import Group, Secret, Shown
from knowledge_base import answers, exports, schema
from knowledge_base.database import Database
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.privacy import found_in, mask
from knowledge_base.tables import DialogueRow, TurnRow

DIALOGUES, SEED = 2000, 77
SHOP = Path(__file__).resolve().parent.parent / "examples" / "shop"
ALL = 1_000_000
Kind = tuple[str, str]


@dataclass(slots=True)
class Counted:
    """Secrets by kind and language: planted and masked by group, and shown to others."""

    planted: Counter[tuple[Kind, Group]] = field(default_factory=Counter[tuple[Kind, Group]])
    masked: Counter[tuple[Kind, Group]] = field(default_factory=Counter[tuple[Kind, Group]])
    shown: Counter[Kind] = field(default_factory=Counter[Kind])


def main() -> None:
    """Print everything."""
    given = [int(value) for value in sys.argv[1:]]
    count, seed = [*given, *(DIALOGUES, SEED)[len(given) :]]
    print_planted(anyio.run(count_planted, dialogues.plant(count, seed)))
    print_masked_elsewhere()


async def count_planted(planted: Sequence[Planted]) -> Counted:
    """Import the dialogues into an empty installation and look for their secrets in what is stored and shown."""
    counted = Counted()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "planted.jsonl"
        path.write_text("".join(json.dumps(one.line) + "\n" for one in planted), encoding="utf-8")
        url = f"sqlite:///{folder}/weaver.db"
        schema.upgrade(url)
        database = Database(url)
        summary = await import_file(database, path, ImportOptions(approve="auto"))
        async with database.reading() as session:
            held = await answers.find(session, limit=ALL)
            lines = [f"{line['question']}\n{line['title']}" async for line in exports.faq(session)]
            stored: defaultdict[str, list[str]] = defaultdict(list)
            query = select(DialogueRow.external_id, TurnRow.text).join(TurnRow, TurnRow.dialogue_id == DialogueRow.id)
            for name, text in await session.execute(query):
                stored[str(name)].append(text)
        await database.close()
    for one in planted:
        _count(one.secrets, Shown("\n".join(stored[one.line["id"]])), counted)
    sent = [answer for answer in held if not answer.personal]
    shown = Shown("\n".join([*(f"{answer.title}\n{answer.text}" for answer in sent), *lines]))
    for secret in (secret for one in planted for secret in one.secrets if secret.is_in(shown)):
        counted.shown[secret.kind, secret.language] += 1
    print(
        f"{summary.new} dialogues, {summary.mined} pairs, {len(held)} answers, {len(sent)} of which the bot may send\n"
    )
    return counted


def _count(secrets: Sequence[Secret], stored: Shown, counted: Counted) -> None:
    for secret in secrets:
        place = ((secret.kind, secret.language), secret.group)
        counted.planted[place] += 1
        counted.masked[place] += not secret.is_in(stored)


def print_planted(counted: Counted) -> None:
    """The table of recall by kind, and the sums, without the kind that no rule is for."""
    print("| kind | language | planted | masked | known shapes | counted first | unseen | shown to another |")
    print("|---|---|---|---|---|---|---|---|")
    kinds = sorted({kind for kind, _ in counted.planted}, key=lambda kind: (kind[0] == "particular", kind))
    for kind in kinds:
        print_row(*kind, [kind], counted)
    print_row("all but particulars", "", [kind for kind in kinds if kind[0] != "particular"], counted)


def print_row(name: str, language: str, kinds: Sequence[Kind], counted: Counted) -> None:
    """One row: recall in all, and by how well the shapes and sentences were known while the rules were made."""
    parts = []
    for groups in (tuple(Group), *((group,) for group in Group)):
        planted = sum(counted.planted[kind, group] for kind in kinds for group in groups)
        masked = sum(counted.masked[kind, group] for kind in kinds for group in groups)
        parts.append((planted, f"{masked / planted:.3f}" if planted else "–"))
    recalls = " | ".join(recall for _, recall in parts)
    print(f"| {name} | {language} | {parts[0][0]:,} | {recalls} | {sum(counted.shown[kind] for kind in kinds)} |")


def print_masked_elsewhere() -> None:
    """What is masked in texts in which nothing was planted, and how long that takes."""
    print("\n| texts | tokens | masked a thousand tokens, by kind | CPU ms a turn |")
    print("|---|---|---|---|")
    for name, texts in (
        ("sample shop's FAQ", shop()),
        ("TweetSumm", past("tweetsumm")),
        ("CrossWOZ", past("crosswoz")),
    ):
        kinds: Counter[str] = Counter()
        tokens = turns = 0
        began = time.process_time()
        for dialogue in texts:
            known = sorted(found_in(dialogue)) if len(dialogue) > 1 else []
            for text in dialogue:
                kinds.update(dict(mask(text, (), known).kinds))
                turns += 1
        taken = (time.process_time() - began) / turns
        tokens = sum(len(text.split()) if text.isascii() else len(text) for dialogue in texts for text in dialogue)
        rates = ", ".join(f"{kind} {number / tokens * 1000:.2f}" for kind, number in kinds.most_common())
        print(f"| {name} | {tokens:,} | {rates} | {taken * 1000:.3f} |")


def shop() -> list[list[str]]:
    """The FAQ of the sample shop, a text a list: questions, answers and titles, each once."""
    lines = [json.loads(line) for language in ("en", "zh") for line in _lines(SHOP / f"faq.{language}.jsonl")]
    return [[text] for text in dict.fromkeys(text for line in lines for text in (line["question"], line["answer"]))]


def past(name: str) -> list[list[str]]:
    """The turns of real dialogues."""
    return [[turn["text"] for turn in row["turns"]] for row in data.rows(f"{name}/dialogues.jsonl")]


def _lines(path: Path) -> Iterator[str]:
    yield from path.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
