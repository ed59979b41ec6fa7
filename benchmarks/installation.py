"""An installation of its own for a measurement: a FAQ imported, questions evaluated, by the command line."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def measured(faq: Sequence[dict[str, Any]], questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of `weaver evaluate` after `weaver import`, with the model version that was fitted as `model`."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        weaver(home, "db", "upgrade")
        weaver(home, "import", str(_write_lines(home / "faq.jsonl", faq)))
        figures = json.loads(weaver(home, "evaluate", str(_write_lines(home / "asked.jsonl", questions)), "--json"))
        return {**figures, "model": next(iter(json.loads(weaver(home, "models", "list", "--json"))), None)}


def _write_lines(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def weaver(home: Path, *arguments: str) -> str:
    """What a command of Weaver prints, on the installation in a folder."""
    command = [str(Path(sys.executable).parent / "weaver"), *arguments]
    environment = {**os.environ, "WEAVER_HOME": str(home), "WEAVER_DATABASE_URL": ""}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
