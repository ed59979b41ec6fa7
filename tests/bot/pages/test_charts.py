"""Charts: what they draw, what they say, and that nothing in them is more than text."""

from xml.etree import ElementTree as ET

import pytest

from bot.pages import charts
from bot.pages.charts import Scale, Series

EVIL = '<script>alert(1)</script>" onload="alert(2)'


def shapes(svg: str, name: str) -> list[ET.Element]:
    """The elements of this name."""
    return [one for one in ET.fromstring(svg).iter() if one.tag == name]  # noqa: S314 - our own


def test_bars_stand_on_each_other_and_end_at_the_total() -> None:
    drawn = charts.bars("Replies", ["a", "b"], [Series("up", "c1", (3, None)), Series("down", "c2", (1, 4))])
    first, second, third = shapes(drawn, "rect")
    assert float(first.attrib["y"]) + float(first.attrib["height"]) == charts.HEIGHT - charts.BOTTOM
    assert float(second.attrib["y"]) + float(second.attrib["height"]) == pytest.approx(
        float(first.attrib["y"]), abs=0.1
    )
    assert float(third.attrib["height"]) == pytest.approx(4 * float(second.attrib["height"]), abs=0.3)
    assert [one.text for one in shapes(drawn, "title")] == ["a: up 3, down 1", "b: up 0, down 4"]


def test_a_line_breaks_where_nothing_is_known() -> None:
    values = (0.1, 0.2, None, 0.4, 0.5, None, 0.7)
    drawn = charts.lines("Right", list("abcdefg"), [Series("right", "c1", values)], Scale(0, 1))
    assert [len(one.attrib["points"].split()) for one in shapes(drawn, "polyline")] == [2, 2]
    assert len(shapes(drawn, "circle")) == 5


@pytest.mark.parametrize(("most", "top"), [(0, 4), (3, 4), (5, 8), (8, 8), (9, 12), (41, 80), (90, 100), (1234, 1600)])
def test_the_side_of_counts_goes_up_in_equal_whole_steps(most: int, top: int) -> None:
    drawn = charts.bars("Replies", ["a"], [Series("up", "c1", (most,))])
    assert [one.text for one in shapes(drawn, "text")][:5] == [f"{top * part // 4:,}" for part in range(5)]


def test_few_labels_are_written_however_many_there_are_and_the_last_is_one() -> None:
    labels = [f"d{number}" for number in range(90)]
    drawn = charts.bars("Replies", labels, [Series("up", "c1", (1,) * 90)])
    written = [one.text for one in shapes(drawn, "text") if (one.text or "").startswith("d")]
    assert len(written) <= charts.LABELS
    assert "d89" in written


def test_whatever_is_written_in_a_chart_stays_text_and_no_style_stands_in_it() -> None:
    series = [Series(EVIL, "c1", (1.0,))]
    drawn = [
        charts.bars(EVIL, [EVIL], series),
        charts.lines(EVIL, [EVIL], series, Scale(-1, 1)),
        charts.reliability(EVIL, EVIL, EVIL, [(0.5, 0.5, 3, EVIL)]),
        charts.scatter(EVIL, [(0, 0, 1, EVIL), (1, 1, 0, EVIL)]),
    ]
    for svg in drawn:
        root = ET.fromstring(svg)  # noqa: S314 - our own
        assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", EVIL)
        assert not any(name in one.attrib for one in root.iter() for name in ("style", "onload"))
        assert not shapes(svg, "script")


def test_answers_that_were_never_sent_are_rings() -> None:
    drawn = charts.scatter("Map", [(0, 0, 9, "often"), (-1, 1, 0, "never")])
    assert [one.attrib["class"] for one in shapes(drawn, "circle")] == ["c1", "ring"]
    assert len(shapes(charts.scatter("Map", []), "circle")) == 0
    assert len(shapes(charts.reliability("R", "x", "y", []), "circle")) == 0
