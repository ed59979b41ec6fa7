"""The page that watches: alarms, figures over time, topics, unanswered questions, reliability, a map of the memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from markupsafe import Markup

from bot.guards.caller import Caller
from bot.monitoring import overview
from bot.monitoring.overview import PERIODS, Dot, Figures, Overview, Slot
from bot.pages import charts, words
from bot.pages.charts import Scale, Series
from bot.pages.frame import PageRoute, go, language_of, show, signed_in
from bot.rest.identity import service_of
from knowledge_base.accounts import AccountRole
from knowledge_base.watching import alarms
from knowledge_base.watching.hours import Hour
from weaver_core.topics import FEWEST_BEFORE

# Answers that are listed below the map; all of them are on it.
MOST_LISTED = 200
DEFAULT = 7
NONE = "–"
SNIPPET = '<script src="https://weaver.example.com/widget.js"></script>'
EXAMPLE = (
    'curl -H "Authorization: Bearer KEY" -H "Content-Type: application/json" '
    '-d \'{"source": "reviews", "id": "1", "text": "…", "rating": 2, "at": "2026-01-31T12:00:00Z"}\' '
    "https://weaver.example.com/api/v1/observations"
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]
Days = Annotated[int, Query(ge=1, le=max(PERIODS))]
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with what is said of it, and what it was before."""

    name: str
    value: str
    said: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with the table behind it."""

    key: str
    title: str
    svg: Markup
    series: tuple[Series, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@router.get("/admin/watching")
async def watching_page(request: Request, caller: Reviewer, days: Days = DEFAULT) -> Response:
    """All that is watched, over so many days."""
    service, say = service_of(request), partial(words.say, locale=language_of(request))
    zone = ZoneInfo(service.settings.timezone)
    async with service.database.reading() as session:
        seen = await overview.overview(session, days, zone, datetime.now(UTC))
        dots = await overview.memory_map(session)
    return show(
        request,
        "admin/watching.html",
        caller,
        section="watching",
        seen=seen,
        days=days,
        periods=PERIODS,
        zone=service.settings.timezone,
        is_empty=_is_empty(seen),
        running=[held for held in seen.alarms if held.alarm.state in alarms.RUNNING],
        earlier=[held for held in seen.alarms if held.alarm.state not in alarms.RUNNING],
        fewest=FEWEST_BEFORE,
        tiles=_tiles(say, seen.figures),
        charts=_charts(say, seen.figures.slots, "%H:%M" if days == 1 else "%m-%d"),
        reliability=_reliability(say, seen),
        memory_map=_map(say, dots),
        dots=dots,
        most_listed=MOST_LISTED,
        local=partial(_local, zone),
        signed=_signed,
        stream_name=partial(_stream_name, say),
        snippet=SNIPPET,
        example=EXAMPLE,
    )


@router.post("/admin/watching/alarms/{alarm_id}/acknowledge")
async def acknowledge(
    request: Request, caller: Reviewer, alarm_id: UUID, days: Annotated[int, Form(ge=1, le=max(PERIODS))] = DEFAULT
) -> Response:
    """Say that somebody knows of an alarm."""
    async with service_of(request).database.writing() as session:
        await alarms.acknowledge(session, alarm_id, caller.name, datetime.now(UTC))
    return go(f"/admin/watching?days={days}#alarms")


def _is_empty(seen: Overview) -> bool:
    """Whether nothing was ever heard: what comes first is to be said then."""
    figures = seen.figures
    counted = figures.hour + figures.before
    return not (counted.turns + counted.courtesies + seen.heard or seen.sources or seen.alarms)


def _tiles(say: Say, figures: Figures) -> list[Tile]:
    hour, votes, before, earlier = figures.hour, figures.votes, figures.before, figures.votes_before
    judged, voted = votes.right + votes.wrong, votes.up + votes.down
    wait = hour.wait(0.95)
    return [
        Tile(say("watch_turns"), f"{hour.turns:,}", "", f"{before.turns:,}" if before.turns else ""),
        _share(say("watch_answered"), hour.answered, hour, before.answered, before),
        _share(say("watch_handed_off"), hour.handed_off, hour, before.handed_off, before),
        Tile(
            say("watch_precision"),
            _percent(votes.precision),
            say("watch_judged", n=f"{judged:,}"),
            _known(earlier.precision),
        ),
        Tile(
            say("watch_liked"),
            _percent(_of(votes.up, voted)),
            say("watch_votes", n=f"{voted:,}"),
            _known(_of(earlier.up, earlier.up + earlier.down)),
        ),
        Tile(say("watch_mood"), _signed(hour.mood), say("watch_mood_scale"), _signed(before.mood, "")),
        Tile(
            say("watch_waited"),
            _seconds(say, hour.wait(0.5)),
            "" if wait is None else say("watch_waited_95", seconds=_short(wait)),
        ),
        Tile(
            say("watch_cost"),
            _seconds(say, 1000 * hour.cpu_seconds / hour.turns if hour.turns else None),
            say("watch_cost_all", seconds=f"{hour.cpu_seconds:,.0f}"),
        ),
    ]


def _share(name: str, part: int, hour: Hour, part_before: int, before: Hour) -> Tile:
    return Tile(name, _percent(_of(part, hour.turns)), f"{part:,}", _known(_of(part_before, before.turns)))


def _charts(say: Say, slots: Sequence[Slot], form: str) -> list[Chart]:
    labels = [slot.start.strftime(form) for slot in slots]
    hours, votes = [slot.hour for slot in slots], [slot.votes for slot in slots]

    def series(name: str, look: str, values: Sequence[float | None]) -> Series:
        return Series(say(name), look, tuple(values))

    replies = (
        series("watch_answered", "c1", [hour.answered for hour in hours]),
        series("watch_clarified", "c2", [hour.clarified for hour in hours]),
        series("watch_handed_off", "c3", [hour.handed_off for hour in hours]),
    )
    given = (
        series("watch_up", "c4", [vote.up for vote in votes]),
        series("watch_down", "c3", [vote.down for vote in votes]),
    )
    right = (series("watch_right", "c1", [vote.precision for vote in votes]),)
    mood = (series("watch_mean", "c1", [hour.mood for hour in hours]),)
    waits = (
        series("watch_median", "c1", [hour.wait(0.5) for hour in hours]),
        series("watch_p95", "c2", [hour.wait(0.95) for hour in hours]),
    )
    spent = (series("watch_cpu", "c1", [hour.cpu_seconds for hour in hours]),)
    longest = max((value or 0.0 for one in waits for value in one.values), default=0.0)
    wait_scale = Scale(0, charts.even_top(longest, 0.4), "{:.2f}" if longest < 1 else "{:.1f}")
    return [
        _chart(say, "volume", labels, replies, None),
        _chart(say, "precision", labels, right, Scale(0, 1, "{:.0%}")),
        _chart(say, "feedback", labels, given, None),
        _chart(say, "mood", labels, mood, Scale(-1, 1, "{:+.1f}")),
        _chart(say, "wait", labels, waits, wait_scale),
        _chart(say, "cost", labels, spent, None),
    ]


def _chart(say: Say, key: str, labels: Sequence[str], series: tuple[Series, ...], scale: Scale | None) -> Chart:
    title = say(f"watch_chart_{key}")
    svg = charts.lines(title, labels, series, scale) if scale else charts.bars(title, labels, series)
    written = scale or Scale(0, 1)
    told = zip(
        *(tuple(NONE if value is None else written.say(value) for value in one.values) for one in series), strict=True
    )
    # The newest first.
    rows = tuple(zip(labels, told, strict=True))[::-1]
    return Chart(f"chart-{key}", title, svg, series, tuple(one.name for one in series), rows)


def _reliability(say: Say, seen: Overview) -> Markup:
    dots = [
        (
            step.confidence,
            step.right,
            float(step.answers),
            f"{step.answers:,}: {say('watch_confidence')} {step.confidence:.0%}, {say('watch_right')} {step.right:.0%}",
        )
        for step in seen.steps
    ]
    return charts.reliability(say("watch_reliability"), say("watch_confidence"), say("watch_right"), dots)


def _map(say: Say, dots: Sequence[Dot]) -> Markup:
    drawn = [
        (dot.x, dot.y, float(dot.sent), f"{dot.place.title} · {say('watch_map_sent', n=f'{dot.sent:,}')}")
        for dot in dots
    ]
    return charts.scatter(say("watch_map"), drawn)


def _local(zone: ZoneInfo, moment: datetime) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _stream_name(say: Say, stream: str) -> str:
    kind, _, name = stream.partition("/")
    return f"{say(f'watch_stream_{kind}')} {name}".strip()


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f} %"


def _known(share: float | None) -> str:
    return "" if share is None else _percent(share)


def _signed(value: float | None, nothing: str = NONE) -> str:
    if value is None:
        return nothing
    rounded = round(value, 2)
    return f"{rounded:+.2f}".replace("-", "−") if rounded else "0"


def _seconds(say: Say, seconds: float | None) -> str:
    return NONE if seconds is None else say("watch_seconds", seconds=_short(seconds))


def _short(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 1 else f"{seconds:,.1f}"
