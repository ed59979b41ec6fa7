"""One update of the model, from what was judged to the version that answers, or to the reasons why none does."""

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
import anyio.to_thread

from bot.errors import BotError
from bot.serving.encoder_shelf import DELTAS, TEXTS, EncoderShelf, deltas_of
from bot.serving.opened_version import opened
from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from bot.updates import asked, comparing, gathered, learning, training, trusts
from bot.updates.comparing import Comparison
from bot.updates.gathered import Gathered, questions_of
from bot.updates.judging_again import MOST_BETA, TRAINED_BETA, Verdicts, judge_again
from bot.updates.progress import ENCODE, FIT, GATE, GATHER, JUDGE, TRAIN, Heard, RunProgress
from bot.updates.tidying import drop_unused
from knowledge_base import artefacts, changes, forgetting, judgements, keys, models, update_runs
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.encoding import encode_lagging
from knowledge_base.errors import KnowledgeError, RunLostError
from knowledge_base.models import ModelDraft, ModelVersion
from knowledge_base.update_runs import Ending, UpdateRun
from weaver_core.encoders.encoder import Encoder
from weaver_core.errors import EvidenceError, ModelError
from weaver_core.gate import FEWEST_QUESTIONS
from weaver_core.leave_one_out import Fit
from weaver_core.readers import Reader, Readers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from knowledge_base.memories import Memory

# What becomes of a version that passes: it answers, is asked in the background, or is only told of and forgotten.
PROMOTE, SHADOW, DRY = "promote", "shadow", "dry"
# The weights of two views of which one at least was trained, the heavier one first, and of the words beside them.
TWO_VIEWS, TRAINED_WORDS = (0.65, 0.35), 0.1
# What a company wrote by itself teaches encoders little of how customers ask (docs/experiments.md).
FEWEST_JUDGED = 50
# Encoders are trained again when there is so much more to learn from than they know: a third, or so many texts.
MORE_BY, MORE_TEXTS = 1 / 3, 1000


class ErasedMeanwhileError(BotError):
    """What the run learns from was erased while it ran."""

    def __init__(self) -> None:
        super().__init__("Data was erased while the update ran: what it learned is thrown away.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: what the gate saw (None: there was nothing to learn), the version that was made, if any."""

    said: str
    comparison: Comparison | None = None
    version: ModelVersion | None = None
    promoted: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do. `train` is whether encoders learn too; `ending` what becomes of a version that passes."""

    folder: Path
    by: str
    train: bool = True
    ending: str = PROMOTE


@dataclass(frozen=True, slots=True)
class _Start:
    """What answers when the run begins, what its encoders were trained to and on how many texts, the last change.

    It must retrain when what they were trained on is erased.
    """

    version: ActiveVersion
    sums: Mapping[str, str]
    texts: int
    change: int
    must_retrain: bool


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the encoders are trained to (checksums by the installed encoder's version), on how many texts.

    `scale` is the s that they were trained with, None where they are as they were.
    """

    sums: Mapping[str, str]
    texts: int
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What was learned: the memories, how turns are to be read, with which encoders, and what trust votes have."""

    gathered: Gathered
    readers: Readers
    fits: Mapping[str, Fit]
    learned: _Learned
    trusts: Mapping[UUID, float]


class Update:
    """A run that this process works on."""

    def __init__(
        self, database: Database, shelf: EncoderShelf, options: DecisionOptions, run: UpdateRun, plan: Plan
    ) -> None:
        """The run has been claimed. `plan.folder` is where it keeps what an interrupted one goes on with."""
        self._database, self._shelf, self._options = database, shelf, options
        self._run, self._plan = run, plan
        self._progress = RunProgress(run.figures)

    async def carry_out(self, heard: Heard | None = None) -> Outcome:
        """Do it, and close the run. `heard` is told each stage and how far the whole is.

        Raises RunLostError when somebody cancelled the run or took it over. What goes wrong is written into the run
        before it is raised.
        """
        try:
            with _unwrapped():
                async with self._progress.told(self._database, self._run, heard):
                    outcome = await self._outcome()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await self._release()
            raise
        except (BotError, KnowledgeError, ModelError) as error:
            if not isinstance(error, RunLostError):
                await self._fail(error)
            raise
        self._tidy()
        return outcome

    async def _release(self) -> None:
        """Interrupted, the run waits for whoever goes on with it; the folder stays."""
        async with self._database.writing() as session:
            await update_runs.release(session, self._run)

    async def _fail(self, error: Exception) -> None:
        async with self._database.writing() as session:
            await update_runs.end(session, self._run, Ending(update_runs.FAILED, str(error), {}))
        self._tidy()

    async def _outcome(self) -> Outcome:
        start = await self._start()
        self._progress.begin(GATHER)
        encoders = start.version.readers.encoders
        found = await gathered.gather(self._database, encoders, self._options.company_contacts)
        before = await anyio.to_thread.run_sync(self._retriever, start.version, found)
        try:
            candidate = await self._candidate(found, start, before)
            if candidate is None:
                return await self._close(Outcome("There are too few questions to learn from."))
            comparison = await self._compare(found, candidate, before)
        finally:
            before.close()
        if self._plan.ending == DRY:
            said = "It would answer now." if comparison.verdict.passed else "It would be rejected."
            outcome = await self._close(Outcome(said, comparison))
            await drop_unused(self._database, self._shelf)
            return outcome
        return await self._finish(found, candidate, comparison, start.change)

    async def _start(self) -> _Start:
        """What answers when the run begins."""
        async with self._database.reading() as session:
            change = await changes.latest(session)
            active = await models.active(session)
            waiting = await forgetting.awaiting_retraining(session)
        version = await opened(self._database, self._shelf, active)
        if active is None or version.id is None:
            return _Start(version, {}, 0, change, must_retrain=False)
        texts = int(active.parameters.get(TEXTS, 0))
        return _Start(version, dict(deltas_of(active)), texts, change, must_retrain=active.id in waiting)

    async def _candidate(self, found: Gathered, start: _Start, before: Retriever) -> _Candidate | None:
        most_beta = TRAINED_BETA if start.sums else MOST_BETA
        judged_so_far = self._progress.begin(JUDGE)
        verdicts = await anyio.to_thread.run_sync(judge_again, found, before, most_beta, judged_so_far)
        judged = found.trusting(verdicts.trusts)
        self._say_judged(verdicts)
        learned = await self._learned(judged, verdicts, start)
        encoders = await self._shelf.opened(self._database, learned.sums)
        if learned.sums != start.sums:
            judged = judged.with_memories(await self._encoded(encoders)).trusting(verdicts.trusts)
        fitting = partial(
            learning.fit,
            judged.memories,
            encoders,
            self._progress.begin(FIT),
            start.version.readers if learned.sums == start.sums else None,
            learning.AfterTraining(judged.is_held_out, partial(_read, learned, start)) if learned.sums else None,
        )
        readers, fits = await anyio.to_thread.run_sync(fitting)
        return _Candidate(judged, readers, fits, learned, verdicts.trusts) if fits else None

    async def _learned(self, judged: Gathered, verdicts: Verdicts, start: _Start) -> _Learned:
        """What the encoders are trained to: anew where there is enough that is new, else what they were."""
        self._progress.begin(TRAIN)
        # What was learned from data that is erased is unlearned, whether there is enough to learn anew or not.
        same = _Learned({}, 0) if start.must_retrain else _Learned(start.sums, start.texts)
        if not self._plan.train:
            return same
        names = {encoder: name for encoder in self._shelf.base if (name := self._shelf.name_of(encoder))}
        evidence = {encoder: training.passages(judged, verdicts.labelled, encoder) for encoder in names}
        texts = max(map(len, evidence.values()), default=0)
        if (lacking := _lacking(judged, texts, start)) is not None:
            self._progress.say(f"Encoders are not trained: {lacking}.")
            return same
        sums: dict[str, str] = {}
        scale = None
        for place, (encoder, learned_from) in enumerate(evidence.items()):
            heard = self._progress.training(encoder.version, place, len(names))
            settings = training.settings_of(names[encoder], len(learned_from))
            folder = self._plan.folder / f"encoder-{place}"
            try:
                artefact = await training.train(folder, names[encoder], settings, learned_from, heard)
            except EvidenceError as error:
                self._progress.say(f"{encoder.version} is not trained: {error}")
                continue
            scale = settings.scale
            # Stored at once, so that every process can open it.
            async with self._database.writing() as session:
                sums[encoder.version] = await artefacts.put(session, artefact)
        return _Learned(sums, texts, scale) if sums else same

    def _say_judged(self, verdicts: Verdicts) -> None:
        silenced = sum(trust <= learning.TRUSTED for trust in verdicts.trusts.values())
        self._progress.say(f"{len(verdicts.trusts)} likes were judged again; {silenced} of them are not believed.")
        if verdicts.labelled:
            self._progress.say(f"{len(verdicts.labelled)} other votes tell which answer is the right one.")

    async def _encoded(self, encoders: tuple[Encoder, ...]) -> "list[Memory]":
        """The memories with the candidate's keys, which are made beside the ones that answer."""
        encoded = self._progress.begin(ENCODE)
        async with self._database.reading() as session:
            missing = [await keys.count_missing(session, encoder.version) for encoder in encoders]
        total, done = max(1, sum(missing)), 0
        for encoder, count in zip(encoders, missing, strict=True):
            before = done

            def hear(now: int, _: int, before: int = before) -> None:
                encoded(before + now, total)

            await encode_lagging(self._database, encoder, progress=hear)
            done += count
        return await gathered.load_memories(self._database, encoders)

    async def _compare(self, found: Gathered, candidate: _Candidate, before: Retriever) -> Comparison:
        compared = self._progress.begin(GATE)
        after = await anyio.to_thread.run_sync(self._retriever, ActiveVersion(candidate.readers), candidate.gathered)
        try:
            every = not candidate.learned.sums
            encoders = candidate.readers.encoders
            questions = partial(asked.questions, found, candidate.gathered, encoders, every=every)
            pairs = await anyio.to_thread.run_sync(questions)
            compare = partial(comparing.compare, pairs, before, after, compared)
            return await anyio.to_thread.run_sync(compare)
        finally:
            after.close()

    async def _finish(self, found: Gathered, candidate: _Candidate, comparison: Comparison, began: int) -> Outcome:
        """Store the candidate with what the gate said of it, and let it answer if it may: all of it or nothing."""
        passed = comparison.verdict.passed
        promoted = passed and self._plan.ending == PROMOTE
        async with self._database.writing() as session:
            news = await changes.since(session, began)
            if any(change.kind is ChangeKind.ERASURE for change in news):
                raise ErasedMeanwhileError
            moved = await trusts.put(session, found.trusts(), candidate.trusts)
            state = models.CANDIDATE if passed else models.REJECTED
            version = await models.add(session, self._draft(candidate, moved), state)
            if promoted:
                version = await models.promote(session, version, self._plan.by)
                await judgements.trust_again(session, candidate.trusts)
                await forgetting.retrained(session)
            elif passed:
                version = await models.shadow(session, version)
            outcome = Outcome(_last_words(version, comparison, promoted), comparison, version, promoted)
            await self._end(session, outcome)
        await drop_unused(self._database, self._shelf)
        return outcome

    async def _close(self, outcome: Outcome) -> Outcome:
        async with self._database.writing() as session:
            await self._end(session, outcome)
        return outcome

    async def _end(self, session: "AsyncSession", outcome: Outcome) -> None:
        self._progress.end()
        gate = {"gate": outcome.comparison.to_json()} if outcome.comparison else {}
        figures = {**self._progress.figures(), **gate}
        said = "\n".join([*self._progress.said(), outcome.said])
        version_id = outcome.version.id if outcome.version else None
        await update_runs.end(session, self._run, Ending(update_runs.DONE, said, figures, version_id))

    def _draft(self, candidate: _Candidate, moved: str | None) -> ModelDraft:
        learned = candidate.learned
        known: dict[str, Any] = {DELTAS: dict(learned.sums), TEXTS: learned.texts}
        if moved:
            known[trusts.TRUSTS] = moved
        return learning.draft(candidate.readers, candidate.fits, known)

    def _retriever(self, version: ActiveVersion, found: Gathered) -> Retriever:
        retriever = Retriever(version.readers.encoders, version, self._options)
        retriever.replace(found.memories)
        return retriever

    def _tidy(self) -> None:
        """Nothing of what customers said stays in the folder; a killed run leaves it, and goes on with it."""
        shutil.rmtree(self._plan.folder, ignore_errors=True)


@contextmanager
def _unwrapped() -> Generator[None]:
    """What goes wrong in a group of tasks, as itself where it is one thing."""
    try:
        yield
    except BaseExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise


def _lacking(judged: Gathered, texts: int, start: _Start) -> str | None:
    """What there is too little of to train on, as a clause; None where there is enough."""
    judgements = len(judged.judged) + len(judged.unwritten)
    if judgements < FEWEST_JUDGED:
        return f"{judgements} judgements are too few"
    held = sum(judged.is_held_out(position) for memory in judged.memories for position, _ in questions_of(memory))
    if held < FEWEST_QUESTIONS:
        return f"{held} questions to measure them on are too few"
    if not start.must_retrain and texts < start.texts + min(start.texts * MORE_BY, MORE_TEXTS):
        return f"{texts} texts are hardly more than the {start.texts} they know"
    return None


def _read(learned: _Learned, start: _Start, shipped: Reader, language: str) -> Reader:
    """How trained encoders are read: as before where they are the same, else by the s that they were trained with.

    The other view keeps a third of the say: both leave-one-out and the votes would give it all to the view that has
    learned their questions by heart (docs/experiments.md).
    """
    if learned.scale is None:
        return start.version.readers.fitted.get(language, shipped)
    views = dict(shipped.parameters.views)
    read = shipped.parameters.read_views
    for place, view in enumerate(read):
        weight = views[view].weight if len(read) != len(TWO_VIEWS) else TWO_VIEWS[place]
        views[view] = replace(views[view], scale=learned.scale, weight=weight)
    return replace(shipped, parameters=replace(shipped.parameters, views=views, words=TRAINED_WORDS))


def _last_words(version: ModelVersion, comparison: Comparison, promoted: bool) -> str:  # noqa: FBT001 - how it ended
    if promoted:
        return f"{version.name} answers now."
    return (
        f"{version.name} passed the gate and is asked in the background."
        if comparison.verdict.passed
        else f"{version.name} is rejected."
    )
