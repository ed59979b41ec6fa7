"""How turns of each language are read and judged: what a model version holds."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from weaver_core.calibration import Calibration
from weaver_core.encoders.encoder import Encoder
from weaver_core.errors import ModelError
from weaver_core.model import ReadParameters, ViewParameters

# A turn whose language is unknown, or other than that of the answers that it is read against.
ANY = "*"
_SHIPPED = "shipped_readers.json"
# An encoder is a specialist of a language that it names, and general when it names none.
SPECIALIST, GENERAL = "specialist", "general"


@dataclass(frozen=True, slots=True)
class Reader:
    """How turns of one language are read, and what makes a confidence of a reading."""

    parameters: ReadParameters
    calibration: Calibration

    def to_json(self) -> dict[str, Any]:
        """The reader as a model version keeps it."""
        return {"parameters": self.parameters.to_json(), "calibration": self.calibration.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reader as a model version keeps it."""
        return cls(ReadParameters.from_json(stored["parameters"]), Calibration.from_json(stored["calibration"]))


Centres = Mapping[str, Mapping[str, NDArray[np.float32]]]
"""The mean that is taken off an encoder's vectors, by encoder version and language. Shape: (d,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Readers:
    """Readers by language, with the centres of the views that need one."""

    encoders: tuple[Encoder, ...]
    fitted: Mapping[str, Reader] = field(default_factory=dict[str, Reader])
    centres: Centres = field(default_factory=dict[str, Mapping[str, NDArray[np.float32]]])

    def of(self, language: str | None) -> Reader:
        """The reader of a language: the one fitted on this memory, else the shipped one."""
        found = self.fitted.get(language or ANY)
        return found or shipped(language or ANY, self.encoders)

    def centre(self, encoder: Encoder, language: str | None) -> NDArray[np.float32] | None:
        """The mean that is taken off an encoder's vectors of a language, None where none is. Shape: (d,)."""
        if not encoder.centred:
            return None
        known = {**_shipped_of(encoder), **self.centres.get(encoder.version, {})}
        return known.get(language or ANY, known.get(ANY))

    def centred(self, vectors: NDArray[np.float32], encoder: Encoder, language: str | None) -> NDArray[np.float32]:
        """An encoder's unit vectors as they are compared: without the mean of their language. Shape: (…, d)."""
        centre = self.centre(encoder, language)
        if centre is None:
            return vectors
        moved = vectors - centre
        unit: NDArray[np.float32] = moved / np.maximum(
            np.linalg.norm(moved, axis=-1, keepdims=True), np.finfo(np.float32).tiny
        )
        return unit

    @property
    def centring(self) -> str:
        """A name for how vectors are centred: readers that share it centre alike."""
        known = {
            encoder.version: {
                language: pack(centre)
                for language, centre in ({**_shipped_of(encoder), **self.centres.get(encoder.version, {})}).items()
            }
            for encoder in self.encoders
            if encoder.centred
        }
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """What a model version keeps."""
        return {
            "readers": {language: reader.to_json() for language, reader in self.fitted.items()},
            "centres": {version: {key: pack(c) for key, c in by.items()} for version, by in self.centres.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], encoders: Sequence[Encoder]) -> Self:
        """What a model version keeps. Raises ModelError when that is something else."""
        try:
            fitted = {language: Reader.from_json(reader) for language, reader in stored["readers"].items()}
            centres = {key: {lang: unpack(c) for lang, c in by.items()} for key, by in stored["centres"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"The model version's parameters cannot be read: {error!r}.") from error
        return cls(tuple(encoders), fitted, centres)


def shipped(language: str, encoders: Sequence[Encoder]) -> Reader:
    """The reader for a memory that is too small to fit one, from development sets (benchmarks/shipped_readers.py).

    Encoders that do not know the language get weight zero.
    """
    roles = {encoder.version: role for encoder in encoders if (role := role_of(encoder, language))}
    stored: dict[str, Any] = _load()["readers"]
    wanted = "+".join(sorted(set(roles.values()))) or "words"
    chosen = next(stored[key] for key in (f"{language} {wanted}", f"en {wanted}", f"* {wanted}") if key in stored)
    counts = {role: list(roles.values()).count(role) for role in roles.values()}
    views = {encoder.version: ViewParameters(weight=0.0) for encoder in encoders}
    for version, role in roles.items():
        view = ViewParameters(**chosen["parameters"]["views"][role])
        views[version] = ViewParameters(view.weight / counts[role], view.scale, view.sentence_trust)
    parameters = chosen["parameters"]
    return Reader(
        ReadParameters(views, parameters["words"], parameters["beta"]), Calibration.from_json(chosen["calibration"])
    )


def role_of(encoder: Encoder, language: str) -> str | None:
    """What an encoder is for a language: specialist, general, or None when it does not know it."""
    if not encoder.languages:
        return GENERAL
    return SPECIALIST if language in encoder.languages else None


def pack(centre: NDArray[np.float32]) -> str:
    """A centre as JSON keeps it: half precision in base 64. Shape: (d,)."""
    return base64.b64encode(centre.astype("<f2").tobytes()).decode()


def unpack(stored: str) -> NDArray[np.float32]:
    """A centre as JSON keeps it. Shape: (d,)."""
    return np.frombuffer(base64.b64decode(stored), "<f2").astype(np.float32)


@cache
def _load() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files("weaver_core").joinpath(_SHIPPED).read_text())
    return found


def _shipped_of(encoder: Encoder) -> Mapping[str, NDArray[np.float32]]:
    """The shipped centres of an encoder. A trained one's mean is near that of what it was trained from."""
    shipped = _shipped_centres()
    return shipped.get(encoder.version, shipped.get(encoder.version.partition("+")[0], {}))


@cache
def _shipped_centres() -> Centres:
    stored: dict[str, dict[str, str]] = _load()["centres"]
    return {version: {key: unpack(centre) for key, centre in by.items()} for version, by in stored.items()}
