"""The files in examples/deploy: their commands are Weaver's, and so are the settings that they name."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.commands import weaver
from bot.settings import Settings

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
UNIT = (FOLDER / "weaver.service").read_text()
CONTAINER = (FOLDER / "Dockerfile").read_text()


def commands() -> list[list[str]]:
    """What is run, without the program's own name."""
    composed = [service["command"][1:] for service in COMPOSE["services"].values() if "command" in service]
    started = [shlex.split(line)[1:] for line in re.findall(r"ExecStart(?:Pre)?=(.*)", UNIT)]
    return [*composed, *started, yaml.safe_load(CONTAINER.rpartition("CMD ")[2])[1:]]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_a_command_is_one_of_weavers(arguments: list[str]) -> None:
    said = CliRunner().invoke(weaver, [*arguments, "--help"])
    assert said.exit_code == 0, said.output


def test_every_setting_is_one() -> None:
    named = set(re.findall(r"WEAVER_[A-Z_]+", UNIT + CONTAINER + (FOLDER / "compose.yaml").read_text()))
    assert named
    assert {name.removeprefix("WEAVER_").lower() for name in named} <= set(Settings.model_fields)


def test_the_container_has_what_the_package_is_made_of() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", CONTAINER, re.MULTILINE)
    root = FOLDER.parents[1]
    assert {name for line in copied for name in line.split()} >= {"bot", "knowledge_base", "weaver_core", "migrations"}
    assert all((root / name).exists() for line in copied for name in line.split())
