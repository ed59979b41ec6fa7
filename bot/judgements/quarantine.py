"""What a reviewer decides on votes that came in a burst: they count after all, or never."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.guards.caller import visitor
from bot.judgements import liking
from bot.judgements.liking import Like
from bot.service import Service
from knowledge_base import bursts, messages
from knowledge_base.feedback import UP, Feedback


class BurstDecision(StrEnum):
    """What may be decided."""

    RELEASE = "release"
    DISCARD = "discard"


async def decide(service: Service, answer_id: UUID, decision: BurstDecision, by: str) -> int:
    """Carry out a decision on the votes on an answer that are set apart. Returns how many these were.

    Released ones teach from the next turn on what they would have taught. Raises BurstNotFoundError.
    """
    if decision is BurstDecision.DISCARD:
        async with service.database.writing() as session:
            return len(await bursts.discard(session, answer_id, by))
    async with service.database.reading() as session:
        held = await bursts.votes(session, answer_id)
    likes = {vote.id: await _like(service, vote) for vote in held if vote.rating == UP}
    async with service.database.writing() as session:
        released = await bursts.release(session, answer_id, by)
        await _store(session, released, likes)
    await service.serving.catch_up()
    return len(released)


async def _like(service: Service, vote: Feedback) -> Like | None:
    async with service.database.reading() as session:
        message = await messages.get(session, vote.message_id)
    return await liking.prepare(service, visitor(vote.conversation_id), message)


async def _store(session: AsyncSession, released: list[Feedback], likes: dict[UUID, Like | None]) -> None:
    for vote in released:
        # A vote that came or changed since the likes were made teaches nothing by this.
        await liking.store(session, vote.id, likes.get(vote.id) if vote.rating == UP else None)
