"""The protocol's JSON Schemas and the table of its frames, made from the code: `python -m bot.chat.schemas`."""

import json
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from bot.chat.frames import client_frames, server_frames

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE, SCHEMA = DOCS / "protocol.md", DOCS / "protocol.schema.json"
BEGIN = "<!-- Made by `python -m bot.chat.schemas` from bot/chat/frames.py: begin -->\n"
END = "<!-- end -->\n"


def protocol_schema() -> dict[str, Any]:
    """One JSON Schema with every frame in `$defs`; `client` and `server` are what each side may send."""
    schemas = {
        "client": client_frames.json_schema(mode="validation"),
        "server": server_frames.json_schema(mode="serialization"),
    }
    definitions: dict[str, Any] = {}
    for name, schema in schemas.items():
        definitions |= schema.pop("$defs")
        definitions[name] = schema
    for definition in definitions.values():
        # A default in the code: on the wire it is always there.
        if "const" in definition.get("properties", {}).get("type", {}):
            definition["required"] = sorted({"type", *definition.get("required", [])})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Weaver's chat protocol",
        "$defs": dict(sorted(definitions.items())),
        "anyOf": [{"$ref": "#/$defs/client"}, {"$ref": "#/$defs/server"}],
    }


def schema_text() -> str:
    """The schema as it stands in docs/protocol.schema.json."""
    return json.dumps(protocol_schema(), indent=2, ensure_ascii=False) + "\n"


def tables() -> str:
    """The tables of docs/protocol.md: every frame and its fields."""
    schema = protocol_schema()["$defs"]
    sections = [
        f"### {title}\n\n" + "\n".join(_table(schema, name) for name in _members(schema[side]))
        for side, title in (("client", "From the client"), ("server", "From the server"))
    ]
    return "\n".join(sections)


def page_text(page: str) -> str:
    """The page with its tables made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + tables() + "\n" + END + after


async def schema_route(_request: Request) -> Response:
    """The schema over HTTP, for those who write clients."""
    return JSONResponse(protocol_schema(), media_type="application/schema+json")


def _members(union: dict[str, Any]) -> list[str]:
    return [member["$ref"].rsplit("/", 1)[1] for member in union["oneOf"]]


def _table(definitions: dict[str, Any], name: str) -> str:
    frame = definitions[name]
    kind = frame["properties"]["type"]["const"]
    required = frame.get("required", [])
    rows = [
        f"| `{field}`{'' if field in required else '?'} | {_type(definitions, of)} | {of.get('description', '')} |"
        for field, of in frame["properties"].items()
        if field != "type"
    ]
    head = f"#### `{kind}`\n\n{frame['description'].splitlines()[0]}\n"
    return head if not rows else "\n".join([head, "| field | type | |", "|---|---|---|", *rows, ""])


def _type(definitions: dict[str, Any], field: dict[str, Any]) -> str:
    """A field's type in a few words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        target = definitions[name]
        return _type(definitions, target) if "enum" in target else f"`{name}`"
    if "anyOf" in field:
        return " or ".join(_type(definitions, one) for one in field["anyOf"] if one.get("type") != "null")
    if "enum" in field:
        return ", ".join(f'`"{value}"`' for value in field["enum"])
    if field.get("type") == "array":
        items = _type(definitions, field["items"])
        return "array" if items == "any" else f"array of {items}"
    return str(field.get("format") or field.get("type") or "any")


def main() -> None:
    """Write docs/protocol.schema.json and the tables of docs/protocol.md."""
    SCHEMA.write_text(schema_text())
    PAGE.write_text(page_text(PAGE.read_text()))


if __name__ == "__main__":
    main()
