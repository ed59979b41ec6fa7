"""What docs/rasa.md tells a Rasa developer is so."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from bot.rasa_actions.client import ClientSettings
from tests.bot.action_server import ROOT
from tests.bot.installation import WEAVER, Installation

DOCS = (ROOT / "docs" / "rasa.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "rasa"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


def example(name: str) -> Any:  # noqa: ANN401 - YAML
    """A file of the example assistant."""
    return yaml.safe_load((EXAMPLE / name).read_text(encoding="utf-8"))


def test_the_rules_are_the_examples_own() -> None:
    (shown,) = (yaml.safe_load(block)["rules"] for block in blocks("yaml"))
    assert [rule for rule in shown if rule not in example("data/rules.yml")["rules"]] == []


def test_every_variable_is_a_setting_with_the_default_that_is_named() -> None:
    rows = re.findall(r"^\| `WEAVER_(\w+)` \| (?:`(.*?)`|–) \|", DOCS, re.MULTILINE)
    fields = {name.upper(): str(field.default).rstrip("/") for name, field in ClientSettings.model_fields.items()}
    assert {name for name, _ in rows} == set(fields)
    assert all(default in ("", fields[name], fields[name].removesuffix(".0")) for name, default in rows)


def test_the_domain_has_what_the_tables_name() -> None:
    domain = example("domain.yml")
    listed = {*domain["intents"], *domain["entities"], *domain["actions"], *domain["slots"], *domain["responses"]}
    named = set(re.findall(r"`((?:utter|action)?_?weaver_\w+)`", DOCS))
    # What an assistant may have beside what the example has.
    own = {"action_weaver_handed_over", "weaver_rating", "weaver_reason", "weaver_comment", "weaver_locale"}
    assert named - own == listed & named
    assert {name for name in listed if "weaver" in name} <= named | {"weaver_title"}


@pytest.mark.parametrize("target", re.findall(r"^make ([\w-]+)", "\n".join(blocks("sh")), re.MULTILINE))
def test_every_target_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_the_key_that_the_command_sets_is_one(installation: Installation) -> None:
    (line,) = [line for line in "\n".join(blocks("sh")).splitlines() if line.startswith("export WEAVER_API_KEY")]
    script = line.replace(".venv/bin/weaver", str(WEAVER)) + '\necho "$WEAVER_API_KEY"'
    environment = {"WEAVER_HOME": str(installation.home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        ["/bin/bash", "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert re.fullmatch(r"wv_\S{20,}", said.stdout.strip()), said
