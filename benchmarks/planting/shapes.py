"""The ways in which people write one and the same value, some of them held out while the rules were made."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.planting import sentences
from benchmarks.planting.secret import Group, plain
from benchmarks.planting.values import Value

_FULL_WIDTH = {ord("0") + n: 0xFF10 + n for n in range(10)} | {ord("a") + n: 0xFF41 + n for n in range(26)}
_FULL_WIDTH |= {ord("A") + n: 0xFF21 + n for n in range(26)}
_SPOKEN = dict(zip("0123456789", "oh one two three four five six seven eight nine".split(), strict=True))  # noqa: SIM905
_HAN_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


@dataclass(frozen=True, slots=True)
class Shape:
    """A way of writing. `write` gives the text; the fragments that give it away may be other ones then."""

    name: str
    write: Callable[[random.Random, Value], Value]
    group: Group = Group.KNOWN


def _text(change: Callable[[random.Random, str], str]) -> Callable[[random.Random, Value], Value]:
    return lambda rng, value: Value(change(rng, value.text), value.fragments)


def _grouped(by: int, mark: str) -> Callable[[random.Random, str], str]:
    def group(rng: random.Random, text: str) -> str:
        del rng
        bare = re.sub(r"[\s()\-]", "", text)
        return mark.join(bare[start : start + by] for start in range(0, len(bare), by))

    return group


def _slip(rng: random.Random, text: str) -> str:
    """Two letters changed places."""
    place = rng.randrange(1, max(2, len(text) - 2))
    return text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]


def _slipped(rng: random.Random, value: Value) -> Value:
    parts = [_slip(rng, part) for part in value.text.split()]
    return Value(" ".join(parts), tuple(part for part in parts if plain(part) not in sentences.words()))


def _spoken(rng: random.Random, value: Value) -> Value:
    del rng
    words = [_SPOKEN[character] for character in value.text if character.isdigit()]
    return Value(" ".join(words), (" ".join(words[-5:]),))


def _han_digits(rng: random.Random, value: Value) -> Value:
    del rng
    text = value.text.translate(_HAN_DIGITS)
    return Value(text, (text.replace("-", "")[-6:],))


PLAIN = Shape("plain", _text(lambda _, text: text))
_LOWER = Shape("lower-case", _text(lambda _, text: text.lower()))
_UPPER = Shape("capitals", _text(lambda _, text: text.upper()))
_WIDE = Shape("full-width", _text(lambda _, text: text.translate(_FULL_WIDTH)))
_FOURS = Shape("in fours", _text(_grouped(4, " ")))
_THREES = Shape("in threes", _text(_grouped(3, " ")))
_PAIRS = Shape("in pairs", _text(_grouped(2, " ")), group=Group.COUNTED_FIRST)
_DASHED = Shape("dashed", _text(_grouped(4, "-")))
_DOTTED = Shape("dotted", _text(_grouped(3, ".")), group=Group.COUNTED_FIRST)
_SPOKEN_DIGITS = Shape("spoken", _spoken, group=Group.COUNTED_FIRST)
_HAN = Shape("in Chinese figures", _han_digits, group=Group.COUNTED_FIRST)
_HIDDEN = Shape("with invisible characters", _text(lambda _, text: "\u200b".join(text)), group=Group.COUNTED_FIRST)
_QUOTED = Shape("quoted", _text(lambda _, text: f"“{text}”"))
_BRACKETS = Shape("in brackets", _text(lambda _, text: f"({text})"), group=Group.COUNTED_FIRST)

_SLASHED = Shape("slashed", _text(_grouped(3, "/")), group=Group.UNSEEN)
_STARRED = Shape("between asterisks", _text(lambda _, text: f"*{text}*"), group=Group.UNSEEN)
_SPACED_DASHES = Shape("spaces around dashes", _text(_grouped(4, " - ")), group=Group.UNSEEN)

_FIGURES = (PLAIN, _WIDE, _FOURS, _THREES, _DASHED, _PAIRS, _DOTTED, _HIDDEN, _SLASHED, _SPACED_DASHES)
_CODES = (PLAIN, _LOWER, _WIDE, _QUOTED, _BRACKETS, _STARRED)

SHAPES: dict[str, tuple[Shape, ...]] = {
    "name": (
        PLAIN,
        _LOWER,
        _UPPER,
        Shape("first name", lambda _, value: Value(value.text.split()[0], value.fragments[:1])),
        Shape("family name", lambda _, value: Value(value.text.split()[-1], value.fragments[-1:])),
        Shape("initial", lambda _, v: Value(f"{v.text[0]}. {v.text.split()[-1]}", v.fragments[-1:])),
        Shape("with a slip", _slipped, group=Group.COUNTED_FIRST),
        Shape(
            "family name first",
            lambda _, v: Value(", ".join(reversed(v.text.split())), v.fragments),
            group=Group.COUNTED_FIRST,
        ),
        _QUOTED,
        _STARRED,
        Shape("run together", _text(lambda _, text: text.replace(" ", "")), group=Group.UNSEEN),
    ),
    "name.zh": (
        PLAIN,
        PLAIN,
        Shape("spaced", _text(lambda _, text: text[0] + " " + text[1:])),
        Shape("in brackets", _text(lambda _, text: f"（{text}）"), group=Group.COUNTED_FIRST),
        Shape(
            "given name",
            lambda _, value: Value(value.text[1:], value.fragments[1:] or (value.text,)),
            group=Group.COUNTED_FIRST,
        ),
    ),
    "email": (
        PLAIN,
        _UPPER,
        Shape("at and dot in words", _text(lambda _, t: t.replace("@", " at ").replace(".", " dot "))),
        Shape("at in brackets", _text(lambda _, t: t.replace("@", "[at]"))),
        Shape("spaced", _text(lambda _, t: t.replace("@", " @ "))),
        Shape(
            "both in brackets",
            _text(lambda _, t: t.replace("@", " (at) ").replace(".", "(dot)")),
            group=Group.COUNTED_FIRST,
        ),
        Shape("full-width at", _text(lambda _, t: t.replace("@", "\uff20"))),
        Shape("comma for dot", _text(lambda _, t: t[:-4] + t[-4:].replace(".", ",")), group=Group.COUNTED_FIRST),
        Shape("no end", _text(lambda _, t: t.rpartition(".")[0]), group=Group.COUNTED_FIRST),
        Shape("capital words", _text(lambda _, t: t.replace("@", " AT ").replace(".", " DOT ")), group=Group.UNSEEN),
        Shape("at in Chinese", _text(lambda _, t: t.replace("@", " 艾特 ")), group=Group.COUNTED_FIRST),
    ),
    "phone": (*_FIGURES, _SPOKEN_DIGITS),
    "phone.zh": (*_FIGURES, _HAN),
    "card": (PLAIN, _WIDE, _FOURS, _DASHED, _DOTTED, _HIDDEN, _SPACED_DASHES),
    "iban": (
        PLAIN,
        _FOURS,
        _LOWER,
        _DASHED,
        _HIDDEN,
        Shape("in threes", _text(_grouped(3, " ")), group=Group.COUNTED_FIRST),
    ),
    "identity": (PLAIN, _THREES, _LOWER, _HIDDEN),
    "identity.zh": (PLAIN, _WIDE, _LOWER, Shape("6-8-4", _text(lambda _, t: f"{t[:6]} {t[6:14]} {t[14:]}")), _FOURS),
    "passport": (
        PLAIN,
        _LOWER,
        _WIDE,
        Shape("spaced", _text(lambda _, t: f"{t[:2]} {t[2:]}"), group=Group.COUNTED_FIRST),
    ),
    "address": (
        PLAIN,
        _LOWER,
        _UPPER,
        Shape("street only", _text(lambda _, text: text.split(",")[0])),
        Shape("lines", _text(lambda _, text: text.replace(", ", "\n")), group=Group.COUNTED_FIRST),
        Shape(
            "short street",
            _text(lambda _, t: t.replace("Road", "Rd").replace("Street", "St")),
            group=Group.COUNTED_FIRST,
        ),
    ),
    "address.zh": (
        PLAIN,
        Shape("spaced", _text(lambda _, text: re.sub(r"(?<=[市区号栋])", " ", text))),
        _WIDE,
        Shape("dashes", _text(lambda _, t: re.sub(r"号(\d+)栋(\d+)室", r"号\1-\2", t)), group=Group.COUNTED_FIRST),
    ),
    "order": (*_CODES, Shape("with a hash", _text(lambda _, text: f"#{text}"))),
    "tracking": (*_CODES, _FOURS),
    "account": (PLAIN, Shape("with an at", _text(lambda _, text: f"@{text}")), _QUOTED, _BRACKETS),
    "token": (PLAIN, _QUOTED, _BRACKETS),
    "password": (PLAIN, _QUOTED, _BRACKETS, _STARRED),
    "particular": (PLAIN,),
}


def of(kind: str, language: str) -> tuple[Shape, ...]:
    """The ways of writing a kind of secret in a language."""
    return SHAPES.get(f"{kind}.{language}") or SHAPES[kind]
