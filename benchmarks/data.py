"""Real public data for the benchmarks, read where it lies beside the project; never copied into it."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """The data's folder: WEAVER_DATA, else `../shared/data`. Ends the program with a sentence when it is not there."""
    path = Path(os.environ.get("WEAVER_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        sys.exit(f"The benchmark data is not at {path}; set WEAVER_DATA to its folder.")
    return path


def rows(name: str) -> list[dict[str, Any]]:
    """The lines of one JSONL file of the data."""
    with (folder() / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def shop(name: str) -> list[dict[str, Any]]:
    """The lines of one file of the sample shop."""
    with (ROOT / "examples" / "shop" / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def components(pairs: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Questions that a chain of positive pairs joins, as groups of two and more."""
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        while parent.setdefault(text, text) != text:
            text = parent[text]
        return text

    for pair in pairs:
        if str(pair["label"]) == "1":
            parent[root(str(pair["sentence1"]))] = root(str(pair["sentence2"]))
    groups: dict[str, list[str]] = {}
    for text in list(parent):
        groups.setdefault(root(text), []).append(text)
    return [group for group in groups.values() if len(group) > 1]
