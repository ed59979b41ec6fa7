"""An update of the model: what it learns, what the gate says, and what is left when it is refused or interrupted."""

from pathlib import Path
from uuid import UUID

import anyio
import numpy as np
import pytest

from bot import holder
from bot.reply import Query
from bot.serving.active_model import Serving
from bot.serving.encoder_shelf import DELTAS, EncoderShelf
from bot.serving.options import DecisionOptions
from bot.updates import learning, report, training
from bot.updates.gathered import Gathered
from bot.updates.progress import RunProgress
from bot.updates.run import DRY, PROMOTE, ErasedMeanwhileError, Outcome, Plan, Update
from knowledge_base import answers, changes, frozen_questions, judgements, keys, models, update_runs
from knowledge_base.answers import Answer
from knowledge_base.artefacts import Artefact
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import RunLostError, RunUnderWayError
from knowledge_base.frozen_questions import FrozenQuestion
from knowledge_base.update_runs import Ending
from tests import trained
from tests.bot import updating
from tests.patience import PATIENCE_SECONDS
from weaver_core import leave_one_out, off_policy, trust
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.gate import Cause
from weaver_core.readers import Readers
from weaver_core.training.evidence import Passage
from weaver_core.training.progress import Progress, Report
from weaver_core.training.settings import EncoderSettings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

# So little that it takes a second, and all of the way from the evidence to a checkpoint.
LIKED = "today {} {}".format(*updating.TOPICS[0])
# Liked of an answer that it is no question for.
MISTAKEN = "today {} {}".format(*updating.TOPICS[20])
QUICK = EncoderSettings(scale=0.0, epochs=1, rank=2, learning_rate=1e-4, batch=32, half=False)


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return updating.write_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(transformer: Path, cache: Path) -> OnnxEncoder:
    return OnnxEncoder(export.exported(sources.find(str(transformer)), cache))


class Site:
    """A memory with an encoder that can be trained."""

    def __init__(self, database: Database, encoder: OnnxEncoder, transformer: Path, folder: Path) -> None:
        self.database, self.encoder, self.transformer, self.folder = database, encoder, transformer, folder
        self.answers = list[Answer]()

    def serving(self) -> Serving:
        """A model that is not loaded yet."""
        return Serving(self.database, [self.encoder], DecisionOptions(), names=[str(self.transformer)])

    async def claimed(self) -> update_runs.UpdateRun:
        """A run that was asked for and is ours."""
        async with self.database.writing() as session:
            asked = await update_runs.request(session, "ada")
            return await update_runs.claim(session, asked.id, holder.this_process())

    async def update(self, *, train: bool = True, ending: str = PROMOTE) -> Outcome:
        """A whole update."""
        run = await self.claimed()
        plan = Plan(self.folder / str(run.id), "ada", train, ending)
        shelf = EncoderShelf([self.encoder], [str(self.transformer)])
        return await Update(self.database, shelf, DecisionOptions(), run, plan).carry_out()

    async def trusts(self, *position_ids: UUID) -> list[float]:
        """The trust of these positions now."""
        async with self.database.reading() as session:
            held = await judgements.trusts(session, position_ids)
        return [held[position_id] for position_id in position_ids]


@pytest.fixture
async def site(
    sqlite_database: Database,
    encoder: OnnxEncoder,
    transformer: Path,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(training, "settings_of", lambda name, texts: QUICK)  # noqa: ARG005
    # A random encoder knows little that training could improve: its words carry it.
    monkeypatch.setattr("bot.updates.run.TRAINED_WORDS", 0.3)
    monkeypatch.setattr("bot.updates.run.FEWEST_JUDGED", 0)
    site = Site(sqlite_database, encoder, transformer, tmp_path / "updates")
    site.answers = await updating.teach(sqlite_database, encoder)
    assert await learning.refit(sqlite_database, [encoder], "import") is not None
    return site


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that lets pass what a training of one epoch made: which questions it sees, their random ids decide."""
    monkeypatch.setattr("weaver_core.gate.PROBABLY_WORSE", 1.1)


@pytest.mark.usefixtures("lenient")
async def test_an_update_trains_measures_and_lets_the_new_version_answer(site: Site) -> None:
    right = await updating.like(site.database, site.encoder, LIKED, site.answers[0], -0.3)
    wrong = await updating.like(site.database, site.encoder, MISTAKEN, site.answers[30], -0.3)
    serving = site.serving()
    async with serving.following():
        outcome = await site.update()
        await serving.settle()
        assert outcome.promoted
        assert outcome.version is not None
        assert serving.model_version == outcome.version.name
        assert serving.encoders[0].version.startswith(f"{site.encoder.version}+")
        reply = await serving.respond(Query(updating.questions_about(updating.TOPICS[5])[7]))
        assert reply.answer is not None
        assert reply.answer.id == site.answers[5].id
    believed, silenced = await site.trusts(right, wrong)
    assert np.log(trust.LEAST_BELIEVED) < believed < 0
    assert silenced < -10
    async with site.database.reading() as session:
        run = (await update_runs.latest(session))[0]
        version = await models.active(session)
    assert run.state == update_runs.DONE
    assert run.figures["gate"]["passed"]
    assert {one["name"] for one in run.figures["gate"]["sets"]} >= {"memory"}
    assert version is not None
    assert version.promoted_by == "ada"
    assert not list(site.folder.rglob("evidence.jsonl"))
    assert any("answers now" in line for line in report.lines(outcome))


@pytest.fixture
def seen(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[Passage]:
    """What the updates of a test train on, which is looked at and not trained on."""
    seen: list[Passage] = []

    async def look(folder: Path, name: str, settings: object, learned_from: list[Passage], _: object) -> Artefact:
        del folder, settings
        seen.extend(learned_from)
        return trained.artefact(Path(name), site.folder)

    monkeypatch.setattr(training, "train", look)
    return seen


def never_hold_out(subject_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a judgement be learned from: which are kept for the gate, their ids decide."""
    keeps = Gathered.keeps
    monkeypatch.setattr(Gathered, "keeps", lambda found, subject: subject != subject_id and keeps(found, subject))


async def test_what_was_voted_down_is_learned_as_what_it_most_likely_asks_for(
    site: Site, seen: list[Passage], monkeypatch: pytest.MonkeyPatch
) -> None:
    never_hold_out(await updating.dislike(site.database, LIKED, site.answers[30]), monkeypatch)
    await site.update()
    (passage,) = [passage for passage in seen if passage.text == LIKED]
    assert passage.answer == str(site.answers[0].id)
    assert 0 < passage.noise < 1 - trust.LEAST_BELIEVED
    async with site.database.reading() as session:
        log = (await update_runs.latest(session))[0].log
    assert "1 other votes tell which answer is the right one." in log


@pytest.mark.parametrize(("propensity", "weight"), [(1.0, 1.0), (0.25, 4.0), (0.01, off_policy.CLIP)])
async def test_what_was_seldom_shown_counts_the_more_when_it_is_liked(
    site: Site, seen: list[Passage], monkeypatch: pytest.MonkeyPatch, propensity: float, weight: float
) -> None:
    liked = await updating.like(site.database, site.encoder, LIKED, site.answers[0], -0.3, propensity)
    async with site.database.reading() as session:
        never_hold_out((await judgements.of_positions(session))[liked].feedback_id, monkeypatch)
    await site.update()
    assert [passage.weight for passage in seen if passage.text == LIKED] == [weight]
    assert {passage.weight for passage in seen if passage.text != LIKED} == {1.0}


async def test_a_suggestion_that_was_picked_is_learned_by_how_likely_it_stood_where_it_stood(
    site: Site, seen: list[Passage], monkeypatch: pytest.MonkeyPatch
) -> None:
    picked = await updating.pick(site.database, LIKED, site.answers[0], site.answers[1:3], 0.2)
    never_hold_out(picked, monkeypatch)
    await site.update()
    (passage,) = [passage for passage in seen if passage.text == LIKED]
    assert (passage.answer, passage.weight) == (str(site.answers[0].id), 5.0)
    assert 0 < passage.noise < 1 - trust.LEAST_BELIEVED


@pytest.mark.usefixtures("lenient", "seen")
async def test_what_is_imported_after_a_training_is_read_as_the_trained_encoders_are(site: Site) -> None:
    promoted = (await site.update()).version
    assert promoted is not None
    assert promoted.parameters[DELTAS]
    shelf = EncoderShelf([site.encoder], [str(site.transformer)])
    encoders = await shelf.of(site.database, promoted)
    fitted = await learning.refit(site.database, encoders, "import")
    assert fitted is not None
    assert fitted.parameters[DELTAS] == promoted.parameters[DELTAS]
    before, after = (Readers.from_json(version.parameters, encoders).of("en") for version in (promoted, fitted))
    assert before.parameters.views[encoders[0].version].scale == QUICK.scale
    assert after.parameters.views == before.parameters.views
    assert after.parameters.words == before.parameters.words


async def test_a_dry_run_measures_and_changes_nothing(site: Site) -> None:
    liked = await updating.like(site.database, site.encoder, LIKED, site.answers[0], -0.3)
    async with site.database.reading() as session:
        before = await changes.latest(session)
    outcome = await site.update(train=False, ending=DRY)
    assert outcome.comparison is not None
    assert outcome.version is None
    assert outcome.said == "It would answer now."
    assert await site.trusts(liked) == [-0.3]
    async with site.database.reading() as session:
        assert await changes.latest(session) == before
        assert len(await models.every(session)) == 1
        assert await keys.versions(session) == [site.encoder.version]


async def test_what_both_versions_are_worth_by_the_votes_is_told_with_its_interval(site: Site) -> None:
    for place in range(30):
        asked = "today {} {} and {}".format(*updating.TOPICS[place])
        await updating.judge(site.database, asked, site.answers[place], "up", "visitor")
    outcome = await site.update(train=False, ending=DRY)
    assert outcome.comparison is not None
    told = outcome.comparison.to_json()["value"]
    assert told["before"]["mean"] == told["after"]["mean"] == 1.0
    assert told["after"]["votes"] > 20
    assert [line for line in report.lines(outcome) if line.startswith("liked, by the votes on what was shown: 100.0%")]


async def ruined(folder: Path, name: str, settings: EncoderSettings, learned_from: object, report: Report) -> Artefact:
    """A training that unlearns everything."""
    del settings, learned_from
    report(Progress(1, 1, 0.0))
    return trained.artefact(Path(name), folder, 300.0, trained.LAST)


async def ruin(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on training unlearns everything, and no words help it out."""
    monkeypatch.setattr(leave_one_out, "WORDS", (0.0,))
    monkeypatch.setattr("bot.updates.run.TRAINED_WORDS", 0.0)
    assert await learning.refit(site.database, [site.encoder], "import") is not None
    monkeypatch.setattr(training, "train", ruined)


async def test_a_worse_candidate_is_refused_in_plain_words_and_the_memory_is_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    liked = await updating.like(site.database, site.encoder, MISTAKEN, site.answers[30], -0.3)
    await ruin(site, monkeypatch)
    outcome = await site.update()
    assert not outcome.promoted
    assert outcome.version is not None
    assert outcome.version.state == models.REJECTED
    assert outcome.comparison is not None
    assert Cause.WORSE in {refusal.cause for refusal in outcome.comparison.verdict.refusals}
    lost, _ = outcome.comparison.changed()
    assert lost
    assert lost[0].before.right
    assert await site.trusts(liked) == [-0.3]
    assert "It is probably worse on all together." in list(report.lines(outcome))
    async with site.database.reading() as session:
        assert (await models.active(session) or outcome.version).name == "v2"
        assert await keys.versions(session) == [site.encoder.version]


async def test_what_must_not_break_and_what_is_frozen_is_looked_at(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = [FrozenQuestion("today {} {}".format(*topic), (topic[0],), ()) for topic in updating.TOPICS]
    async with site.database.writing() as session:
        await answers.guard(session, site.answers[3].id, must_not_break=True)
        assert await frozen_questions.freeze(session, "frozen.jsonl", frozen) == len(frozen)
    await ruin(site, monkeypatch)
    outcome = await site.update()
    assert outcome.comparison is not None
    refusals = {(refusal.cause, refusal.of) for refusal in outcome.comparison.verdict.refusals}
    assert (Cause.WORSE, "frozen") in refusals
    # Its questions are known word for word, whatever the encoder makes of them.
    assert not outcome.comparison.broken
    assert len([one for one in outcome.comparison.answered if one.question.of == "must_not_break"]) == len(
        updating.WORDINGS
    )


async def test_what_a_company_wrote_by_itself_trains_no_encoder(
    site: Site, seen: list[Passage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.updates.run.FEWEST_JUDGED", 2)
    await updating.like(site.database, site.encoder, LIKED, site.answers[0], -0.3)
    await site.update()
    assert seen == []
    async with site.database.reading() as session:
        assert "Encoders are not trained: 1 judgements are too few." in (await update_runs.latest(session))[0].log
    await updating.dislike(site.database, LIKED, site.answers[30])
    await site.update()
    assert seen


async def test_an_update_of_a_memory_with_hardly_any_question_says_so(
    sqlite_database: Database, encoder: OnnxEncoder, transformer: Path, tmp_path: Path
) -> None:
    outcome = await Site(sqlite_database, encoder, transformer, tmp_path).update()
    assert (outcome.said, outcome.version) == ("There are too few questions to learn from.", None)
    async with sqlite_database.reading() as session:
        assert (await update_runs.latest(session))[0].state == update_runs.DONE


async def test_no_sign_of_life_comes_after_a_runs_own_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.updates.progress.BEAT_SECONDS", 0.01)
    run, signs = await site.claimed(), RunProgress()
    async with signs.told(site.database, run, None):
        signs.end()
        async with site.database.writing() as session:
            await update_runs.end(session, run, Ending(update_runs.DONE, "", {}))
        await anyio.sleep(0.5)
    async with site.database.reading() as session:
        assert (await update_runs.get(session, run.id)).state == update_runs.DONE


async def test_one_update_at_a_time_and_a_cancelled_one_ends_at_its_next_sign_of_life(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await site.claimed()
    async with site.database.writing() as session:
        assert (await update_runs.request(session, "bob")).id == run.id
        with pytest.raises(RunUnderWayError, match="under way already"):
            await update_runs.claim(session, run.id, "elsewhere:1")
        await update_runs.cancel(session, run.id, "bob")

    async def forever(*_: object) -> Artefact:
        await anyio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(training, "train", forever)
    monkeypatch.setattr("bot.updates.progress.BEAT_SECONDS", 0.05)
    shelf = EncoderShelf([site.encoder], [str(site.transformer)])
    with anyio.fail_after(2 * PATIENCE_SECONDS), pytest.raises(RunLostError):
        await Update(site.database, shelf, DecisionOptions(), run, Plan(site.folder, "ada")).carry_out()
    async with site.database.reading() as session:
        ended = await update_runs.get(session, run.id)
    assert (ended.state, ended.log.strip()) == (update_runs.CANCELLED, "Cancelled by bob.")


@pytest.mark.usefixtures("lenient")
async def test_an_interrupted_update_waits_for_whoever_goes_on_with_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = anyio.Event()
    whole = training.train

    async def stuck(*given: object) -> Artefact:
        await whole(*given)  # type: ignore[arg-type]
        begun.set()
        await anyio.sleep_forever()
        raise AssertionError

    async with anyio.create_task_group() as group:
        with monkeypatch.context() as patched:
            patched.setattr(training, "train", stuck)
            group.start_soon(site.update)
            await begun.wait()
            group.cancel_scope.cancel()
    async with site.database.reading() as session:
        waiting = await update_runs.waiting(session)
    assert waiting is not None
    assert waiting.state == update_runs.QUEUED
    assert list(site.folder.rglob("checkpoint"))
    monkeypatch.setattr("weaver_core.training.process.start", None)
    outcome = await site.update()
    assert outcome.promoted


async def test_what_is_erased_while_an_update_runs_is_not_learned(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    liked = await updating.like(site.database, site.encoder, LIKED, site.answers[0], -0.3)

    async def erase(*_: object) -> Artefact:
        async with site.database.writing() as session:
            await changes.record(session, ChangeKind.ERASURE, [liked])
        return trained.artefact(site.transformer, site.folder / "erased")

    monkeypatch.setattr(training, "train", erase)
    with pytest.raises(ErasedMeanwhileError, match="what it learned is thrown away"):
        await site.update()
    async with site.database.reading() as session:
        run = (await update_runs.latest(session))[0]
        assert len(await models.every(session)) == 1
    assert run.state == update_runs.FAILED
    assert "was erased while the update ran" in run.log


def test_a_process_of_this_host_that_is_no_more_is_known_to_be_gone() -> None:
    assert not holder.is_gone(holder.this_process())
    assert holder.is_gone(holder.this_process().rpartition(":")[0] + ":999999999")
    assert not holder.is_gone("another-host:1")
    assert not holder.is_gone(None)
