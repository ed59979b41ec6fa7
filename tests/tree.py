"""The tree in the README, made from the files: each module with the first line of its docstring."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bot", "knowledge_base", "weaver_core", "migrations", "benchmarks")
START, END = "<!-- tree -->", "<!-- /tree -->"
INDENT, COLUMN = "    ", 36


def render(root: Path = ROOT) -> str:
    """The tree of the packages below a folder, as a fenced block."""
    lines = (line for name in FOLDERS for line in _folder(root / name, 0))
    return "\n".join(["```", *lines, "```"])


def rewrite(readme: str, tree: str) -> str:
    """The README with the tree between its markers. Raises ValueError when a marker is missing."""
    before, rest = readme.split(START, 1)
    _, after = rest.split(END, 1)
    return f"{before}{START}\n{tree}\n{END}{after}"


def _folder(folder: Path, depth: int) -> Iterator[str]:
    """A folder's line, the lines of the folders in it, then its modules'."""
    yield _line(f"{folder.name}/", folder / "__init__.py", depth)
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))):
        yield from _folder(inner, depth + 1)
    for module in sorted(folder.glob("*.py")):
        if module.name != "__init__.py":
            yield _line(module.name, module, depth + 1)


def _line(name: str, module: Path, depth: int) -> str:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) if module.is_file() else None
    first = docstring.splitlines()[0] if docstring else ""
    return f"{INDENT * depth + name:{COLUMN}}{first}".rstrip()


def main() -> None:
    """Put the tree of today's files into the README."""
    readme = ROOT / "README.md"
    readme.write_text(rewrite(readme.read_text(encoding="utf-8"), render()), encoding="utf-8")


if __name__ == "__main__":
    main()
