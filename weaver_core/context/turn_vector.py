"""A turn as a unit vector: by itself, with the last turns' vectors added, or through a trained decoder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from weaver_core.context import checkpoint
from weaver_core.context.anaphora import leans_on_context
from weaver_core.context.earlier import EarlierTurn
from weaver_core.context.reading import ContextDecoder
from weaver_core.context.weighting import RECENT, EarlierVector, contextual
from weaver_core.dialogue import Role, Turn
from weaver_core.encoders.encoder import Encoder
from weaver_core.errors import DecoderMismatchError
from weaver_core.texts.normalization import canonical, has_words

Vector = NDArray[np.float32]
Centre = Callable[[Vector], Vector]
"""Takes off a vector what all of an encoder's vectors have in common. Shape: (d,) → (d,)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn's text, in the passages that it is encoded in, and what was said before it, oldest first."""

    passages: Sequence[str]
    history: Sequence[Turn] = ()


class TurnVector(Protocol):
    """A way to make a vector of a turn."""

    def of(self, said: Said, encoder: Encoder, centre: Centre) -> Vector:
        """The turn's unit vector in this encoder's space, centred. Shape: (d,)."""
        ...


class Alone:
    """The turn by itself: the mean of its passages' vectors."""

    def of(self, said: Said, encoder: Encoder, centre: Centre) -> Vector:
        """The turn's unit vector in this encoder's space, centred. Shape: (d,)."""
        return centre(_unit(encoder.encode(said.passages).mean(axis=0)))


class Recent:
    """A turn that is short or points back has the last two turns' vectors added; any other stands by itself."""

    def of(self, said: Said, encoder: Encoder, centre: Centre) -> Vector:
        """The turn's unit vector in this encoder's space, centred. Shape: (d,)."""
        own = Alone().of(said, encoder, centre)
        spoken = _spoken(said.history, RECENT.turns * 2)
        if not spoken or len(said.passages) > 1 or not leans_on_context(said.passages[0]):
            return own
        vectors = encoder.encode([canonical(turn.text) for turn in spoken])
        earlier = [EarlierVector(turn.role, centre(vector)) for turn, vector in zip(spoken, vectors, strict=True)]
        return contextual(own, earlier, RECENT)


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """R = TransformerDecoder(Q) in the spaces of the encoders that a decoder was trained for."""

    decoders: dict[str, ContextDecoder]

    @classmethod
    def open(cls, folders: Sequence[Path], encoders: Sequence[Encoder]) -> Self:
        """Open trained decoders. Raises DecoderMismatchError, DecoderDamagedError."""
        versions = [encoder.version for encoder in encoders]
        decoders: dict[str, ContextDecoder] = {}
        for folder in folders:
            version = checkpoint.trained_for(folder)
            if version not in versions:
                raise DecoderMismatchError(
                    f"The decoder in {folder} was trained for the encoder {version}, which is not read here: "
                    f"{', '.join(versions)}."
                )
            if version in decoders:
                raise DecoderMismatchError(f"The decoder in {folder} is the second one for the encoder {version}.")
            decoders[version] = ContextDecoder(folder, version)
        return cls(decoders)

    def of(self, said: Said, encoder: Encoder, centre: Centre) -> Vector:
        """The turn's unit vector in this encoder's space, centred. Shape: (d,)."""
        decoder = self.decoders.get(encoder.version)
        if decoder is None:
            return Alone().of(said, encoder, centre)
        spoken = _spoken(said.history, decoder.most_turns)
        states = encoder.states([*said.passages, *(canonical(turn.text) for turn in spoken)])
        own, before = states[: len(said.passages)], states[len(said.passages) :]
        earlier = [EarlierTurn(turn.role, one.pooled) for turn, one in zip(spoken, before, strict=True)]
        return centre(_unit(np.stack([decoder.vector(one.pooled, earlier) for one in own]).mean(axis=0)))


def _spoken(history: Sequence[Turn], most: int) -> list[Turn]:
    """The last turns that say something, oldest first."""
    return [turn for turn in history if turn.role is not Role.SYSTEM and has_words(turn.text)][-most:]


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.maximum(np.linalg.norm(vector), np.finfo(np.float32).tiny), np.float32)
