"""Files sent to a running service: looked at, imported by a process of its own, refused in a sentence."""

import gzip
import http.client
import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.imports import uploads
from tests.bot.installation import Installation, until_ready
from tests.patience import wait_until

pytestmark = pytest.mark.slow

SECONDS = 120
FAQ = b"question,answer\nHow long does it take?,Three days.\n,Nothing asked.\nWhere is it made?,In Leith.\n"
DIALOGUE = {
    "id": "d1",
    "turns": [
        {"role": "customer", "text": "How do I clean the copper kettle? I am Rosalind Quimby."},
        {"role": "agent", "text": "Rub it with lemon and salt, then rinse and dry it."},
        {"role": "customer", "text": "Great, that worked"},
    ],
}


@dataclass(frozen=True, slots=True)
class Site:
    """A running service, its data folder, a reviewer's client."""

    home: Path
    api: httpx2.Client

    def send(self, name: str, content: bytes, **fields: str) -> httpx2.Response:
        """Send a file."""
        return self.api.post("/imports", files={"file": (name, content)}, data=fields)

    def settled(self, import_id: str) -> dict[str, Any]:
        """The file once nothing goes on with it by itself."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.api.get(f"/imports/{import_id}").raise_for_status().json()
            if run["state"] not in ("received", "checking", "queued", "running"):
                return run
            time.sleep(0.1)
        raise AssertionError(run)

    def uploaded(self) -> list[str]:
        """The uploaded files that are there."""
        return [name for _, _, names in os.walk(self.home / "uploads") for name in names]

    def wait_until_nothing_is_kept(self) -> None:
        """Wait until all uploaded files are deleted; a process deletes its own once the outcome is written down."""
        wait_until(lambda: not self.uploaded(), "no uploaded file is kept")


@pytest.fixture
def site(installation: Installation) -> Iterator[Site]:
    """A service in a process of its own, which starts processes of its own."""
    key = json.loads(installation.run("key", "add", "rhea", "--role", "reviewer", "--json").stdout)["key"]
    with installation.serving() as (_, address):
        until_ready(address)
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.Client(base_url=f"{address}/api/v1/admin", headers=headers, timeout=30) as api:
            yield Site(installation.home, api)


def test_a_file_is_looked_at_first_then_imported_then_answered_from_and_deleted(site: Site) -> None:
    sent = site.send("../../etc/faq.csv", FAQ, size=str(len(FAQ)))
    assert (sent.status_code, sent.json()["name"], sent.json()["state"]) == (202, "faq.csv", "received")
    ready = site.settled(sent.json()["id"])
    assert ready["state"] == "ready"
    found = ready["found"]
    assert (found["format"], found["read"]) == ("faq", 3)
    assert found["rejected"] == [{"number": 3, "reason": "question is missing"}]
    assert found["samples"][0] == {"question": "How long does it take?", "answer": "Three days."}
    # Nothing is stored before somebody says so.
    assert site.api.get("/answers").json()["total"] == 0
    site.api.post(f"/imports/{ready['id']}/start").raise_for_status()
    done = site.settled(ready["id"])
    assert (done["state"], done["result"]["new"], done["result"]["rejected_count"]) == ("done", 2, 1)
    asked = site.api.post("../ask", json={"text": "Where is it made?"}).raise_for_status().json()
    assert asked["candidates"][0]["text"] == "In Leith."
    site.wait_until_nothing_is_kept()
    again = site.api.post(f"/imports/{ready['id']}/start")
    assert (again.status_code, again.json()["code"]) == (409, "import_state")
    # The same file a second time changes nothing.
    twice = site.settled(site.send("faq.csv", FAQ).json()["id"])
    site.api.post(f"/imports/{twice['id']}/start").raise_for_status()
    assert site.settled(twice["id"])["result"]["duplicate"] == 2


def test_what_cannot_be_used_is_told_in_one_sentence_and_nothing_of_it_is_stored(site: Site) -> None:
    rows = b"question,answer\n" + b"".join(b"Question %d?,Answer %d.\n" % (n, n) for n in range(500))
    packed = gzip.compress(rows)
    told = {
        "photo.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is of no kind that Weaver reads"),
        "half.csv.gz": (packed[: len(packed) // 2], "is a gzip file that was cut off before its end"),
        "columns.csv": (b"name,age\nada,36\n", "lacks"),
        "nothing.csv": (b"question,answer\n", "holds no lines to import"),
    }
    runs = {name: site.settled(site.send(name, content).json()["id"]) for name, (content, _) in told.items()}
    for name, (_, sentence) in told.items():
        run = runs[name]
        assert (run["state"], run["problem"].startswith(name), sentence in run["problem"]) == ("failed", True, True), (
            run
        )
        assert str(site.home) not in run["problem"]
    assert site.api.get("/answers").json()["total"] == 0
    half = site.send("half.csv", rows[:100], size=str(len(rows)))
    assert (half.status_code, half.json()["code"]) == (422, "upload_incomplete")
    empty = site.send("empty.csv", b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "upload_empty")
    wrong = site.send("faq.csv", FAQ, format="pdf")
    assert (wrong.status_code, "format" in wrong.json()["detail"]) == (422, True)
    site.wait_until_nothing_is_kept()


def test_all_or_nothing_names_the_first_bad_line(site: Site) -> None:
    ready = site.settled(site.send("faq.csv", FAQ, strict="true").json()["id"])
    site.api.post(f"/imports/{ready['id']}/start").raise_for_status()
    failed = site.settled(ready["id"])
    assert (failed["state"], "--strict wants every line good" in failed["problem"]) == ("failed", True)
    assert site.api.get("/answers").json()["total"] == 0
    assert failed["result"]["rejected_count"] == 1


def test_dialogues_wait_for_approval_masked_and_show_no_customers_words_before(site: Site) -> None:
    ready = site.settled(site.send("talks.jsonl", json.dumps(DIALOGUE).encode(), collection="kitchen").json()["id"])
    assert (ready["found"]["holds"], ready["found"]["samples"]) == ("dialogues", [])
    site.api.post(f"/imports/{ready['id']}/start").raise_for_status()
    done = site.settled(ready["id"])
    assert done["state"] == "done", done
    [answer] = site.api.get("/answers?status=pending&collection=kitchen").json()["answers"]
    assert answer["text"].startswith("Rub it with lemon")
    assert "Quimby" not in site.api.get("/dialogues?q=kettle").text


def test_an_import_is_stopped_and_goes_on(site: Site) -> None:
    ready = site.settled(site.send("faq.csv", FAQ).json()["id"])
    assert site.api.post(f"/imports/{ready['id']}/stop").json()["code"] == "import_state"
    site.api.post(f"/imports/{ready['id']}/start").raise_for_status()
    assert site.api.post(f"/imports/{ready['id']}/stop").raise_for_status().json()["state"] == "stopped"
    assert site.uploaded() == ["faq.csv"]
    site.api.post(f"/imports/{ready['id']}/start").raise_for_status()
    assert site.settled(ready["id"])["state"] == "done"
    assert site.api.get("/answers").json()["total"] == 2
    site.wait_until_nothing_is_kept()


def test_a_discarded_file_is_deleted_and_cannot_be_imported(site: Site) -> None:
    ready = site.settled(site.send("faq.csv", FAQ).json()["id"])
    assert site.uploaded() == ["faq.csv"]
    assert site.api.post(f"/imports/{ready['id']}/discard").raise_for_status().json()["state"] == "discarded"
    assert site.uploaded() == []
    assert site.api.post(f"/imports/{ready['id']}/start").status_code == 409
    assert site.api.get("/imports").json()["imports"] == []


def test_a_file_too_large_and_one_whose_connection_is_cut_leave_nothing(site: Site) -> None:
    def begin(length: int) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(site.api.base_url.host, site.api.base_url.port, timeout=30)
        connection.putrequest("POST", f"{site.api.base_url.path}imports")
        connection.putheader("Authorization", site.api.headers["Authorization"])
        connection.putheader("Content-Type", "multipart/form-data; boundary=b")
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        return connection

    with closing(begin(uploads.MOST_BYTES * 2)) as large:
        refused = large.getresponse()
        assert (refused.status, json.load(refused)["code"]) == (413, "content_too_large")
    cut = begin(1_000_000)
    cut.send(b'--b\r\nContent-Disposition: form-data; name="file"; filename="faq.csv"\r\n\r\n' + FAQ * 50)
    cut.close()
    assert site.api.get("/imports").raise_for_status().json()["imports"] == []
    assert site.uploaded() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("faq.csv", "faq.csv"),
        ("C:\\Users\\ada\\常见 问题.csv", "常见 问题.csv"),
        ("../../etc/passwd", "passwd"),
        ("<img src=x onerror=alert(1)>.json", "_img src_x onerror_alert(1)_.json"),
        ("..", "file"),
        (None, "file"),
        ("x" * 300 + ".csv.gz", "x" * (uploads.NAME_LENGTH - 7) + ".csv.gz"),
    ],
)
def test_a_files_name_is_only_a_name(given: str | None, kept: str) -> None:
    assert uploads.name_of(given) == kept
