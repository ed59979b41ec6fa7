"""The parts of the chat widget, and the file that they give."""

import gzip

from bot import widget

WIDGET_LIMIT = 20_000


def test_every_file_of_the_folder_is_a_part_once() -> None:
    assert sorted([*widget.PARTS, widget.STYLE]) == sorted(path.name for path in widget.FOLDER.iterdir())


def test_the_script_is_its_parts_in_their_order() -> None:
    texts = [(widget.FOLDER / name).read_text(encoding="utf-8") for name in widget.PARTS]
    joined = widget.joined()
    assert joined.endswith("".join(texts) + widget.END)
    assert joined.startswith(widget.BEGINNING)


def test_every_part_begins_with_a_line_that_says_what_it_is() -> None:
    for name in (*widget.PARTS, widget.STYLE):
        first = (widget.FOLDER / name).read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(("// ", "/* ")), name


def test_the_widget_is_one_file_of_less_than_twenty_kilobytes() -> None:
    assert len(gzip.compress(widget.script(), 9)) < WIDGET_LIMIT


def test_no_part_writes_html() -> None:
    assert "innerHTML" not in widget.joined()
