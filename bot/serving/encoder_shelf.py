"""The encoders of one process: those that the settings name, and the trained states of them that versions read with."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from bot.errors import BotError
from knowledge_base import artefacts
from knowledge_base.artefacts import Artefact
from knowledge_base.database import Database
from knowledge_base.models import ModelVersion
from weaver_core.checkpoint import CONFIG, DELTA
from weaver_core.encoders.encoder import Encoder, OnnxEncoder
from weaver_core.encoders.remembering import RememberingEncoder

# The part of a version's parameters that says which encoders were trained, and to what.
DELTAS = "deltas"
# The part that says on how many texts.
TEXTS = "texts"
# Characters of a delta's checksum in the name of a vector space, as `weaver_core.encoders.export` writes it.
SHORT = 12


class TrainedEncoderError(BotError):
    """A trained encoder cannot be made here."""


@dataclass(frozen=True, slots=True)
class _Trained:
    base: str
    sha256: str


class EncoderShelf:
    """Opens what a version reads with, once. Its methods may be called from several tasks."""

    def __init__(self, base: Sequence[Encoder], names: Sequence[str] = (), threads: int = 1) -> None:
        """`names` are what the settings call the encoders, in their order: trained states are made from these."""
        self.base = tuple(base)
        self._names = dict(zip((encoder.version for encoder in base), names, strict=False))
        self._threads = threads
        self._opened: dict[_Trained, Encoder] = {}
        self._opening = anyio.Lock()

    def reads(self, version: ModelVersion) -> bool:
        """Whether a version was made for these encoders or for trained states of them."""
        return version.encoder == name_with(self.base, deltas_of(version))

    async def of(self, database: Database, version: ModelVersion | None) -> tuple[Encoder, ...]:
        """The encoders that a version reads with; those that the settings name where it says nothing of them.

        Raises ArtefactDamagedError, TrainedEncoderError.
        """
        if version is None or not self.reads(version):
            return self.base
        return await self.opened(database, deltas_of(version))

    async def opened(self, database: Database, deltas: Mapping[str, str]) -> tuple[Encoder, ...]:
        """The encoders as they were trained: checksums of artefacts by the untrained encoder's version.

        Raises ArtefactDamagedError, TrainedEncoderError.
        """
        return tuple([await self._state(database, encoder, deltas.get(encoder.version)) for encoder in self.base])

    def name_of(self, encoder: Encoder) -> str | None:
        """What the settings call one of the installed encoders."""
        return self._names.get(encoder.version)

    def parts(self, version: ModelVersion) -> list[str]:
        """The names of the vector spaces that a version reads, none where it was made for other encoders."""
        deltas = deltas_of(version)
        known = self.base if self.reads(version) else ()
        return [trained_name(encoder.version, deltas.get(encoder.version)) for encoder in known]

    async def _state(self, database: Database, base: Encoder, sha256: str | None) -> Encoder:
        if sha256 is None:
            return base
        key = _Trained(base.version, sha256)
        async with self._opening:
            if key not in self._opened:
                async with database.reading() as session:
                    artefact = await artefacts.get(session, sha256)
                self._opened[key] = await anyio.to_thread.run_sync(self._open, base, artefact)
            return self._opened[key]

    def _open(self, base: Encoder, artefact: Artefact) -> Encoder:
        name = self._names.get(base.version)
        if name is None:
            raise TrainedEncoderError(f"The encoder {base.version} was trained, but no setting names where it is from.")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, CONFIG).write_text(json.dumps(artefact.config))
            Path(folder, DELTA).write_bytes(artefact.content)
            command = [sys.executable, "-m", "weaver_core.encoders", name, folder]
            # The interpreter is ours, and the rest are arguments, not a shell's words.
            made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
        if made.returncode:
            raise TrainedEncoderError(f"The trained encoder {name} cannot be made: {made.stderr.strip()[-400:]}")
        return RememberingEncoder(OnnxEncoder(Path(made.stdout.strip().splitlines()[-1]), self._threads))


def deltas_of(version: ModelVersion | None) -> Mapping[str, str]:
    """What a version's encoders were trained to: checksums of artefacts by the untrained encoder's version."""
    found: Mapping[str, str] = version.parameters.get(DELTAS, {}) if version else {}
    return found


def name_with(base: Sequence[Encoder], deltas: Mapping[str, str]) -> str:
    """The encoders' versions as one name, each as it was trained: a model version says nothing about others."""
    return "+".join(trained_name(encoder.version, deltas.get(encoder.version)) for encoder in base)


def name_of(encoders: Sequence[Encoder]) -> str:
    """The same of encoders that are open, as they were trained."""
    return "+".join(encoder.version for encoder in encoders)


def trained_name(base: str, sha256: str | None) -> str:
    """The version of an encoder with a delta, as its export is called."""
    return base if sha256 is None else f"{base}+{sha256[:SHORT]}"
