"""Canned texts over REST: shared by all agents, by a shortcut in each language."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from bot.desk import canned
from bot.fields import Text
from bot.guards.caller import Caller
from bot.rest.identity import require, service_of
from knowledge_base import canned_texts
from knowledge_base.accounts import AccountRole
from knowledge_base.canned_texts import CannedText

router = APIRouter(prefix="/api/v1/agent/canned-texts", tags=["agent"])

Agent = Annotated[Caller, Depends(require(AccountRole.AGENT))]


class CannedDraftBody(BaseModel):
    """A canned text: what is typed after a slash, and what it stands for."""

    shortcut: Annotated[Text, Field(description="Such as `refund`; a leading slash is left out.")]
    language: Literal["en", "zh"] = "en"
    text: Text


class CannedBody(BaseModel):
    """A stored canned text, and who gave it its words."""

    id: UUID
    shortcut: str
    language: str
    text: str
    author: str
    updated_at: datetime

    @classmethod
    def of(cls, kept: CannedText) -> Self:
        """The JSON of a canned text."""
        return cls.model_validate(kept, from_attributes=True)


class CannedTextsBody(BaseModel):
    """The team's canned texts, by shortcut."""

    canned_texts: list[CannedBody]


@router.get("")
async def list_canned(request: Request, _caller: Agent) -> CannedTextsBody:
    """All canned texts."""
    async with service_of(request).database.reading() as session:
        return CannedTextsBody(canned_texts=[CannedBody.of(one) for one in await canned_texts.every(session)])


@router.post("", status_code=HTTPStatus.CREATED)
async def add_canned(request: Request, caller: Agent, body: CannedDraftBody) -> CannedBody:
    """Make a canned text for everybody."""
    kept = await canned.save(service_of(request), body.shortcut, body.language, body.text, caller.name)
    return CannedBody.of(kept)


@router.put("/{canned_id}")
async def change_canned(request: Request, caller: Agent, canned_id: UUID, body: CannedDraftBody) -> CannedBody:
    """Give a canned text another shortcut, language or text."""
    kept = await canned.save(service_of(request), body.shortcut, body.language, body.text, caller.name, canned_id)
    return CannedBody.of(kept)


@router.delete("/{canned_id}", status_code=HTTPStatus.NO_CONTENT)
async def remove_canned(request: Request, caller: Agent, canned_id: UUID) -> None:
    """Delete a canned text for everybody."""
    await canned.remove(service_of(request), canned_id, caller.name)
