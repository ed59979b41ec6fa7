"""`python -m weaver_core.training FOLDER`: carries out the training job in a folder."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import torch

from weaver_core import checkpoint
from weaver_core.adapter import RESIDUAL
from weaver_core.checkpoint import ADAPTER, LORA, Checkpoint
from weaver_core.encoders import export, sources
from weaver_core.errors import EvidenceError, ModelError
from weaver_core.memory import Memories
from weaver_core.training import adapter_training, evidence, job
from weaver_core.training.adapter_training import JudgedTurns
from weaver_core.training.encoder_training import EncoderTraining
from weaver_core.training.job import Job
from weaver_core.training.progress import Progress
from weaver_core.training.settings import adapter_settings, encoder_settings, to_json
from weaver_core.training.text_encoder import TextEncoder


def carry_out(folder: Path) -> None:
    """Train what the folder's job asks for and leave the checkpoint there. Raises ModelError."""
    asked = job.read(folder)
    torch.set_num_threads(asked.threads)
    trained = _lora(folder, asked) if asked.kind == LORA else _adapter(folder, asked)
    checkpoint.write(folder / job.CHECKPOINT, trained)
    (folder / job.STATE).unlink(missing_ok=True)


def _lora(folder: Path, asked: Job) -> Checkpoint:
    source, settings = sources.find(asked.encoder), encoder_settings(asked.settings)
    learnt_from = evidence.gathered(evidence.read(folder / job.EVIDENCE))
    with tempfile.TemporaryDirectory() as decoded:
        transformer = export.decoded(source, Path(decoded))
        encoder = TextEncoder(transformer, source.prefix, settings.most_tokens, half=settings.half)
    training = EncoderTraining(encoder, learnt_from, settings, centred=source.centred)
    delta = training.run(lambda progress: _report(folder, progress), folder / job.STATE)
    return Checkpoint(LORA, export.version_of(source), sources.sha256_of(source.weights), to_json(settings), delta)


def _adapter(folder: Path, asked: Job) -> Checkpoint:
    settings, arrays = adapter_settings(asked.settings), job.read_vectors(folder)
    try:
        turns = JudgedTurns(**{name: arrays[name] for name in JudgedTurns.__slots__})
        memories = Memories(arrays["vectors"], arrays["offsets"], arrays["trust"])
        asks = arrays["asks"]
    except KeyError as error:
        raise EvidenceError(f"The {job.VECTORS} in {folder} lacks {error}.") from error
    residual = adapter_training.train(turns, memories, asks, settings, lambda progress: _report(folder, progress))
    return Checkpoint(ADAPTER, asked.version, asked.weights_sha256, to_json(settings), {RESIDUAL: residual})


def _report(folder: Path, progress: Progress) -> None:
    job.replace_file(folder / job.PROGRESS, json.dumps(asdict(progress)).encode())


def main() -> int:
    """The program. Its exit code is 0 when there is a checkpoint; else `error.txt` says why there is none."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and the folder
        sys.stderr.write("usage: python -m weaver_core.training FOLDER\n")
        return 2
    folder = Path(sys.argv[1])
    try:
        carry_out(folder)
    except ModelError as error:
        job.replace_file(folder / job.ERROR, str(error).encode())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
