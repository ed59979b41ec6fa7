"""The heads that ship with Weaver, for the encoder that they were fitted on."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

from weaver_core.errors import HeadDamagedError, OtherEncoderError
from weaver_core.heads.head import Head
from weaver_core.heads.labels import LABELS, Task

STORED = "fitted.json"


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """One head a task, all fitted on the vectors of one version of an encoder."""

    encoder: str
    sentiment: Head
    answer: Head
    resolution: Head

    def __post_init__(self) -> None:
        """Raises HeadDamagedError when a head does not tell its task's labels apart."""
        for task, head in self._named().items():
            if head.labels != LABELS[task]:
                raise HeadDamagedError(f"The head for {task} tells {', '.join(head.labels)} apart.")

    def to_json(self) -> dict[str, Any]:
        """The heads as they are stored."""
        return {"encoder": self.encoder, **{task: head.to_json() for task, head in self._named().items()}}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Stored heads. Raises HeadDamagedError."""
        try:
            return cls(str(stored["encoder"]), *(Head.from_json(stored[task]) for task in Task))
        except (KeyError, TypeError) as error:
            raise HeadDamagedError(f"The stored heads are not complete: {error}.") from error

    def _named(self) -> dict[Task, Head]:
        return {Task.SENTIMENT: self.sentiment, Task.ANSWER: self.answer, Task.RESOLUTION: self.resolution}


def known(encoders: Iterable[str]) -> Heads | None:
    """The shipped heads, where they were fitted on one of these versions; None else. Raises HeadDamagedError."""
    for encoder in encoders:
        with suppress(OtherEncoderError):
            return load(encoder)
    return None


def load(encoder: str) -> Heads:
    """The shipped heads for the encoder of this version.

    Raises OtherEncoderError when they were fitted on another, HeadDamagedError when they cannot be read.
    """
    try:
        stored = json.loads(resources.files("weaver_core.heads").joinpath(STORED).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HeadDamagedError(f"The shipped heads in {STORED} cannot be read: {error}.") from error
    heads = Heads.from_json(stored)
    if heads.encoder != encoder:
        raise OtherEncoderError(f"The heads were fitted on the encoder {heads.encoder}, not on {encoder}.")
    return heads
