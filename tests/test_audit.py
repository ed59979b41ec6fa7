"""The audit of the dependencies: what is wrong with them is named, and what could not be looked at is no pass."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from tests import audit

HOLE = {
    "id": "PYSEC-0000-1",
    "summary": "A hole",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "leaky"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
            "versions": ["1.0"],
        }
    ],
}


@contextmanager
def source_of_advisories(*holes: object) -> Iterator[str]:
    """A server that knows these holes of every package."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Whatever is asked about has them."""
            self.rfile.read(int(self.headers["Content-Length"]))
            content = json.dumps({"vulns": list(holes)} if holes else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def asked(folder: Path, url: str) -> list[str] | None:
    """What is known of one package."""
    wanted = folder / "requirements.txt"
    wanted.write_text("leaky==1.0\n")
    service = ["--vulnerability-service", "osv", "--osv-url", url]
    return audit.advisories([*service, "--requirement", str(wanted), "--no-deps", "--disable-pip"])


def test_a_known_hole_is_named_with_the_release_that_mends_it(tmp_path: Path) -> None:
    with source_of_advisories(HOLE) as url:
        assert asked(tmp_path, url) == ["leaky 1.0 has PYSEC-0000-1; mended in 2.0."]
    with source_of_advisories() as url:
        assert asked(tmp_path, url) == []


def test_a_source_that_does_not_answer_is_no_pass(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with source_of_advisories() as url:
        pass
    assert asked(tmp_path, url) is None
    assert "pip-audit: " in capfd.readouterr().err


def described(folder: Path, *lines: str) -> Distribution:
    """An installed package of this description."""
    place = folder / "thing-1.0.dist-info"
    place.mkdir(exist_ok=True)
    (place / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: thing", "Version: 1.0", *lines]) + "\n")
    return PathDistribution(place)


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: AGPL-3.0-only",
        "License: GPLv3",
        "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "Summary: a package that says nothing of a licence",
    ],
)
def test_a_licence_that_does_not_let_weaver_be_given_on_is_named(tmp_path: Path, line: str) -> None:
    (sentence,) = audit.unwanted_licences([described(tmp_path, line)])
    assert sentence.startswith("thing 1.0 ")


@pytest.mark.parametrize(
    "line",
    [
        "License-Expression: MIT OR Apache-2.0",
        "License: LGPL-3.0-only",
        "Classifier: License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)",
    ],
)
def test_other_licences_are_not(tmp_path: Path, line: str) -> None:
    assert audit.unwanted_licences([described(tmp_path, line)]) == []


def test_a_release_that_pyproject_does_not_want_is_named() -> None:
    assert audit.out_of_bounds(["pytest>=8"]) == []
    assert audit.out_of_bounds(["pytest>=9000"])[0].endswith("and pyproject.toml wants >=9000.")
    assert audit.out_of_bounds(["pytest"]) == ["pyproject.toml says no release of pytest."]
    assert audit.out_of_bounds(["no-such-thing==1"]) == ["no-such-thing is not installed."]


def test_what_a_package_needs_is_looked_at_too() -> None:
    assert {"fastapi", "starlette"} <= {found.name for found in audit.used(["fastapi"])}
    assert "greenlet" in {found.name for found in audit.used(["sqlalchemy[asyncio]"])}
