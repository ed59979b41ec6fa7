"""The watch over REST: figures, topics, unanswered questions, alarms, the map of the memory."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from bot.monitoring import overview
from bot.monitoring.overview import Alarmed, Dot, Overview, Saying, Slot, Topic
from bot.rest.identity import Reviewer, service_of
from knowledge_base.watching import alarms
from knowledge_base.watching.judged import Step
from knowledge_base.watching.observations import Source

router = APIRouter(prefix="/api/v1/admin/watching", tags=["watching"])


class SayingBody(BaseModel):
    """Something that somebody said, in a conversation or at a source outside."""

    text: str
    at: datetime | None
    conversation_id: UUID | None
    seq: int | None
    source: str | None

    @classmethod
    def of(cls, said: Saying) -> Self:
        """The JSON of a saying."""
        return cls.model_validate(said, from_attributes=True)


class TopicBody(BaseModel):
    """A topic: so many people, `usual` many otherwise; `mood` from -1 to 1; texts by where they are from."""

    people: int
    usual: float
    mood: float | None
    streams: dict[str, int]
    typical: list[SayingBody]

    @classmethod
    def of(cls, topic: Topic) -> Self:
        """The JSON of a topic."""
        typical = [SayingBody.of(one) for one in topic.sayings]
        return cls(
            people=topic.people, usual=topic.usual, mood=topic.mood, streams=dict(topic.streams), typical=typical
        )


class AlarmBody(BaseModel):
    """An alarm: in `hours` so many people, or so many angry ones, where `usual` would have been."""

    id: UUID
    kind: str
    state: str
    since: datetime
    raised_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    hours: float
    people: int
    usual: float
    typical: list[SayingBody]

    @classmethod
    def of(cls, held: Alarmed) -> Self:
        """The JSON of an alarm."""
        alarm, rising = held.alarm, held.alarm.rising
        return cls(
            id=alarm.id,
            kind=rising.kind,
            state=alarm.state,
            since=rising.since,
            raised_at=alarm.raised_at,
            seen_at=alarm.seen_at,
            ended_at=alarm.ended_at,
            acknowledged_at=alarm.acknowledged_at,
            acknowledged_by=alarm.acknowledged_by,
            hours=rising.hours,
            people=rising.people,
            usual=rising.expected,
            typical=[SayingBody.of(one) for one in held.sayings],
        )


class AlarmsBody(BaseModel):
    """The newest alarms, the newest first."""

    alarms: list[AlarmBody]


class SlotBody(BaseModel):
    """An hour or a day: replies by their decision, votes, judged answers, mood, waits in seconds, CPU seconds."""

    start: datetime
    answered: int
    clarified: int
    handed_off: int
    up: int
    down: int
    right: int
    wrong: int
    mood: float | None
    angry: int
    wait_p50: float | None
    wait_p95: float | None
    cpu_seconds: float

    @classmethod
    def of(cls, slot: Slot) -> Self:
        """The JSON of an hour or a day."""
        hour, votes = slot.hour, slot.votes
        return cls(
            start=slot.start,
            answered=hour.answered,
            clarified=hour.clarified,
            handed_off=hour.handed_off,
            up=votes.up,
            down=votes.down,
            right=votes.right,
            wrong=votes.wrong,
            mood=hour.mood,
            angry=hour.angry,
            wait_p50=hour.wait(0.5),
            wait_p95=hour.wait(0.95),
            cpu_seconds=hour.cpu_seconds,
        )


class SourceBody(BaseModel):
    """What a source outside brought: texts, how many of them with stars, and their mean."""

    name: str
    texts: int
    rated: int
    rating: float | None

    @classmethod
    def of(cls, source: Source) -> Self:
        """The JSON of a source."""
        return cls.model_validate(source, from_attributes=True)


class StepBody(BaseModel):
    """Judged answers of about one confidence, and the share of them that was right."""

    answers: int
    confidence: float
    right: float

    @classmethod
    def of(cls, step: Step) -> Self:
        """The JSON of a step."""
        return cls.model_validate(step, from_attributes=True)


class OverviewBody(BaseModel):
    """All that is watched, in some days up to now; `at` is when topics were looked at last."""

    at: datetime | None
    slots: list[SlotBody]
    precision: float | None
    alarms: list[AlarmBody]
    topics: list[TopicBody]
    unanswered: list[TopicBody]
    sources: list[SourceBody]
    reliability: list[StepBody]

    @classmethod
    def of(cls, seen: Overview) -> Self:
        """The JSON of all that is watched."""
        return cls(
            at=seen.at,
            slots=[SlotBody.of(slot) for slot in seen.figures.slots],
            precision=seen.figures.votes.precision,
            alarms=[AlarmBody.of(one) for one in seen.alarms],
            topics=[TopicBody.of(one) for one in seen.topics],
            unanswered=[TopicBody.of(one) for one in seen.unanswered],
            sources=[SourceBody.of(one) for one in seen.sources],
            reliability=[StepBody.of(one) for one in seen.steps],
        )


class DotBody(BaseModel):
    """An answer on the map, from -1 to 1 each way, and how often it was sent."""

    answer_id: str
    title: str
    x: float
    y: float
    sent: int

    @classmethod
    def of(cls, dot: Dot) -> Self:
        """The JSON of an answer on the map."""
        return cls(answer_id=dot.place.answer_id, title=dot.place.title, x=dot.x, y=dot.y, sent=dot.sent)


class MapBody(BaseModel):
    """The answers of the memory in two dimensions: what lies near is alike."""

    answers: list[DotBody]


@router.get("")
async def watch(request: Request, _caller: Reviewer, days: Annotated[int, Query(ge=1, le=90)] = 7) -> OverviewBody:
    """Figures of so many days, topics of the last one, questions that were not answered, alarms."""
    service = service_of(request)
    async with service.database.reading() as session:
        zone = ZoneInfo(service.settings.timezone)
        return OverviewBody.of(await overview.overview(session, days, zone, datetime.now(UTC)))


@router.get("/alarms")
async def find_alarms(request: Request, _caller: Reviewer) -> AlarmsBody:
    """The newest alarms on topics."""
    async with service_of(request).database.reading() as session:
        return AlarmsBody(alarms=[AlarmBody.of(one) for one in await overview.alarmed(session)])


@router.post("/alarms/{alarm_id}/acknowledge")
async def acknowledge(request: Request, caller: Reviewer, alarm_id: UUID) -> AlarmBody:
    """Say that somebody knows of an alarm; it goes on until its topic is as usual."""
    async with service_of(request).database.writing() as session:
        held = await alarms.acknowledge(session, alarm_id, caller.name, datetime.now(UTC))
        said = await overview.sayings(session, held.rising.typical)
    return AlarmBody.of(Alarmed(held, tuple(said[one] for one in held.rising.typical if one in said)))


@router.get("/map")
async def find_map(request: Request, _caller: Reviewer) -> MapBody:
    """The memory in two dimensions, the most sent answers first."""
    async with service_of(request).database.reading() as session:
        return MapBody(answers=[DotBody.of(dot) for dot in await overview.memory_map(session)])
