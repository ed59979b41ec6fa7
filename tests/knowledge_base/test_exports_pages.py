"""Pages become FAQ lines: what stands below a question is its answer, and its id stays from import to import."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.ingestion import files, formats
from knowledge_base.ingestion.errors import FileKindError, FormatError
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.pages import page
from knowledge_base.ingestion.pages.entries import is_question
from knowledge_base.ingestion.records import Record
from tests.knowledge_base.test_ingestion_files import written

FIXTURES = Path(__file__).parent / "exports"


def records_of(path: Path) -> list[Record]:
    """What a page holds."""
    return list(page.read(files.examine(path)))


def asked_in(path: Path) -> dict[str, str]:
    """A page's questions with their answers."""
    return {str(fields["question"]): str(fields["answer"]) for one in records_of(path) if (fields := one.fields)}


def html(tmp_path: Path, body: str) -> dict[str, str]:
    """The questions and answers of an HTML page."""
    return asked_in(written(tmp_path, "page.html", f"<html><body>{body}</body></html>".encode()))


def test_headings_of_markdown_are_questions_and_those_above_give_context() -> None:
    asked = asked_in(FIXTURES / "pages.md")
    assert list(asked) == [
        "How long does delivery take?",
        "Delivery: How long does delivery take?",
        "Delivery: Islands",
        "Is vinegar safe?",
        "Cleaning: Is vinegar safe?",
        "Help with the Kestrel kettle: Cleaning",
    ]
    assert asked["Delivery: Islands"] == (
        "We also ship to islands:\n\n1. choose the island at the checkout\n2. wait up to ten days\n\n"
        "See our shipping page (https://shop.example/shipping) for all countries."
    )
    assert asked["Help with the Kestrel kettle: Cleaning"].endswith("soft | twice a year\nhard | every month")


def test_lines_of_markdown_are_numbered_and_an_introduction_is_left_out() -> None:
    records = records_of(FIXTURES / "pages.md")
    assert [record.number for record in records] == [12, 12, 16, 25, 25, 25]
    assert [dict(record.left_out) for record in records if record.left_out] == [{"introductions": 1}]


def test_ids_are_the_pages_own_anchors_or_its_headings() -> None:
    ids = [record.fields["answer_id"] for record in records_of(FIXTURES / "pages.md") if record.fields]
    assert ids[-1] == "pages.md#clean"
    assert ids[0] == ids[1] == "pages.md#delivery/how-long-does-delivery-take"
    ids = [record.fields["answer_id"] for record in records_of(FIXTURES / "pages.zh.html") if record.fields]
    assert ids[0] == "pages.zh.html#invoice"


def test_headings_definitions_and_details_of_html_are_questions() -> None:
    assert asked_in(FIXTURES / "pages.zh.html") == {
        "发票怎么开？": "在订单详情页点击申请发票，\n电子发票当天发到您的邮箱。",
        "多久之内可以退货？": "签收后七天之内。",
        "退货：多久之内可以退货？": "签收后七天之内。",
        "运费谁出？": "质量问题由我们承担。\n\n其他原因由您承担。",
        "退货：运费谁出？": "质量问题由我们承担。\n\n其他原因由您承担。",
        "退货要付运费吗": "质量问题由我们承担。\n\n其他原因由您承担。",
        "退货：退货要付运费吗": "质量问题由我们承担。\n\n其他原因由您承担。",
        "保修期是多久？": "所有电器保修两年。",
        "保修：保修期是多久？": "所有电器保修两年。",
        "保修：保修范围": "不包括人为损坏。",
    }


def test_what_a_page_tells_search_engines_is_read_instead_of_its_headings() -> None:
    assert asked_in(FIXTURES / "pages.jsonld.html") == {
        "Do you sell gift cards?": "Yes, from 10 to 500 euros.\n\nThey never expire.",
        "Can I collect an order myself?": "Yes, at our shop in the harbour.",
    }
    (first, _) = records_of(FIXTURES / "pages.jsonld.html")
    assert first.fields is not None
    assert first.fields["answer_id"] == "https://shop.example/help#do-you-sell-gift-cards"


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("<h1>Do you ship?</h1>Yes.<h2>Where?</h2>Everywhere.", ["Do you ship?", "Where?"]),
        ("<h2>Ship?</h2><p>Yes.</p><h2>Repair?</h2><p>No.</p>", ["Ship?", "Repair?"]),
        ("<h2><button>Ship?</button></h2><div hidden>Yes.<button>Helpful</button></div>", ["Ship?"]),
        ("<button><h3>Ship?</h3></button><p>Yes.</p>", ["Ship?"]),
        ("<h2>Ship?</h2><script>no()</script><style>no</style><noscript>no</noscript>", []),
        ("<details><summary>Ship?</summary>Yes.<details><summary>Far?</summary>No.</details></details>", ["Ship?"]),
        ("<h2>Ship? <a href='#ship'>¶</a></h2>Yes.", ["Ship?"]),
        ("<header><h1>Shop</h1></header><main><h2>Ship?</h2>Yes.</main><h2>News</h2>Sale!", ["Ship?"]),
        ("<h2></h2><p>Nothing asked.</p>", []),
    ],
)
def test_pages_are_built_in_many_ways(tmp_path: Path, body: str, asked: list[str]) -> None:
    body += "<h2>Last?</h2>End." if "<main>" not in body else ""
    found = [question for question in html(tmp_path, body) if ":" not in question and "Far" not in question]
    assert [question for question in found if question != "Last?"] == asked


def test_scripts_never_reach_an_answer(tmp_path: Path) -> None:
    body = (
        "<h2>Ship?</h2><p onclick='steal()'>Yes<script>steal()</script>.</p><svg onload='steal()'><text>x</text></svg>"
    )
    assert html(tmp_path, body) == {"Ship?": "Yes."}


def test_the_same_heading_twice_has_two_ids(tmp_path: Path) -> None:
    path = written(
        tmp_path, "faq.md", b"# Kettle\n\n## Size?\n\n1 litre.\n\n# Mill\n\n## Size?\n\nSmall.\n\n## Size?\n\nReally.\n"
    )
    ids = [record.fields["answer_id"] for record in records_of(path) if record.fields]
    assert ids == ["faq.md#kettle/size"] * 2 + ["faq.md#mill/size"] * 2 + ["faq.md#mill/size-2"] * 2


def test_a_long_heading_has_an_id_that_fits(tmp_path: Path) -> None:
    path = written(tmp_path, f"{'p' * 200}.md", f"## {'很长' * 200}\n\nYes.\n\n## {'很长' * 200}。\n\nNo.\n".encode())
    ids = [str(record.fields["answer_id"]) for record in records_of(path) if record.fields]
    assert all(len(one) <= 255 for one in ids)
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("faq.md", "# A\n\nb", Kind.MARKDOWN),
        ("faq", "# A\n\nb", Kind.MARKDOWN),
        ("faq.txt", "Some words, first\n\n## A\n\nb", Kind.MARKDOWN),
        ("faq.htm", "<p>a</p>", Kind.HTML),
        ("faq.txt", "<!-- saved -->\n<!DOCTYPE HTML>\n<p>a</p>", Kind.HTML),
        ("faq", "<h2>A</h2>b", Kind.HTML),
    ],
)
def test_pages_are_known_by_their_content(tmp_path: Path, name: str, content: str, kind: Kind) -> None:
    source = files.examine(written(tmp_path, name, content.encode()))
    assert source.kind is kind
    assert formats.choose(source, "auto").name == "pages"


@pytest.mark.parametrize("name", ["faq.json", "faq.csv"])
def test_a_page_under_the_name_of_data_is_not_taken_for_a_faq(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileKindError, match="is of no kind that Weaver reads"):
        files.examine(written(tmp_path, name, b"<!doctype html><h1>502 Bad Gateway</h1>nginx"))


@pytest.mark.parametrize("content", ["Just text.\n", "# Only a heading\n"])
def test_a_page_without_answers_is_refused(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, "faq.md", content.encode())
    with pytest.raises(FormatError, match="has no heading, definition or summary with an answer below it"):
        records_of(path)


def test_a_page_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "faq.md", b"# A\n\n" + b"b" * 1000)
    monkeypatch.setattr(files, "LINE_LIMIT", 1000)
    with pytest.raises(FormatError, match="is a page longer than"):
        records_of(path)


def test_deep_nesting_and_one_long_text_are_read(tmp_path: Path) -> None:
    deep = "<details><summary>Q?</summary>" * 2000 + "<div>" * 50_000 + "<dl><dt>T" * 2000
    asked = html(tmp_path, "<h2>Ship?</h2>" + "a" * 5_000_000 + deep)
    assert len(asked["Ship?"]) == 5_000_000
    markdown = written(tmp_path, "deep.md", ("# Ship?\n\n" + ">" * 2000 + " Yes.\n\n" + "- " * 1000 + "x\n").encode())
    assert "Ship?" in asked_in(markdown)


@given(st.text(alphabet="<>/h2dtlsumary #\n-ab?|{}`*>[]()!&;退", max_size=80))
def test_no_page_is_too_strange(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    for name in ("a.md", "a.html"):
        path = written(tmp_path_factory.mktemp("page"), name, f"# Q?\n\n<h2>Q?</h2>A.\n\n{content}".encode())
        assert all(record.fields and record.fields["answer"] for record in records_of(path))


@pytest.mark.parametrize(
    ("heading", "asks"),
    [
        ("How long does it take", True),
        ("Your order?", True),
        ("Delivery", False),
        ("Cancel an order", False),
        ("怎么退货", True),
        ("可以退货吗", True),
        ("退货", False),
    ],
)
def test_a_heading_that_asks_is_told_from_one_that_names(heading: str, *, asks: bool) -> None:
    assert is_question(heading) is asks
