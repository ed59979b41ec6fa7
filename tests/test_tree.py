"""The README's tree is the tree of the files."""

from pathlib import Path

import pytest

from tests import tree


def test_the_readme_lists_every_module_with_the_first_line_of_its_docstring() -> None:
    readme = (tree.ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split(tree.START)[1].split(tree.END)[0].strip()
    assert block == tree.render(), "The files have changed: run `make tree`."


def test_a_folder_comes_with_its_own_line_before_what_is_in_it(tmp_path: Path) -> None:
    for name in tree.FOLDERS:
        (tmp_path / name).mkdir()
    (tmp_path / "bot" / "chat").mkdir()
    (tmp_path / "bot" / "chat" / "__init__.py").write_text('"""The websocket."""\n')
    (tmp_path / "bot" / "chat" / "frames.py").write_text('"""Frames.\n\nMore of them.\n"""\n')
    (tmp_path / "bot" / "app.py").write_text("x = 1\n")
    (tmp_path / "bot" / "templates").mkdir()
    lines = tree.render(tmp_path).splitlines()[:6]
    assert [line.split("  ")[0] + "|" + line[tree.COLUMN :] for line in lines[:2]] == ["```|", "bot/|"]
    assert lines[2:5] == [f"{'    chat/':36}The websocket.", f"{'        frames.py':36}Frames.", "    app.py"]


def test_rewriting_keeps_what_stands_around_the_tree() -> None:
    readme = f"before\n{tree.START}\nold\n{tree.END}\nafter\n"
    assert tree.rewrite(readme, "new") == f"before\n{tree.START}\nnew\n{tree.END}\nafter\n"


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        tree.rewrite("nothing here", "new")
