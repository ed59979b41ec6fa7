"""Rasa's own classifier, DIET in the default pipeline: trained and asked in an environment of its own."""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.data import ROOT
from benchmarks.peers.protocol import NOBODY, RANKED, Ask, Bank, Ranking, Texts

MODELS = ROOT / "var" / "benchmarks" / "rasa"
SCRIPT = Path(__file__).with_name("rasa_parse.py")
# `rasa init` gives this pipeline (without what is not about intents); the seed makes a run repeatable.
CONFIG = """
recipe: default.v1
assistant_id: benchmark
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
    random_seed: 0
policies: null
"""


def environment() -> Path | None:
    """The folder of an environment with Rasa 3.6 (Python 3.10), named by WEAVER_RASA; None when there is none."""
    named = os.environ.get("WEAVER_RASA")
    return Path(named) if named and (Path(named) / "bin" / "rasa").is_file() else None


def remember(bank: Bank) -> Ask:
    """Train Rasa on the texts, each answer an intent; what was trained before is kept under var/benchmarks/rasa."""
    training = _training_data(bank)
    digest = hashlib.sha256((CONFIG + training).encode()).hexdigest()[:24]
    model = MODELS / f"{digest}.tar.gz"
    if not model.is_file():
        _train(training, model)

    def ask(questions: Texts) -> Ranking:
        found = json.loads(_run("python", "-I", str(SCRIPT), str(model), given=json.dumps(list(questions))))
        answers = np.full((len(questions), RANKED), NOBODY, np.int64)
        scores = np.full((len(questions), RANKED), -np.inf)
        for question, ranked in enumerate(found):
            for place, (intent, confidence) in enumerate(ranked[:RANKED]):
                answers[question, place], scores[question, place] = int(intent.removeprefix("a")), confidence
        return Ranking(answers, scores)

    return ask


def _training_data(bank: Bank) -> str:
    lines = ['version: "3.1"', "nlu:"]
    for answer in np.unique(bank.owners):
        lines += [f"- intent: a{answer}", "  examples: |"]
        # A line is an example; brackets would mark entities.
        texts = (" ".join(bank.texts[row].split()) for row in np.flatnonzero(bank.owners == answer))
        lines += [f"    - {text.translate(str.maketrans('[]{}', '()()'))}" for text in texts]
    return "\n".join(lines) + "\n"


def _train(training: str, model: Path) -> None:
    model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data, config = Path(folder) / "nlu.yml", Path(folder) / "config.yml"
        data.write_text(training, encoding="utf-8")
        config.write_text(CONFIG, encoding="utf-8")
        name = model.name.removesuffix(".tar.gz")
        named = ["--out", str(model.parent), "--fixed-model-name", name]
        _run("rasa", "train", "nlu", "-u", str(data), "-c", str(config), *named)


def _run(program: str, *arguments: str, given: str | None = None) -> str:
    place = environment()
    assert place is not None, "WEAVER_RASA names no environment with Rasa"
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    threads = {"TF_INTRA_OP_PARALLELISM_THREADS": "1", "TF_INTER_OP_PARALLELISM_THREADS": "1"}
    command = [str(place / "bin" / program), *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, **quiet, **threads},
        input=given,
        check=False,
        capture_output=True,
        text=True,
        cwd=tempfile.gettempdir(),
    )
    assert done.returncode == 0, f"Rasa failed: {done.stderr[-2000:]}"
    return done.stdout.splitlines()[-1] if done.stdout else ""
