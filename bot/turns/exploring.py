"""Exploration in conversations: near-equal candidates change places now and then, and how likely that was is told."""

from dataclasses import replace

import numpy as np

from bot.reply import Query, Reply, Respond
from weaver_core.decision import Decision
from weaver_core.exploration import show


def exploring(respond: Respond, share: float, random: np.random.Generator) -> Respond:
    """The same decisions, with two near-equals changing places with probability `share`; 0 changes nothing.

    Only conversations explore: what is asked without one is not stored, so that nothing could be learned from it.
    """
    if share <= 0:
        return respond

    async def explored(query: Query) -> Reply:
        return explore(await respond(query), share, random)

    return explored


def explore(reply: Reply, share: float, random: np.random.Generator) -> Reply:
    """The reply as it is shown. An answer that takes the first one's place comes with its own chance to be right."""
    if not reply.near_equals:
        return reply
    showing = show(reply.near_equals, share, random)
    moved = tuple(reply.candidates[rank] for rank in showing.order)
    exchanged = reply.decision is Decision.ANSWER and showing.order[0] > 0
    return replace(
        reply,
        candidates=moved + reply.candidates[len(moved) :],
        confidence=moved[0].probability if exchanged else reply.confidence,
        propensity=showing.propensity,
        propensities=showing.propensities,
    )
