"""From what came over the wire to a frame, or to the sentence that says what is wrong with it."""

import json
from typing import Any, cast

from pydantic import ValidationError

from bot.chat.frames import ClientFrame, client_frames
from bot.errors import BotError
from bot.faults import sentence_of
from weaver_core.texts.normalization import clean

_SHOWN = 60


class FrameError(BotError):
    """A frame that is none of the protocol's. `client_id` is set where a message can be told by it."""

    def __init__(self, code: str, detail: str, client_id: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.client_id = client_id


def parse(text: str) -> ClientFrame:
    """The frame that a text spells. Raises FrameError."""
    try:
        value: Any = json.loads(text)
    except RecursionError:
        raise FrameError("invalid_json", "The frame is nested too deeply.") from None
    except ValueError as error:
        raise FrameError("invalid_json", f"The frame is not valid JSON: {error}.") from None
    if not isinstance(value, dict):
        raise FrameError("invalid_frame", "The frame is not a JSON object.")
    try:
        return client_frames.validate_python(value)
    except ValidationError as error:
        raise _refusal(cast("dict[str, Any]", value), error) from None


def _refusal(fields: dict[str, Any], error: ValidationError) -> FrameError:
    problem: dict[str, Any] = {**error.errors(include_url=False)[0]}
    kind = fields.get("type")
    if problem["type"] == "union_tag_not_found":
        return FrameError("invalid_frame", "The field type is missing.")
    if problem["type"] == "union_tag_invalid":
        return FrameError("unknown_frame", f"There is no frame of the type {clean(str(kind)[:_SHOWN]).text}.")
    # The first part of the place is the frame's type.
    problem["loc"] = problem["loc"][1:]
    client_id = fields.get("client_id") if kind == "message" else None
    return FrameError(
        "invalid_frame", sentence_of([problem]), clean(client_id).text if isinstance(client_id, str) else None
    )
