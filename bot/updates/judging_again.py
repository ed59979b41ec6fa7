"""Likes judged again: what the rest of the memory thinks of a liked question says how far its vote is believed."""

from collections.abc import Callable
from uuid import UUID

from bot.retriever import Retriever
from bot.updates.gathered import Gathered, questions_of
from knowledge_base.positions import DOUBT
from weaver_core import trust

Progress = Callable[[int, int], None]
# b = log trust of a like that is believed no more: it has no say, and may be believed again at the next update.
SILENCED = -DOUBT


def judge_again(gathered: Gathered, retriever: Retriever, progress: Progress) -> dict[UUID, float]:
    """The b = log p' of each voted position, p being I of its answer with the position left out (`weaver_core.trust`).

    The retriever holds these memories. A vote alone on its answer's only position is left as it is.
    """
    voted = [
        (position, question)
        for memory in gathered.memories
        for position, question in questions_of(memory)
        if gathered.is_vote(position)
    ]
    trusts: dict[UUID, float] = {}
    for done, (position, question) in enumerate(voted, start=1):
        chance = retriever.left_out(question).probability
        believed = trust.log_trust(chance, gathered.noise_of(position))
        trusts[position.id] = SILENCED if believed is None else believed
        progress(done, len(voted))
    return trusts
