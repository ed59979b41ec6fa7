"""Outside texts over REST: reviews, posts and the like, taken in for the watch, and erased."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, Discriminator, Field, Tag, field_validator

from bot.fields import Line, Name
from bot.guards.caller import Caller
from bot.rest.identity import Reviewer, require, service_of
from knowledge_base.accounts import AccountRole
from knowledge_base.privacy.masking import mask
from knowledge_base.watching import observations
from knowledge_base.watching.observations import CHANGED, KNOWN, NEW, Observation
from weaver_core.texts.language import detect

MOST_AT_ONCE, MOST_CHARACTERS = 500, 8000
# Clocks of other machines may be ahead of ours by so much.
AHEAD = timedelta(minutes=10)
# In brackets, since they are no fields: no error names them.
ONE, MANY = "(one)", "(many)"

router = APIRouter(tags=["watching"])


def _worded(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


class ObservationBody(BaseModel):
    """One text: `id` is its source's own, by which it is taken in once; `rating` are stars from 1 to 5."""

    text: Annotated[Line, Field(max_length=MOST_CHARACTERS), AfterValidator(_worded)]
    source: Annotated[Name, Field(max_length=64)]
    at: AwareDatetime | None = None
    id: Annotated[Name, Field(max_length=255)] | None = None
    language: Annotated[Line, Field(max_length=16)] | None = None
    rating: Annotated[float, Field(ge=1, le=5, allow_inf_nan=False)] | None = None

    @field_validator("at")
    @classmethod
    def _past(cls, value: datetime | None) -> datetime | None:
        if value is not None and value > datetime.now(UTC) + AHEAD:
            raise ValueError("must not lie in the future")
        return value

    def value(self, company: tuple[str, ...]) -> Observation:
        """The text as it is stored: masked. One without an id is known again by its words and time."""
        at = self.at or datetime.now(UTC)
        said = f"{self.text}\0{self.at.astimezone(UTC).isoformat() if self.at else ''}"
        return Observation(
            source=self.source,
            external_id=self.id or hashlib.sha256(said.encode()).hexdigest(),
            text=mask(self.text, company).text,
            at=at,
            language=self.language or detect(self.text),
            rating=self.rating,
        )


class BatchBody(BaseModel):
    """Many texts at once: all of them are taken in, or, where one is wrong, none."""

    observations: Annotated[list[ObservationBody], Field(min_length=1, max_length=MOST_AT_ONCE)]


def _form(value: object) -> str:
    many = isinstance(value, BatchBody) or (isinstance(value, dict) and "observations" in value)
    return MANY if many else ONE


Given = Annotated[
    Annotated[BatchBody, Tag(MANY)] | Annotated[ObservationBody, Tag(ONE)],
    Discriminator(_form),
]


class TakenBody(BaseModel):
    """What became of the texts: how many were new, got new words or stars, or were known already."""

    new: int
    changed: int
    known: int


@router.post("/api/v1/observations")
async def observe(
    request: Request,
    _caller: Annotated[Caller, Depends(require(AccountRole.PROGRAM))],
    body: Given,
) -> TakenBody:
    """Take in one outside text, or many. They are watched; no answer is ever made of them."""
    service = service_of(request)
    given = body.observations if isinstance(body, BatchBody) else [body]
    company = tuple(service.settings.company_contacts)
    async with service.database.writing() as session:
        counts = await observations.put(session, [one.value(company) for one in given])
    return TakenBody(new=counts[NEW], changed=counts[CHANGED], known=counts[KNOWN])


@router.delete("/api/v1/admin/observations", status_code=204)
async def erase(
    request: Request,
    caller: Reviewer,
    source: Annotated[str, Query(max_length=64)],
    id: Annotated[str, Query(max_length=255)],  # noqa: A002 - as it was given when it was taken in
) -> None:
    """Erase one outside text, as its author may ask for."""
    async with service_of(request).database.writing() as session:
        await observations.erase(session, source, id, caller.name)
