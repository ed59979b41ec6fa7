"""How long customers waited, as a picture: the share of turns answered within so many milliseconds, in SVG."""

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np

from benchmarks.learning.curves import HEIGHT, LEFT, LINE, TOP, WIDTH, document

COLOURS = ("#6b7280", "#9aa5b1", "#0b6e4f", "#3d8b8b", "#b4540a", "#8a2c5d", "#1d4f91", "#a3810f")
SHARES = range(1, 100)
TITLE = "Turns answered within so many milliseconds, a turn a customer every ten seconds"


def draw(waits: Mapping[str, Sequence[float]]) -> str:
    """An SVG document: a line for each server and crowd, milliseconds on a logarithmic scale."""
    most = max(float(np.percentile(one, 99)) for one in waits.values())
    low, high = 0.0, float(np.ceil(np.log10(max(most, 10.0))))
    lines = "".join(_line(name, one, place, low, high) for place, (name, one) in enumerate(waits.items()))
    return document(TITLE, f"{_axes(low, high)}{lines}")


def _x(milliseconds: float, low: float, high: float) -> float:
    return LEFT + WIDTH * (math.log10(max(milliseconds, 1.0)) - low) / (high - low)


def _y(share: float) -> float:
    return TOP + HEIGHT * (1 - share / 100)


def _axes(low: float, high: float) -> str:
    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{LINE}"/>']
    for share in (25, 50, 75, 99):
        parts.append(
            f'<line x1="{LEFT}" y1="{_y(share):.1f}" x2="{LEFT + WIDTH}" y2="{_y(share):.1f}" stroke="{LINE}"/>'
        )
        parts.append(f'<text x="{LEFT - 6}" y="{_y(share) + 4:.1f}" text-anchor="end">{share} %</text>')
    for power in range(int(low), int(high) + 1):
        x = _x(10.0**power, low, high)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + HEIGHT}" stroke="{LINE}"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 40}" text-anchor="middle">milliseconds</text>')
    return "".join(parts)


def _line(name: str, waits: Sequence[float], place: int, low: float, high: float) -> str:
    colour = COLOURS[place % len(COLOURS)]
    found = np.percentile(waits, list(SHARES))
    points = " ".join(f"{_x(each, low, high):.1f},{_y(share):.1f}" for share, each in zip(SHARES, found, strict=True))
    y = TOP + 14 + 20 * place
    left = LEFT + WIDTH + 16
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<line x1="{left}" y1="{y - 4}" x2="{left + 18}" y2="{y - 4}" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{left + 24}" y="{y}">{escape(name)}</text>'
    )
