"""Whether what Weaver is made of may be used: known holes, releases that fit each other, licences. `make audit`."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "weaver"
NOT_AUDITED = "NOT AUDITED: no source of advisories answered"
# Under these Weaver may not be given on as it is: they ask for the whole to be under them.
UNWANTED = re.compile(
    r"\b(?:AGPL|Affero|SSPL|(?<!L)GPL|GNU General Public|BUSL|Commons Clause|NonCommercial|Proprietary)", re.IGNORECASE
)


def licence_of(found: Distribution) -> str:
    """What a package says of its licence: an expression, classifiers, or a name; not a licence's whole text."""
    told = found.metadata
    classifiers = [
        name.rpartition(" :: ")[2] for name in told.get_all("Classifier") or () if name.startswith("License ::")
    ]
    name = (told["License"] or "").strip().splitlines()[:1] if "License" in told else []
    expression = [told["License-Expression"]] if "License-Expression" in told else []
    return "; ".join([*expression, *classifiers] or name)


def used(requirements: Iterable[str]) -> Iterator[Distribution]:
    """The installed packages that these need, themselves included."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        key = (wanted.name.lower(), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            found = distribution(wanted.name)
        except PackageNotFoundError:
            continue
        yield found
        needed = [Requirement(text) for text in found.requires or ()]
        asked = ("", *wanted.extras)
        waiting += [
            one for one in needed if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in asked)
        ]


def unwanted_licences(packages: Iterable[Distribution]) -> list[str]:
    """Packages whose licence forbids giving Weaver on, or that name none, a sentence each."""
    wrong: list[str] = []
    for found in packages:
        licence = licence_of(found)
        if not licence:
            wrong.append(f"{found.name} {found.version} names no licence.")
        elif UNWANTED.search(licence):
            wrong.append(f"{found.name} {found.version} is under {licence}.")
    return wrong


def out_of_bounds(requirements: Iterable[str]) -> list[str]:
    """Requirements of pyproject that say no release, or that the installed one does not meet, a sentence each."""
    wrong: list[str] = []
    for text in requirements:
        wanted = Requirement(text)
        if not wanted.specifier:
            wrong.append(f"pyproject.toml says no release of {wanted.name}.")
            continue
        try:
            version = distribution(wanted.name).version
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} is not installed.")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            wrong.append(f"{wanted.name} {version} is installed, and pyproject.toml wants {wanted.specifier}.")
    return wrong


def unfit() -> list[str]:
    """Installed packages that do not fit each other, as pip tells it."""
    said = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    return said.stdout.splitlines() if said.returncode else []


def advisories(arguments: Iterable[str]) -> list[str] | None:
    """Known holes of the installed packages, a sentence each; None when no source of advisories answered for any."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"]
    said = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(said.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = said.stderr.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        sys.stderr.write(f"pip-audit: {reason[0]}\n")
        return None
    looked_at = [package for package in packages if "vulns" in package]
    if not looked_at:
        return None
    skipped = [package["name"] for package in packages if "vulns" not in package and package["name"] != PROJECT]
    if skipped:
        sys.stderr.write(f"Without advisories: {', '.join(skipped)}\n")
    return [
        f"{package['name']} {package['version']} has {hole['id']}; mended in {', '.join(hole['fix_versions']) or '–'}."
        for package in looked_at
        for hole in package["vulns"]
    ]


def main(arguments: list[str]) -> int:
    """Say what is wrong. 0: nothing that could be looked at; 1: something, or, with --strict, no advisories."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    given = shlex.split(os.environ.get("AUDIT", ""))
    holes = advisories(given)
    wrong = [*unfit(), *out_of_bounds(required), *unwanted_licences(used(project["dependencies"])), *(holes or ())]
    for sentence in wrong:
        sys.stderr.write(f"{sentence}\n")
    if holes is None:
        sys.stderr.write(f"{NOT_AUDITED}. Releases and licences were checked. See docs/security.md.\n")
        return int(bool(wrong) or "--strict" in arguments)
    if not wrong:
        sys.stdout.write("No known holes, and the installed packages fit.\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
