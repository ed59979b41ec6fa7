"""Files of any size to be imported, as companies have them: FAQs, and tickets with all that stands around them.

What is asked and answered is the sample shop's, put together anew in each answer and dialogue, so that a file brings as
many different answers as it has records.
"""

import base64
import csv
import io
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import data

MB = 1_000_000
# As mail programs send them: styles that nobody sees take more room than what was written.
STYLES = "".join(
    f"@font-face {{font-family:'Font {number}'; panose-1:2 15 5 2 2 2 4 3 2 {number}; mso-font-signature:{number};}}\n"
    f"p.Mso{number}, li.Mso{number}, div.Mso{number} {{margin:0cm; margin-bottom:.{number}pt; font-size:11.0pt; "
    f"font-family:'Font {number}',sans-serif; mso-style-name:'Style {number}'; mso-fareast-language:EN-US;}}\n"
    for number in range(24)
)
# The picture under a mail's signature.
LOGO = "data:image/png;base64," + base64.b64encode(random.Random(0).randbytes(15_000)).decode()
BEGAN = 1_767_225_600


class Speech:
    """What is asked and answered: the sample shop's texts, in both languages."""

    def __init__(self) -> None:
        """The texts are read from the files of the sample."""
        self.faq = {language: data.shop(f"faq.{language}.jsonl") for language in ("en", "zh")}
        self.dialogues = data.shop("dialogues.jsonl")

    def answer(self, rng: random.Random, language: str) -> str:
        """An answer that no other record gives, but by chance in a hundred million."""
        return " ".join(rng.choice(self.faq[language])["answer"] for _ in range(3))


def faq_lines(rng: random.Random) -> Iterator[dict[str, Any]]:
    """FAQ lines: two questions an answer, every other answer with an id of the company's own."""
    speech, number = Speech(), 0
    while True:
        language = rng.choice(("en", "zh"))
        answer = speech.answer(rng, language)
        known = {"answer_id": f"article-{number}", "tags": "shop"} if number % 2 else {}
        for _ in range(2):
            asked = rng.choice(speech.faq[language])["question"]
            yield {"question": f"{asked} ({number})", "answer": answer} | known
        number += 1


def faq_jsonl(rng: random.Random) -> Iterator[str]:
    """The lines as JSON."""
    for line in faq_lines(rng):
        yield json.dumps(line, ensure_ascii=False) + "\n"


def faq_csv(rng: random.Random) -> Iterator[str]:
    """The lines as a table."""
    columns = ("question", "answer", "answer_id", "tags")
    yield ",".join(columns) + "\n"
    for line in faq_lines(rng):
        row = io.StringIO()
        csv.DictWriter(row, columns, lineterminator="\n").writerow(line)
        yield row.getvalue()


def zendesk(rng: random.Random) -> Iterator[str]:
    """One ticket a line, as the account's JSON export has them: mails in HTML, and the audit of every change."""
    speech, number = Speech(), 0
    while True:
        number += 1
        yield json.dumps(_ticket(rng, speech, number), ensure_ascii=False) + "\n"


def _ticket(rng: random.Random, speech: Speech, number: int) -> dict[str, Any]:
    told = rng.choice(speech.dialogues)
    people = {"customer": 10_000_000 + number, "agent": 500_000 + rng.randrange(40), "bot": -1}
    comments = [
        _comment(number * 100 + place, people[turn["role"]], _said(rng, speech, told["language"], turn))
        for place, turn in enumerate(told["turns"])
    ]
    return {
        "id": number,
        "url": f"https://shop.zendesk.example/api/v2/tickets/{number}.json",
        "created_at": _at(number),
        "status": "solved",
        "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        "subject": "",
        "requester_id": people["customer"],
        "requester": {"id": people["customer"], "role": "end-user", "external_id": f"c-{number}"},
        "custom_fields": [{"id": 360_000_000 + place, "value": None} for place in range(60)],
        "comments": comments,
        "audits": [_audit(rng, number, place) for place in range(24)],
    }


def _said(rng: random.Random, speech: Speech, language: str, turn: dict[str, Any]) -> str:
    return f"{turn['text']} {speech.answer(rng, language)}" if turn["role"] == "agent" else str(turn["text"])


def _comment(number: int, author: int, text: str) -> dict[str, Any]:
    paragraphs = "".join(f'<p class="Mso1" style="margin:0cm;line-height:115%">{line}</p>' for line in text.split("\n"))
    body = f'<div class="zd-comment">{paragraphs}<img src="{LOGO}" alt="" width="120" height="40"></div>'
    return {
        "id": number,
        "type": "Comment",
        "author_id": author,
        "body": text,
        "html_body": f"<html><head><style>{STYLES}</style></head><body>{body}</body></html>",
        "plain_body": text,
        "public": True,
        "attachments": [],
        "created_at": _at(number),
        "metadata": {"system": {"client": "Mozilla/5.0 (X11; Linux x86_64)", "ip_address": "192.0.2.7"}, "custom": {}},
    }


def _audit(rng: random.Random, ticket: int, place: int) -> dict[str, Any]:
    events = [
        {
            "id": rng.randrange(1 << 50),
            "type": rng.choice(("Change", "Notification", "Create")),
            "field_name": f"custom_field_{field}",
            "value": f"{rng.randrange(1 << 60):x}",
            "previous_value": f"{rng.randrange(1 << 60):x}",
            "via": {"channel": "rule", "source": {"from": {"title": "Set fields", "id": field}, "rel": "trigger"}},
        }
        for field in range(8)
    ]
    return {"id": ticket * 1000 + place, "ticket_id": ticket, "created_at": _at(ticket), "events": events}


def _at(seconds: int) -> int:
    return BEGAN + seconds


MADE: dict[str, tuple[str, Callable[[random.Random], Iterator[str]]]] = {
    "faq as CSV": ("faq.csv", faq_csv),
    "faq as JSON lines": ("faq.jsonl", faq_jsonl),
    "zendesk": ("tickets.jsonl", zendesk),
}


def write(name: str, size: int, folder: Path) -> Path:
    """A file of so many bytes or a record more, the same in every run."""
    path = folder / MADE[name][0]
    written = 0
    with path.open("wb") as file:
        for text in MADE[name][1](random.Random(0)):
            written += file.write(text.encode())
            if written >= size:
                break
    return path
