"""Dialogues for programs: searched and read, imported ones and live ones; nobody changes them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from bot.judgements import dialogue_file
from bot.judgements.dialogue_file import DialogueFile, Said
from bot.rest.identity import Reviewer, service_of
from bot.rest.search_queries import DialogueQuery
from knowledge_base import dialogue_search
from knowledge_base.dialogue_search import DialogueKind, Erasure, Listed

router = APIRouter(prefix="/api/v1/admin/dialogues", tags=["dialogues"])


class PagedDialogues(DialogueQuery):
    """Which dialogues are wanted, and how many of them."""

    limit: Annotated[int, Query(ge=1, le=200)] = 50


class DialogueBody(BaseModel):
    """A dialogue: how it began, how many turns it has."""

    id: UUID
    public_id: str
    kind: DialogueKind
    source: str
    channel: str | None
    language: str | None
    collection: str
    customer: str | None
    resolved: bool | None
    mode: str | None
    at: datetime
    beginning: str
    turns: int

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """The JSON of a dialogue."""
        return cls.model_validate(listed, from_attributes=True)


class ErasureBody(BaseModel):
    """A person who was erased; nothing says who it was."""

    at: datetime
    by: str
    dialogues: int

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        """The JSON of an erasure."""
        return cls.model_validate(erasure, from_attributes=True)


class DialoguesBody(BaseModel):
    """Dialogues, newest first, and the persons whose dialogues are not there any more."""

    dialogues: list[DialogueBody]
    erased: list[ErasureBody]


class SaidBody(BaseModel):
    """One turn; of a bot's one that sent an answer, which and how sure it was. `taught`: answers that learned it."""

    id: UUID
    role: str
    author: str | None
    text: str
    at: datetime | None
    answer_id: str | None
    confidence: float | None
    decision: str | None
    taught: list[str]

    @classmethod
    def of(cls, said: Said) -> Self:
        """The JSON of a turn."""
        return cls.model_validate(said, from_attributes=True)


class DialogueFileBody(DialogueBody):
    """A dialogue with all that was said in it."""

    said: list[SaidBody]

    @classmethod
    def of_file(cls, file: DialogueFile) -> Self:
        """The JSON of a dialogue's file."""
        return cls(**DialogueBody.of(file.listed).model_dump(), said=[SaidBody.of(one) for one in file.said])


@router.get("")
async def find_dialogues(
    request: Request, _caller: Reviewer, wanted: Annotated[PagedDialogues, Query()]
) -> DialoguesBody:
    """Dialogues in which all these words were said, newest first; `before` is the last one of the page before."""
    async with service_of(request).database.reading() as session:
        found = await dialogue_search.find(session, wanted.filters(), wanted.limit, wanted.before)
        erased = await dialogue_search.erasures(session)
    return DialoguesBody(
        dialogues=[DialogueBody.of(one) for one in found], erased=[ErasureBody.of(one) for one in erased]
    )


@router.get("/{dialogue_id}")
async def one_dialogue(request: Request, _caller: Reviewer, dialogue_id: UUID) -> DialogueFileBody:
    """A dialogue with all that was said in it."""
    async with service_of(request).database.reading() as session:
        return DialogueFileBody.of_file(await dialogue_file.read(session, dialogue_id))
