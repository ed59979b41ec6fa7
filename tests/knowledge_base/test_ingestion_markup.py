"""HTML becomes the text that a reader of the page would read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.ingestion.markup import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello,</p><p>boil it<br>twice.</p>", "Hello,\n\nboil it\ntwice."),
        ("<div>a</div><div><div>b</div></div>c", "a\nb\nc"),
        ("fish &amp; chips &lt; 5&nbsp;€", "fish & chips < 5 €"),
        ("plain text < 5 and > 3 & more", "plain text < 5 and > 3 & more"),
        ("<b>bold</b>er\n   and\t<i>so on</i>", "bolder and so on"),
        ("<ul><li>one<li>two <ol><li>x</li><li>y</li></ol></ul>after", "- one\n- two\n  1. x\n  2. y\n\nafter"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A | B\n1 | 2"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("请<b>登录</b>后<br/>打开订单 😀", "请登录后\n打开订单 😀"),
        ('see <a href="https://shop.example/a">our page</a>', "see our page (https://shop.example/a)"),
        ('<a href="https://shop.example/">https://shop.example</a>', "https://shop.example"),
        ('write to <a href="mailto:help@shop.example">help@shop.example</a>', "write to help@shop.example"),
        ('<a href="#top">top</a> <a href="javascript:alert(1)">click</a>', "top click"),
        ("x<script>alert('<p>')</script><style>p {}</style><noscript>on!</noscript><p>y", "x\n\ny"),
        ("<svg><text>drawn</text></svg><button>Yes</button>kept", "kept"),
        ("<p>never closed <b>at all", "never closed at all"),
        ("</p></div>closed only", "closed only"),
        ("<!-- only a comment", ""),
        ("", ""),
        ("<p>&nbsp;</p>", ""),
        ("a&#1;b&#2;<i></i>c", "abc"),
    ],
)
def test_html_becomes_plain_text(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "html",
    ["<div>" * 300_000, "<ul><li>" * 100_000, "<b><p>" * 50_000, "<td>|" * 100_000, "<!--" * 100_000, "<" * 300_000],
)
def test_what_is_nested_without_end_is_read_to_its_end(html: str) -> None:
    assert text_of(html + "</end>tail").endswith("tail") or html.startswith("<!--")


def test_one_text_of_ten_megabytes_is_read_whole() -> None:
    assert len(text_of("<p>" + "a" * 10_000_000)) == 10_000_000


@given(st.text(alphabet="<>/&;!-=\"' abpdivul#x1\n\x01退", max_size=80))
def test_no_html_is_too_strange(html: str) -> None:
    assert text_of(html) == text_of(html).strip()
