"""New texts heard: customers' turns and outside texts, encoded a few at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.monitoring.reading import TopicReader
from knowledge_base import drifts
from knowledge_base.database import Database
from knowledge_base.watching import heard
from knowledge_base.watching.heard import Hearing, Unheard
from knowledge_base.watching.observations import Stored
from weaver_core.texts.language import detect
from weaver_core.topics import PAST_HOURS

# Texts that are encoded at once; and in one look, so that a long history is read over some time, the newest first.
TEXTS_AT_ONCE, MOST = 8, 400
PAST = timedelta(hours=PAST_HOURS)


async def hear(database: Database, reader: TopicReader, moment: datetime) -> int:
    """Read what is new, the newest first. Returns how many texts that were. Raises KnowledgeError."""
    since, done = moment - PAST, 0
    while done < MOST:
        async with database.reading() as session:
            messages = await heard.unheard_messages(session, reader.space, since, TEXTS_AT_ONCE)
            outside = await heard.unheard_observations(session, reader.space, since, TEXTS_AT_ONCE)
        if not messages and not outside:
            break
        hearings = await _questions(database, reader, messages) + await _outside(reader, outside)
        async with database.writing() as session:
            await heard.put(session, reader.space, hearings)
        done += len(messages) + len(outside)
    if done:
        async with database.writing() as session:
            await heard.prune(session, since)
    return done


async def _questions(database: Database, reader: TopicReader, messages: Sequence[Unheard]) -> list[Hearing]:
    async with database.reading() as session:
        asked = {one.message_id: one for one in await drifts.asked(session, [one.message_id for one in messages])}
    there = [one for one in messages if one.message_id in asked]
    texts = [asked[one.message_id].text for one in there]
    languages = [detect(text) for text in texts]
    vectors = await reader.vectors(texts, languages)
    found: list[Hearing] = []
    for one, language, vector in zip(there, languages, vectors, strict=True):
        question = asked[one.message_id]
        found.append(
            Hearing(
                turn_id=one.message_id,
                observation_id=None,
                person=question.conversation_id,
                stream=f"chat/{one.channel}",
                language=language,
                at=one.at,
                mood=one.mood,
                unanswered=one.unanswered,
                vector=vector,
            )
        )
    return found


async def _outside(reader: TopicReader, stored: Sequence[Stored]) -> list[Hearing]:
    texts = [one.observation.text for one in stored]
    languages = [one.observation.language or detect(one.observation.text) for one in stored]
    vectors = await reader.vectors(texts, languages)
    return [
        Hearing(
            turn_id=None,
            observation_id=one.id,
            person=one.id,
            stream=f"outside/{one.observation.source}",
            language=language,
            at=one.observation.at,
            mood=await reader.mood(one.observation.text, one.observation.rating),
            unanswered=False,
            vector=vector,
        )
        for one, language, vector in zip(stored, languages, vectors, strict=True)
    ]
