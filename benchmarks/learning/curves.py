"""Accuracy over the turns taken, as a picture: curves in SVG."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, LEGEND = 520, 320, 56, 40, 52, 240
INK, LINE = "#1f2933", "#d2d6dc"
COLOURS = ("#0b6e4f", "#b4540a", "#1d4f91", "#8a2c5d", "#6b7280", "#3d8b8b", "#a3810f")


def draw(curves: Mapping[str, Sequence[float]], step: int, title: str) -> str:
    """An SVG document: a line for each curve, a point every `step` turns, the first before any turn."""
    every = [value for points in curves.values() for value in points]
    lowest, highest = int(min(every) * 100), -int(-max(every) * 100 // 1)
    area = _Area(lowest / 100, max(highest, lowest + 1) / 100, step * (max(map(len, curves.values())) - 1) or step)
    lines = "".join(_curve(name, points, step, area, place) for place, (name, points) in enumerate(curves.items()))
    return document(title, f"{area.axes(step)}{lines}")


def document(title: str, inside: str) -> str:
    """An SVG document with a title, a field of WIDTH × HEIGHT for what is drawn inside, and room for a legend."""
    width, height = LEFT + WIDTH + LEGEND, TOP + HEIGHT + BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}" role="img">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>'
        f"{inside}</svg>\n"
    )


class _Area:
    """Where a value and a number of turns lie in the picture."""

    def __init__(self, low: float, high: float, turns: int) -> None:
        self.low, self.high, self.turns = low, high, turns

    def x(self, turns: float) -> float:
        return LEFT + WIDTH * turns / self.turns

    def y(self, value: float) -> float:
        return TOP + HEIGHT * (self.high - value) / (self.high - self.low)

    def axes(self, step: int) -> str:
        parts = [f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{LINE}"/>']
        for percent in range(round(self.low * 100), round(self.high * 100) + 1):
            y = self.y(percent / 100)
            parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="{LINE}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{percent} %</text>')
        for turns in range(0, self.turns + 1, step):
            below = TOP + HEIGHT + 18
            parts.append(f'<text x="{self.x(turns):.1f}" y="{below}" text-anchor="middle">{turns:,}</text>')
        middle = LEFT + WIDTH / 2
        parts.append(f'<text x="{middle}" y="{TOP + HEIGHT + 40}" text-anchor="middle">turns voted on</text>')
        return "".join(parts)


def _curve(name: str, points: Sequence[float], step: int, area: _Area, place: int) -> str:
    colour = COLOURS[place % len(COLOURS)]
    path = " ".join(f"{area.x(step * at):.1f},{area.y(value):.1f}" for at, value in enumerate(points))
    dots = "".join(
        f'<circle cx="{area.x(step * at):.1f}" cy="{area.y(value):.1f}" r="2.5" fill="{colour}">'
        f"<title>{escape(name)}, {step * at:,} turns: {value:.2%}</title></circle>"
        for at, value in enumerate(points)
    )
    right, height = LEFT + WIDTH + 14, TOP + 16 + 20 * place
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
        f'<line x1="{right}" y1="{height}" x2="{right + 22}" y2="{height}" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{right + 28}" y="{height + 4}">{escape(name)}: {points[-1]:.1%}</text>'
    )
