"""The audit log for programs: who changed what, before and after. For admins."""

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field

from bot.people import trail
from bot.rest.identity import Admin, service_of
from bot.rest.review_filters import Empty
from knowledge_base import audit
from knowledge_base.audit import Entry, Kind, Wanted
from weaver_core.texts.normalization import clean

router = APIRouter(prefix="/api/v1/audit", tags=["accounts"])
SHOWN = 50


def _searched(value: object) -> object:
    return clean(value).text if isinstance(value, str) else value


Form = Literal["csv", "jsonl"]
Part = Annotated[str, BeforeValidator(_searched), Field(max_length=255)]


class AuditQuery(BaseModel):
    """Which changes are wanted. `who` and `words` are parts of what stands there; days are UTC's, `until` is whole."""

    kind: Annotated[Kind | None, Empty] = None
    who: Part = ""
    words: Part = ""
    since: Annotated[date | None, Empty] = None
    until: Annotated[date | None, Empty] = None

    def wanted(self) -> Wanted:
        """What is meant."""
        # The day after the last one that there is does not exist.
        past = self.until + timedelta(days=1) if self.until and self.until < date.max else None
        return Wanted(self.kind, self.who, self.words, _begin(self.since), _begin(past))

    def address(self, **more: object) -> str:
        """The query that means the same, with more in it; what is None is left out."""
        named = {**self.model_dump(mode="json", exclude_defaults=True, include=set(AuditQuery.model_fields)), **more}
        return urlencode({name: value for name, value in named.items() if value is not None})


class PagedAuditQuery(AuditQuery):
    """Which changes are wanted, and how many; `after` is the id of the last one of the page before."""

    after: Annotated[UUID | None, Empty] = None
    limit: Annotated[int, Query(ge=1, le=500)] = SHOWN


class EntryBody(BaseModel):
    """A change: who made it, when, what about it is `before` and `after`, and what `more` was written down."""

    id: UUID
    at: datetime
    who: str
    kind: Kind
    what: str
    subject: str
    before: Any
    after: Any
    more: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The JSON of an entry."""
        return cls(
            id=entry.id,
            at=entry.at,
            who=entry.actor,
            kind=entry.kind,
            what=entry.action,
            subject=entry.subject,
            before=entry.before,
            after=entry.after,
            more=entry.more,
        )


class AuditBody(BaseModel):
    """Changes, newest first."""

    entries: list[EntryBody]


@router.get("")
async def read_log(request: Request, _caller: Admin, wanted: Annotated[PagedAuditQuery, Query()]) -> AuditBody:
    """Who changed what: accounts, keys, answers, decisions, models, settings."""
    async with service_of(request).database.reading() as session:
        found = await audit.page(session, wanted.wanted(), wanted.after, wanted.limit)
    return AuditBody(entries=[EntryBody.of(entry) for entry in found])


@router.get(
    "/export.{form}",
    response_class=StreamingResponse,
    responses={HTTPStatus.OK: {"content": {"text/csv": {}, "application/x-ndjson": {}}}},
)
async def export_log(
    request: Request, _caller: Admin, form: Form, wanted: Annotated[AuditQuery, Query()]
) -> StreamingResponse:
    """All of them, as a table for spreadsheets or as lines of JSON."""
    return taken_out(request, wanted, form)


def taken_out(request: Request, wanted: AuditQuery, form: Form) -> StreamingResponse:
    """A file of the changes that are wanted."""
    made = trail.table if form == "csv" else trail.jsonl
    headers = {"Content-Disposition": f'attachment; filename="audit.{form}"', "Cache-Control": "no-store"}
    media = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    lines = made(service_of(request).database, wanted.wanted())
    return StreamingResponse(lines, media_type=media, headers=headers)


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, UTC) if day else None
