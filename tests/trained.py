"""A low-rank delta of the tests' own encoder, as a training run would have left it."""

import json
from pathlib import Path

import numpy as np

from knowledge_base.artefacts import Artefact
from weaver_core import checkpoint
from weaver_core.checkpoint import CONFIG, DELTA, LORA, Checkpoint
from weaver_core.encoders import export, sources

LAYERS = [f"encoder.layer.{layer}.attention.self.query" for layer in (0, 1)]


def artefact(transformer: Path, folder: Path, strength: float = 0.02, seed: int = 0, rank: int = 2) -> Artefact:
    """A delta with random numbers of this strength, made in a folder."""
    source = sources.find(str(transformer))
    random = np.random.default_rng(seed)
    width = json.loads((transformer / "config.json").read_text())["hidden_size"]
    tensors = {}
    for layer in LAYERS:
        tensors[f"{layer}.down"] = (strength * random.standard_normal((rank, width))).astype(np.float16)
        tensors[f"{layer}.up"] = random.standard_normal((width, rank)).astype(np.float16)
    trained = Checkpoint(LORA, export.version_of(source), sources.sha256_of(source.weights), {}, tensors)
    checkpoint.write(folder / "checkpoint", trained)
    config = json.loads((folder / "checkpoint" / CONFIG).read_text())
    return Artefact(config, (folder / "checkpoint" / DELTA).read_bytes())
