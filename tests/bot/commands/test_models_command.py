"""`weaver models`: versions are shown, promoted, and rolled back."""

import json
from pathlib import Path

import pytest

from tests.bot.installation import Installation


@pytest.fixture
def fitted(installation: Installation, tmp_path: Path) -> Installation:
    """An installation whose model was fitted twice."""
    for number in (1, 2):
        faq = tmp_path / f"faq{number}.jsonl"
        lines = [
            {
                "question": f"How long does it take the {part} of {number}?",
                "answer": f"Days: {part}.",
                "answer_id": part,
            }
            for part in ("first", "second", "third")
            for _ in range(20)
        ]
        lines = [line | {"question": f"{line['question']} {place}"} for place, line in enumerate(lines)]
        faq.write_text("".join(json.dumps(line) + "\n" for line in lines))
        assert installation.run("import", str(faq)).returncode == 0
    return installation


def states(installation: Installation) -> dict[str, str]:
    """Each version's state."""
    listed = json.loads(installation.run("models", "list", "--json").stdout)
    return {version["version"]: version["state"] for version in listed}


@pytest.mark.slow
def test_a_version_is_shown_rolled_back_and_promoted_again(fitted: Installation) -> None:
    assert states(fitted) == {"v2": "active", "v1": "retired"}
    shown = json.loads(fitted.run("models", "show", "v2", "--json").stdout)
    assert (shown["parent"], shown["state"], shown["promoted_by"]) == ("v1", "active", "import")
    assert "left out one at a time" in shown["log"]
    first = json.loads(fitted.run("models", "show", "v1", "--json").stdout)
    assert (first["parent"], first["learned_since"], first["gate"]) == (None, None, {})
    assert shown["learned_since"] == first["learned_until"] < shown["learned_until"]
    assert "what came after" in fitted.run("models", "show", "v2").stdout
    said = fitted.run("models", "show", "v1").stdout
    assert said.startswith("v1, retired, made ")
    assert "from nothing" in said
    assert fitted.run("models", "rollback").stdout == "v1 answers now.\n"
    assert states(fitted) == {"v2": "retired", "v1": "active"}
    assert json.loads(fitted.run("models", "promote", "v2", "--json").stdout) == {"version": "v2"}
    assert states(fitted) == {"v2": "active", "v1": "retired"}


@pytest.mark.slow
def test_a_version_is_asked_in_the_background_and_no_more(fitted: Installation) -> None:
    assert fitted.run("models", "shadow", "v1").stdout == "v1 is asked in the background.\n"
    assert states(fitted) == {"v2": "active", "v1": "shadow"}
    assert json.loads(fitted.run("models", "show", "v1", "--json").stdout)["shadow"]["turns"] == 0
    assert json.loads(fitted.run("models", "shadow", "--off", "--json").stdout) == {"version": None}
    assert states(fitted) == {"v2": "active", "v1": "candidate"}
    assert fitted.run("models", "shadow").returncode == fitted.run("models", "shadow", "v1", "--off").returncode == 2


@pytest.mark.slow
def test_an_update_of_a_small_memory_says_what_it_did_and_exits_with_0(fitted: Installation) -> None:
    done = fitted.run("update", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["gate"]["sets"][0]["name"] == "memory"
    assert report["promoted"]
    assert states(fitted)["v3"] == "active"
    assert fitted.run("update", "--dry-run").stdout.splitlines()[-1] == "It would answer now."


@pytest.mark.slow
def test_what_is_not_there_is_one_clear_sentence(fitted: Installation) -> None:
    for arguments in (("show", "v9"), ("promote", "v9")):
        refused = fitted.run("models", *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "There is no model version v9." in refused.stderr
    assert fitted.run("models", "rollback").returncode == 0
    refused = fitted.run("models", "rollback")
    assert refused.returncode == 2
    assert "There is no model version before v1." in refused.stderr
