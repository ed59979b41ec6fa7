"""Votes judged again: what the rest of the memory thinks of a voted question says how far its vote is believed."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bot.serving.retriever import LeftOut, Retriever
from bot.updates.gathered import Gathered
from bot.updates.progress import Parts
from knowledge_base.positions import DOUBT
from weaver_core import rejudging
from weaver_core.trust import LEAST_BELIEVED

# b = log trust of a like that is believed no more: it has no say, and may be believed again at the next update.
SILENCED = -DOUBT
# A read with a larger β is surer of what it left out than it is right; sooner so when its encoders were trained on it.
MOST_BETA, TRAINED_BETA = 28.0, 20.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A voted question that most likely belongs to an answer of which no position says so, and how likely that is.

    It is learned from, with its weight, and stands in no memory.
    """

    feedback_id: UUID
    text: str
    answer_id: UUID
    sureness: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of all votes: b = log p' of the positions that likes wrote, and what else is known to be asked."""

    trusts: dict[UUID, float]
    labelled: tuple[Labelled, ...]


def judge_again(gathered: Gathered, retriever: Retriever, most_beta: float, progress: Parts) -> Verdicts:
    """Read every voted question without itself, and weigh that with its vote (`weaver_core.rejudging`).

    The retriever holds these memories. A vote alone on its answer's only position is left as it is.
    """
    voted = list(gathered.votes())
    trusts: dict[UUID, float] = {}
    labelled: list[Labelled] = []
    for done, vote in enumerate(voted, start=1):
        found = retriever.left_out(vote.question)
        beta = retriever.beta_of(vote.question.group[1])
        likely = _likely(found, vote.up, vote.noise, min(1.0, most_beta / beta))
        shown = float(likely[found.own]) if found.own is not None else 0.0
        believed = vote.up and shown > LEAST_BELIEVED
        if vote.question.position_id is not None:
            trusts[vote.question.position_id] = float(np.log(shown)) if believed else SILENCED
        top = int(likely.argmax())
        stands = believed and vote.question.position_id is not None
        if not stands and likely[top] > LEAST_BELIEVED:
            sureness = float(likely[top])
            labelled.append(Labelled(vote.feedback_id, vote.question.text, found.answers[top], sureness, vote.weight))
        progress(done, len(voted))
    return Verdicts(trusts, tuple(labelled))


def _likely(found: LeftOut, up: bool, noise: float, cooling: float) -> NDArray[np.float64]:  # noqa: FBT001 - the vote
    """How likely each answer that was read is, once the vote on the one shown is known. Shape: (N,)."""
    # softmax(β'·score) from softmax(β·score): to the power of β'/β.
    cooled = np.power(found.probabilities, np.float32(cooling))
    chances: NDArray[np.float32] = cooled / cooled.sum()
    if found.own is None:
        # The answer voted on is no candidate any more: what is left says nothing of the vote.
        return chances.astype(np.float64)
    likely: NDArray[np.float64] = rejudging.voted(
        chances[None], np.array([found.own]), np.array([up]), np.array([noise])
    )[0]
    return likely
