"""One update of the model, from what was judged to the version that answers, or to the reasons why none does."""

import shutil
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import anyio
import anyio.to_thread

from bot import learning
from bot.encoder_shelf import EncoderShelf, name_with
from bot.errors import BotError
from bot.options import DecisionOptions
from bot.retriever import ActiveVersion, Retriever
from bot.updates import comparing, gathered, training, trusts
from bot.updates.comparing import Comparison
from bot.updates.gathered import Gathered, questions_of
from bot.updates.judging_again import judge_again
from knowledge_base import artefacts, changes, forgetting, judgements, keys, models, update_runs
from knowledge_base.artefacts import Artefact
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
from weaver_core.readers import Readers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from knowledge_base.memories import Memory

BEAT_SECONDS = 5.0
# How much of a run each stage is, in the order in which they come.
STAGES = {"gather": 0.02, "judge": 0.08, "train": 0.5, "encode": 0.2, "fit": 0.1, "gate": 0.1}
KEYS_AT_ONCE = 2000


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
    """What a run is to do. `train` is whether encoders learn too; a dry run measures and changes nothing."""

    folder: Path
    by: str
    train: bool = True
    dry: bool = False


@dataclass(slots=True)
class _Told:
    """How far the run is, as its next sign of life will say."""

    stage: str = "gather"
    progress: float = 0.0
    words: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What was learned: how turns are to be read, with which encoders, and what trust votes have."""

    gathered: Gathered
    readers: Readers
    fits: Mapping[str, Fit]
    deltas: Mapping[str, Artefact]
    trusts: Mapping[UUID, float]


class Update:
    """A run that this process works on."""

    def __init__(
        self, database: Database, shelf: EncoderShelf, options: DecisionOptions, run: UpdateRun, plan: Plan
    ) -> None:
        """The run has been claimed. `plan.folder` is where it keeps what an interrupted one goes on with."""
        self._database, self._shelf, self._options = database, shelf, options
        self._run, self._plan = run, plan
        self._told = _Told()

    async def carry_out(self, heard: Callable[[str, float], None] | None = None) -> Outcome:
        """Do it, and close the run. `heard` is told each stage and how far the whole is.

        Raises RunLostError when somebody cancelled the run or took it over. What goes wrong is written into the run
        before it is raised.
        """
        try:
            with _unwrapped():
                async with self._beating(heard):
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
        async with self._database.reading() as session:
            began = await changes.latest(session)
            active = await models.active(session)
        encoders = await self._shelf.of(self._database, active)
        version = ActiveVersion(Readers(self._shelf.base))
        if active is not None and self._shelf.reads(active):
            version = ActiveVersion(Readers.from_json(active.parameters, encoders), active.name, active.id)
        self._tell("gather")
        found = await gathered.gather(self._database, encoders)
        before = await anyio.to_thread.run_sync(self._retriever, version, found)
        try:
            candidate = await self._candidate(found, version, before)
            if candidate is None:
                return await self._close(Outcome("There are too few questions to learn from."))
            comparison = await self._compare(found, candidate, before)
        finally:
            before.close()
        if self._plan.dry:
            said = "It would answer now." if comparison.verdict.passed else "It would be rejected."
            outcome = await self._close(Outcome(said, comparison))
            await self._drop_unused()
            return outcome
        return await self._finish(found, candidate, comparison, began)

    async def _candidate(self, found: Gathered, version: ActiveVersion, before: Retriever) -> _Candidate | None:
        self._tell("judge")
        progress = partial(self._hear, "judge")
        believed = await anyio.to_thread.run_sync(judge_again, found, before, progress)
        judged = found.trusting(believed)
        silenced = sum(trust <= learning.TRUSTED for trust in believed.values())
        self._say(f"{len(believed)} likes were judged again; {silenced} of them are not believed.")
        deltas = await self._train(judged) if self._plan.train else {}
        encoders = await self._encoders(deltas)
        if deltas:
            judged = judged.with_memories(await self._encoded(encoders)).trusting(believed)
        self._tell("fit")
        fitting = partial(
            learning.fit,
            judged.memories,
            encoders,
            partial(self._hear, "fit"),
            version.readers if encoders == version.readers.encoders else None,
            judged.is_held_out if deltas else None,
        )
        readers, fits = await anyio.to_thread.run_sync(fitting)
        return _Candidate(judged, readers, fits, deltas, believed) if fits else None

    async def _train(self, judged: Gathered) -> dict[str, Artefact]:
        """What each encoder was trained to, by its version; nothing where there is too little to learn from."""
        self._tell("train")
        held = sum(judged.is_held_out(position) for memory in judged.memories for position, _ in questions_of(memory))
        if held < FEWEST_QUESTIONS:
            self._say(f"Encoders are not trained: {held} questions to measure them on are too few.")
            return {}
        trained: dict[str, Artefact] = {}
        learners = [encoder for encoder in self._shelf.base if self._shelf.name_of(encoder)]
        for place, encoder in enumerate(learners):
            learned_from = training.passages(judged, encoder)
            settings = training.settings_of(encoder, len(learned_from))
            share = partial(self._hear_share, "train", place, len(learners))
            try:
                folder = self._plan.folder / f"encoder-{place}"
                name = self._shelf.name_of(encoder) or ""
                trained[encoder.version] = await training.train(folder, name, settings, learned_from, share)
            except EvidenceError as error:
                self._say(f"{encoder.version} is not trained: {error}")
        return trained

    async def _encoders(self, deltas: Mapping[str, Artefact]) -> tuple[Encoder, ...]:
        """The candidate's encoders. What was trained is stored first, so that every process can open it."""
        self._tell("encode")
        async with self._database.writing() as session:
            for artefact in deltas.values():
                await artefacts.put(session, artefact)
        sums = {version: artefact.sha256 for version, artefact in deltas.items()}
        return await self._shelf.opened(self._database, sums)

    async def _encoded(self, encoders: tuple[Encoder, ...]) -> "list[Memory]":
        """The memories with the candidate's keys, which are made beside the ones that answer."""
        async with self._database.reading() as session:
            missing = [await keys.count_missing(session, encoder.version) for encoder in encoders]
        total, done = max(1, sum(missing)), 0
        for encoder, count in zip(encoders, missing, strict=True):
            before = done

            def hear(now: int, _: int, before: int = before) -> None:
                self._hear("encode", before + now, total)

            await encode_lagging(self._database, encoder, progress=hear)
            done += count
        return await gathered.load_memories(self._database, encoders)

    async def _compare(self, found: Gathered, candidate: _Candidate, before: Retriever) -> Comparison:
        self._tell("gate")
        after = await anyio.to_thread.run_sync(self._retriever, ActiveVersion(candidate.readers), candidate.gathered)
        try:
            asked = comparing.questions(found, candidate.gathered, every=not candidate.deltas)
            compare = partial(comparing.compare, asked, before, after, partial(self._hear, "gate"))
            return await anyio.to_thread.run_sync(compare)
        finally:
            after.close()

    async def _finish(self, found: Gathered, candidate: _Candidate, comparison: Comparison, began: int) -> Outcome:
        """Store the candidate with what the gate said of it, and let it answer if it may: all of it or nothing."""
        promoted = comparison.verdict.passed
        state = models.CANDIDATE if promoted else models.REJECTED
        async with self._database.writing() as session:
            news = await changes.since(session, began)
            if any(change.kind is ChangeKind.ERASURE for change in news):
                raise ErasedMeanwhileError
            moved = await trusts.put(session, found.trusts(), candidate.trusts)
            version = await models.add(session, self._draft(candidate, moved), state)
            if promoted:
                version = await models.promote(session, version, self._plan.by)
                await judgements.trust_again(session, candidate.trusts)
                await forgetting.retrained(session)
            outcome = Outcome(_last_words(version, comparison, promoted), comparison, version, promoted)
            await self._end(session, outcome)
        await self._drop_unused()
        return outcome

    async def _close(self, outcome: Outcome) -> Outcome:
        async with self._database.writing() as session:
            await self._end(session, outcome)
        return outcome

    async def _end(self, session: "AsyncSession", outcome: Outcome) -> None:
        figures = {"gate": outcome.comparison.to_json()} if outcome.comparison else {}
        said = "\n".join([*self._told.words, outcome.said])
        self._told.words.clear()
        version_id = outcome.version.id if outcome.version else None
        await update_runs.end(session, self._run, Ending(update_runs.DONE, said, figures, version_id))

    def _draft(self, candidate: _Candidate, moved: str | None) -> ModelDraft:
        sums = {version: artefact.sha256 for version, artefact in candidate.deltas.items()}
        draft = learning.draft(candidate.readers, candidate.fits, sums)
        parameters = {**draft.parameters, **({trusts.TRUSTS: moved} if moved else {})}
        return ModelDraft(name_with(self._shelf.base, sums), parameters, draft.metrics, draft.log)

    async def _drop_unused(self) -> None:
        """Delete the keys and the trained weights that neither answer nor may be rolled back to."""
        async with self._database.reading() as session:
            kept = await models.kept(session)
        wanted = {part for version in kept for part in self._shelf.parts(version)}
        wanted |= {encoder.version for encoder in self._shelf.base}
        while True:
            async with self._database.writing() as session:
                if not await keys.drop_all_but(session, sorted(wanted), KEYS_AT_ONCE):
                    break

    def _retriever(self, version: ActiveVersion, found: Gathered) -> Retriever:
        retriever = Retriever(version.readers.encoders, version, self._options)
        retriever.replace(found.memories)
        return retriever

    @asynccontextmanager
    async def _beating(self, heard: Callable[[str, float], None] | None) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(self._beat, heard)
            yield
            group.cancel_scope.cancel()

    async def _beat(self, heard: Callable[[str, float], None] | None) -> None:
        while True:
            said, self._told.words = self._told.words, []
            async with self._database.writing() as session:
                await update_runs.report(session, self._run, self._told.stage, self._told.progress, "\n".join(said))
            if heard is not None:
                heard(self._told.stage, self._told.progress)
            await anyio.sleep(BEAT_SECONDS)

    def _tell(self, stage: str) -> None:
        self._told.stage = stage
        self._hear(stage, 0, 1)

    def _say(self, sentence: str) -> None:
        self._told.words.append(sentence)

    def _hear(self, stage: str, done: int, total: int) -> None:
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(stage)])
        self._told.progress = before + STAGES[stage] * done / max(1, total)

    def _hear_share(self, stage: str, place: int, places: int, done: int, total: int) -> None:
        self._hear(stage, place * max(1, total) + done, places * max(1, total))

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


def _last_words(version: ModelVersion, comparison: Comparison, promoted: bool) -> str:  # noqa: FBT001 - how it ended
    if promoted:
        return f"{version.name} answers now."
    return f"{version.name} passed the gate and waits." if comparison.verdict.passed else f"{version.name} is rejected."
