"""A thin asynchronous client of Weaver's REST API."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Literal, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.rasa_actions.turn import CustomerTurn

CHANNEL = "rasa"
CLOSED = "conversation_closed"
# Weaver, or the proxy before it, is restarting or busy: the same request may well succeed in a moment.
TRY_AGAIN = frozenset({502, 503, 504})
PAUSES_SECONDS = (0.1, 0.4)

BodyT = TypeVar("BodyT", bound=BaseModel)
Rating = Literal["up", "down"]


class ClientSettings(BaseSettings):
    """Where Weaver is: `WEAVER_URL`, `WEAVER_API_KEY`, `WEAVER_TIMEOUT_SECONDS` (for one action, retries included)."""

    model_config = SettingsConfigDict(env_prefix="WEAVER_", extra="ignore")

    url: HttpUrl = HttpUrl("http://127.0.0.1:8000")
    api_key: SecretStr = SecretStr("")
    timeout_seconds: float = Field(default=5.0, gt=0)


class WeaverUnavailableError(Exception):
    """Weaver gave no usable reply; the message says why, for the log."""


class ConversationBody(BaseModel):
    """The conversation of a sender."""

    id: str


class SuggestionBody(BaseModel):
    """An answer that the customer may have meant, or may need too."""

    answer_id: str
    title: str


class BotMessage(BaseModel):
    """What the bot says in a turn."""

    id: str
    text: str
    answer_id: str | None = None
    confidence: float | None = None
    decision: str | None = None
    suggestions: list[SuggestionBody] | None = None
    related: list[SuggestionBody] | None = None


class ReplyBody(BaseModel):
    """The replies to a customer's message: none while a person has the turn, several to several questions."""

    replies: list[BotMessage]


class ProblemBody(BaseModel):
    """Why a request was refused (RFC 9457): one sentence, and a word for programs."""

    detail: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the customer thinks of a bot message."""

    rating: Rating
    reason: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the bot says to a turn, and in which conversation. No messages while a person has the turn."""

    conversation_id: str
    messages: Sequence[BotMessage]


class WeaverClient:
    """Weaver's REST API over one pool of connections. Every call ends within the timeout."""

    def __init__(self, settings: ClientSettings) -> None:
        key = settings.api_key.get_secret_value()
        self._timeout_seconds = settings.timeout_seconds
        self._http = httpx2.AsyncClient(
            base_url=str(settings.url),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=settings.timeout_seconds,
        )

    async def answer(self, turn: CustomerTurn) -> Answered:
        """Store the customer's turn in the sender's conversation, once, and give the bot's replies to it.

        Raises WeaverUnavailableError.
        """
        message = {"client_id": turn.client_id, "text": turn.text}
        async with _time_limit(self._timeout_seconds):
            conversation_id, response = await self._post_in_open(turn, "messages", message)
        return Answered(conversation_id, _parse(ReplyBody, response).replies)

    async def hand_over(self, turn: CustomerTurn) -> str:
        """Ask for a person in the sender's conversation; again changes nothing. Returns the conversation's id.

        Raises WeaverUnavailableError.
        """
        async with _time_limit(self._timeout_seconds):
            conversation_id, _ = await self._post_in_open(turn, "handoff", {})
        return conversation_id

    async def judge(self, message_id: str, judgement: Judgement) -> None:
        """Report what the customer thinks of a bot message. Raises WeaverUnavailableError."""
        fields = {"rating": judgement.rating, "reason": judgement.reason, "comment": judgement.comment}
        body = {name: value for name, value in fields.items() if value is not None}
        async with _time_limit(self._timeout_seconds):
            # A button's payload is text that a customer can type.
            await self._post(f"api/v1/messages/{quote(message_id, safe='')}/feedback", body)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _post_in_open(
        self, turn: CustomerTurn, what: str, body: Mapping[str, str]
    ) -> tuple[str, httpx2.Response]:
        """Post in the sender's conversation. One that an agent closed is over: the sender gets a further one."""
        for number in count(1):
            external_id = turn.sender_id if number == 1 else f"{turn.sender_id}#{number}"
            opening = {"external_id": external_id, "channel": CHANNEL, "locale": turn.locale}
            conversation_id = _parse(ConversationBody, await self._post("api/v1/conversations", opening)).id
            try:
                return conversation_id, await self._post(f"api/v1/conversations/{conversation_id}/{what}", body)
            except _ConversationClosedError:
                continue
        raise AssertionError  # pragma: no cover - count() does not end

    async def _post(self, path: str, body: Mapping[str, str]) -> httpx2.Response:
        for pause in PAUSES_SECONDS:
            try:
                return await self._post_once(path, body)
            except _TryAgainError:
                await asyncio.sleep(pause)
        return await self._post_once(path, body)

    async def _post_once(self, path: str, body: Mapping[str, str]) -> httpx2.Response:
        try:
            response = await self._http.post(path, json=body)
        except httpx2.TransportError as error:
            raise _TryAgainError(f"No connection to Weaver: {type(error).__name__} {error}".rstrip()) from error
        if response.is_success:
            return response
        problem = _problem(response)
        error_type = WeaverUnavailableError
        if response.status_code in TRY_AGAIN:
            error_type = _TryAgainError
        elif problem.code == CLOSED:
            error_type = _ConversationClosedError
        raise error_type(f"Weaver refused POST /{path}: {response.status_code} {problem.detail}".rstrip())


class _TryAgainError(WeaverUnavailableError):
    """The same request may succeed in a moment; a message carries its client id, so that it is stored once."""


class _ConversationClosedError(WeaverUnavailableError):
    """Nothing can be said in this conversation any more."""


@asynccontextmanager
async def _time_limit(seconds: float) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise WeaverUnavailableError(f"Weaver did not reply within {seconds:g} s.") from error


def _parse(body: type[BodyT], response: httpx2.Response) -> BodyT:
    try:
        return body.model_validate_json(response.content)
    except ValidationError as error:
        path = response.request.url.path
        raise WeaverUnavailableError(f"What answers POST {path} does not speak Weaver's API.") from error


def _problem(response: httpx2.Response) -> ProblemBody:
    """What a problem document says. Other bodies, a proxy's page for one, do not belong in a log."""
    try:
        return ProblemBody.model_validate_json(response.content)
    except ValidationError:
        return ProblemBody(detail=response.reason_phrase)
