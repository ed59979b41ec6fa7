"""Whoever follows docs/start.md from nothing gets what it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.bot.action_server import ROOT
from tests.bot.installation import WEAVER

PAGE = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(*languages: str) -> list[tuple[str, str]]:
    """The page's blocks in these languages, in order: language and text."""
    return [(language, text) for language, text in BLOCK.findall(PAGE) if language in languages]


@pytest.mark.slow
def test_its_commands_do_what_it_says_in_its_order(tiny_source: Path, cache: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{WEAVER.parent}:{os.environ['PATH']}",
        "WEAVER_HOME": str(tmp_path / "var"),
        "WEAVER_ENCODERS": str(tiny_source),
        "WEAVER_WRONG_PER_HUNDRED": "100",
        "XDG_CACHE_HOME": str(cache),
    }
    script = "\n".join(text for language, text in blocks("sh") if language)
    told = subprocess.run(
        ["/bin/bash", "-euc", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert told.returncode == 0, told.stderr
    said = told.stdout + told.stderr
    place = 0
    for _, shown in blocks("text"):
        for line in shown.splitlines():
            found = said.find(line, place)
            assert found >= 0, f"{line!r} is not said, or not in its place, in:\n{said}"
            place = found


@pytest.mark.parametrize(
    "target", re.findall(r"^make ([\w-]+)", "\n".join(text for _, text in blocks("console")), re.MULTILINE)
)
def test_every_target_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", PAGE)
    assert len(links) > 8
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
