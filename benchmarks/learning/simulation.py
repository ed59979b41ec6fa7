"""Thousands of turns through the product's use case: a visitor asks and votes, a reviewer corrects, an update runs."""

import json
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path

from benchmarks.learning import installation
from benchmarks.learning.ablations import WITHOUT
from benchmarks.learning.baseline import AnswerScores
from benchmarks.learning.clock import simulated
from benchmarks.learning.world import Asked, Voters, World
from bot.app import open_service
from bot.guards.caller import Caller, visitor
from bot.judgements.correction import CorrectionError, RightAnswer
from bot.judgements.judging import Opinion, judge
from bot.reply import Query, Respond
from bot.service import Service
from knowledge_base import conversations
from knowledge_base.accounts import AccountRole
from knowledge_base.conversations import Opening
from knowledge_base.feedback import DOWN, UP
from knowledge_base.messages import Message
from weaver_core.encoders.encoder import Encoder

# Turns from one measurement and one update to the next.
EVERY = 1000
REVIEWER = Caller("reviewer", AccountRole.REVIEWER)
STATE = "state.json"
# Where simulations begin that differ from another one from then on, and how far that was.
FORKED_AFTER, FORKED = 4 * EVERY, "forked.json"

# Runs after so many turns, and says what came of it.
Update = Callable[[Service, int], Awaitable[str]]
Report = Callable[[str], None]


class Given(Enum):
    """What becomes of judgements: nothing; a score of each answer; or the product has them, at once or in thousands."""

    NOWHERE, COUNTED, AT_ONCE, TOGETHER = range(4)


@dataclass(frozen=True, slots=True)
class Mode:
    """What is done with judgements; `update` runs every thousand turns, after those that are given together.

    Of what the product has against wrong votes, the part `without` is taken out.
    """

    name: str
    given: Given = Given.AT_ONCE
    update: Update | None = None
    without: str | None = None


@dataclass(slots=True)
class State:
    """How far a simulation is: turns taken, those answered rightly, and what was measured on the way.

    `accuracies` are of the test questions, the first before any turn; `scores` are the baseline's.
    """

    turns: int = 0
    right: int = 0
    ups: int = 0
    corrections: int = 0
    refused: int = 0
    accuracies: list[float] = field(default_factory=list[float])
    scores: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a visitor says of a message, and the right answer if a reviewer corrects it."""

    message: Message
    shown: str
    rating: str
    right: str | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """What is simulated, with whose votes, read with which encoders."""

    world: World
    mode: Mode
    voters: Voters
    encoders: Sequence[Encoder]


async def simulate(run: Simulated, folder: Path, report: Report, before: Path | None = None) -> State:
    """All turns of a world, from where the folder says that this very simulation was.

    `before` is the folder of another simulation that is the same as this until the turn FORKED_AFTER, if there is one.
    """
    world, mode, encoders = run.world, run.mode, run.encoders
    state = _read(folder) or _forked(folder, before) or await _begun(world, encoders, folder)
    if mode.given is Given.NOWHERE:
        return await _untaught(world, encoders, folder, state)
    while state.turns < len(world.turns):
        installation.go_back(folder, _copy(state))
        await _block(run, folder, state, report)
        counts = f"ups {state.ups}, corrections {state.corrections}, refused {state.refused}"
        online = state.right / state.turns
        report(f"{mode.name}, {state.turns} turns: {state.accuracies[-1]:.4f}, online {online:.4f}, {counts}")
        _write(folder, state)
    return state


def _forked(folder: Path, before: Path | None) -> State | None:
    """The beginning of another simulation, None if it did not come so far."""
    if before is None or (state := _read(before, FORKED)) is None:
        return None
    folder.mkdir(parents=True)
    shutil.copyfile(before / _copy(state), folder / installation.DATABASE)
    _write(folder, state)
    return state


async def _begun(world: World, encoders: Sequence[Encoder], folder: Path) -> State:
    with simulated(0):
        await installation.install(folder, world, encoders)
    async with open_service(installation.settings_of(folder), encoders) as service:
        state = State(accuracies=[await accuracy(world.test, service.respond)])
    _write(folder, state)
    return state


async def _untaught(world: World, encoders: Sequence[Encoder], folder: Path, state: State) -> State:
    """The same figure at every measurement: nothing is learnt between them."""
    if state.turns == 0:
        async with open_service(installation.settings_of(folder), encoders) as service:
            state.right = round(len(world.turns) * await accuracy(world.turns, service.respond))
        state.turns = len(world.turns)
        state.accuracies *= 1 + -(-state.turns // EVERY)
        _write(folder, state)
    return state


async def _block(run: Simulated, folder: Path, state: State, report: Report) -> None:
    """The turns until the next measurement, and what comes with it."""
    answers = AnswerScores(state.scores)
    respond = answers.respond if run.mode.given is Given.COUNTED else None
    settings = installation.settings_of(folder)
    taken_out = WITHOUT[run.mode.without]() if run.mode.without else nullcontext()
    with taken_out, simulated(state.turns) as move_to:
        async with open_service(settings, run.encoders, respond) as service:
            answers.serving = service.serving
            await _turns(run, service, state, answers, move_to)
            if run.mode.update is not None:
                report(await run.mode.update(service, state.turns))
                await service.serving.catch_up()
            state.accuracies.append(await accuracy(run.world.test, service.respond))


async def _turns(
    run: Simulated, service: Service, state: State, answers: AnswerScores, move_to: Callable[[int], None]
) -> None:
    """The next turns and their judgements, at once or when all are taken, each at its time."""
    held: list[tuple[int, Judgement]] = []
    for number in range(state.turns, min(state.turns + EVERY, len(run.world.turns))):
        move_to(number)
        judgement = await _turn(run, service, number, state)
        if judgement is None:
            pass
        elif run.mode.given is Given.COUNTED:
            answers.vote(judgement.shown, up=judgement.rating == UP)
        elif run.mode.given is Given.AT_ONCE:
            await _give(service, judgement, state)
        else:
            held.append((number, judgement))
        state.turns = number + 1
    for number, judgement in held:
        move_to(number)
        await _give(service, judgement, state)


async def _turn(run: Simulated, service: Service, number: int, state: State) -> Judgement | None:
    """A new visitor asks and makes up their mind; None where the bot took the turn for small talk: it was wrong."""
    asked, drawn = run.world.turns[number], run.voters.chances(run.world.seed, number)
    async with service.database.writing() as session:
        opened = await conversations.open_conversation(session, Opening(external_id=f"visitor-{number}"))
    posted = await service.turns.post_message(opened.id, "1", asked.text)
    reply = (await service.turns.replies_to(posted.message))[0]
    if reply.answer is None:
        return None
    right = reply.answer.answer_id == asked.answer_id
    state.right += right
    if right != drawn.wrong:
        state.ups += 1
        return Judgement(reply, reply.answer.answer_id, UP, None)
    return Judgement(reply, reply.answer.answer_id, DOWN, asked.answer_id if drawn.corrected else None)


async def _give(service: Service, judgement: Judgement, state: State) -> None:
    """Hand a judgement to the product, and the reviewer's correction of it."""
    message = judgement.message
    await judge(service, visitor(message.conversation_id), Opinion(message.id, judgement.rating))
    if judgement.right is None:
        return
    try:
        await judge(service, REVIEWER, Opinion(message.id, DOWN, right=RightAnswer(answer_id=judgement.right)))
        state.corrections += 1
    except CorrectionError:
        # A question that is taken for another language's than the answer's.
        state.refused += 1


async def accuracy(test: Sequence[Asked], respond: Respond) -> float:
    """Accuracy@1: the share of questions whose likeliest answer is right."""
    right = 0
    for asked in test:
        candidates = (await respond(Query(asked.text))).candidates
        right += bool(candidates) and candidates[0].answer.answer_id == asked.answer_id
    return right / len(test)


def _copy(state: State) -> str:
    return f"after-{state.turns}.db"


def _read(folder: Path, name: str = STATE) -> State | None:
    path = folder / name
    return State(**json.loads(path.read_text())) if path.exists() else None


def _write(folder: Path, state: State) -> None:
    """Keep the database and then, as the last thing, how far it is; and where others go on from, for good."""
    installation.keep(folder, _copy(state))
    for name in (FORKED, STATE) if state.turns == FORKED_AFTER else (STATE,):
        part = folder / f"{name}.part"
        part.write_text(json.dumps(asdict(state)))
        part.replace(folder / name)
    for older in folder.glob("after-*.db"):
        if older.name not in (_copy(state), f"after-{FORKED_AFTER}.db"):
            older.unlink()
