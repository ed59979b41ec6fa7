"""What is done with a batch of records: answers of a FAQ, or past dialogues."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, Protocol, TypeVar

from anyio import to_thread
from sqlalchemy.exc import IntegrityError

from knowledge_base.answers import AnswerStatus
from knowledge_base.database import Database
from knowledge_base.ingestion import dialogue_store, faq, faq_store, known_dialogues, mining, past_dialogues
from knowledge_base.ingestion.checked_dialogues import CheckedDialogues
from knowledge_base.ingestion.dialogue_store import Belonging
from knowledge_base.ingestion.faq import FaqLine
from knowledge_base.ingestion.faq_store import FaqRun
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.mining import Mined
from knowledge_base.ingestion.outcome import Outcome
from knowledge_base.ingestion.pace import Pace
from knowledge_base.ingestion.past_dialogues import DialogueLine
from knowledge_base.ingestion.records import LINE, Fields, Record
from knowledge_base.ingestion.summary import Rejection, Tally
from knowledge_base.privacy import codes

Approve = Literal["auto", "review"] | None
STATUSES = {"auto": AnswerStatus.APPROVED, "review": AnswerStatus.PENDING}
MORE_ATTEMPTS = 3
CLEARED_AT_ONCE = 64

Parsed = TypeVar("Parsed", FaqLine, DialogueLine)


class Importer(Protocol):
    """One file's import."""

    pace: Pace

    async def check(self, database: Database, lines: Sequence[Record]) -> list[Rejection]:
        """What storing these lines would reject. Writes nothing."""
        ...

    async def store(self, database: Database, lines: Sequence[Record], tally: Tally) -> None:
        """Store these lines in transactions of their own and count what became of them."""
        ...

    async def finish(self, database: Database, tally: Tally) -> None:
        """What can be done only when the whole file is read."""
        ...


@dataclass(slots=True)
class FaqImporter:
    """The import of FAQ lines."""

    collection: str
    approve: Approve
    unit: str = LINE
    pace: Pace = field(default_factory=Pace)
    run: FaqRun = field(init=False)

    def __post_init__(self) -> None:
        """Without a word about it FAQs are approved: they are the company's own."""
        self.run = FaqRun(STATUSES[self.approve or "auto"], self.approve == "auto", self.unit)

    async def check(self, database: Database, lines: Sequence[Record]) -> list[Rejection]:
        """Bad lines, and second texts for one answer_id."""
        del database
        tally = Tally()
        parsed = await to_thread.run_sync(self._parse, lines, tally)
        return [*tally.rejected, *faq_store.screen(parsed, self.run)[1]]

    async def store(self, database: Database, lines: Sequence[Record], tally: Tally) -> None:
        """One transaction for the batch, none if nothing in it is good."""
        parsed = await to_thread.run_sync(self._parse, lines, tally)
        if not parsed:
            return
        for left in _attempts(parsed):
            try:
                async with self.pace.writing(database, len(parsed)) as session:
                    outcome = await faq_store.store(session, parsed, self.run)
            except IntegrityError:
                if not left:
                    raise
            else:
                outcome.count_into(tally)
                return

    async def finish(self, database: Database, tally: Tally) -> None:
        """Answers lose the tags and dates that the file no longer gives them."""
        unsaid = self.run.unsaid
        while ids := list(islice(unsaid, CLEARED_AT_ONCE)):
            async with database.writing() as session:
                tally.updated += await faq_store.clear_unsaid(session, ids, self.run)

    def _parse(self, lines: Sequence[Record], tally: Tally) -> list[FaqLine]:
        return _parsed(lines, tally, lambda number, fields: faq.parse(number, fields, self.collection))


@dataclass(slots=True)
class DialogueImporter:
    """The import of dialogue lines."""

    source: str
    collection: str
    approve: Approve
    contacts: tuple[str, ...]
    pace: Pace = field(default_factory=Pace)
    checked: CheckedDialogues = field(default_factory=CheckedDialogues)
    codes: frozenset[str] | None = None

    async def check(self, database: Database, lines: Sequence[Record]) -> list[Rejection]:
        """Bad lines, and dialogues whose id stands for other content."""
        tally, outcome = Tally(), Outcome()
        parsed = await to_thread.run_sync(_parsed, lines, tally, past_dialogues.parse)
        async with database.reading() as session:
            known = await known_dialogues.find(session, self.source, [line.dialogue.external_id for line in parsed])
        known |= self.checked.find({line.dialogue.external_id for line in parsed})
        known_dialogues.screen(parsed, known, outcome)
        self.checked.keep(known)
        return [*tally.rejected, *outcome.rejected]

    async def store(self, database: Database, lines: Sequence[Record], tally: Tally) -> None:
        """Mine what is new, outside of any transaction, then write it in one."""
        parsed = await to_thread.run_sync(_parsed, lines, tally, past_dialogues.parse)
        outcome = Outcome()
        async with database.reading() as session:
            stored = await known_dialogues.find(session, self.source, [line.dialogue.external_id for line in parsed])
        new = known_dialogues.screen(parsed, stored, outcome)
        outcome.count_into(tally)
        if not new:
            return
        if self.codes is None:
            async with database.reading() as session:
                self.codes = await codes.load(session)
        mined = await to_thread.run_sync(self._mine, new)
        for left in _attempts(mined):
            try:
                await self._write(database, mined, tally)
            except IntegrityError:
                if not left:
                    raise
            else:
                return

    async def finish(self, database: Database, tally: Tally) -> None:
        """Nothing is left to do."""

    def _mine(self, lines: Sequence[DialogueLine]) -> list[tuple[DialogueLine, Mined]]:
        return [
            (line, mining.mine(line.dialogue, self.contacts, line.names, self.codes or frozenset())) for line in lines
        ]

    async def _write(self, database: Database, mined: Sequence[tuple[DialogueLine, Mined]], tally: Tally) -> None:
        belonging = Belonging(self.source, self.collection, STATUSES[self.approve or "review"])
        async with self.pace.writing(database, len(mined)) as session:
            outcome = await dialogue_store.store(session, mined, belonging)
        outcome.count_into(tally)
        for _, found in mined:
            tally.masked.update(found.masked)
            tally.skipped.update(found.skipped)


def _attempts(lines: Sequence[object]) -> Iterator[int]:
    """How many attempts at storing these lines are left, attempt by attempt.

    Another import may store the same between our look and our write. Then it is there to be found; but that one may be
    at the next line by now, and so on to the last of ours.
    """
    return reversed(range(len(lines) + MORE_ATTEMPTS))


def _parsed(lines: Sequence[Record], tally: Tally, parse: Callable[[int, Fields], Parsed]) -> list[Parsed]:
    """The good ones among these lines; the others are counted as rejected."""
    kept: list[Parsed] = []
    for line in lines:
        tally.stripped += line.stripped
        tally.left_out.update(line.left_out)
        if line.fields is None:
            tally.reject(line.number, line.problem or "it cannot be read")
            continue
        try:
            read = parse(line.number, line.fields)
        except FieldError as error:
            tally.reject(line.number, str(error))
        else:
            tally.stripped += read.stripped
            kept.append(read)
    return kept
