"""Pictures of the models, drawn here as SVG: lineage, curves, intervals. Colours are the style sheet's; no scripts."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor

from markupsafe import Markup

from bot.updates.history import Origin

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 14, 30
MOST_VERSIONS, MOST_SERIES = 24, 4
STEP, LANE, MARGIN = 66, 44, 30
LABELS = 8

Points = Sequence[tuple[float, float]]
"""What a curve goes through: (x, y) in the units of what is drawn."""


def curves(
    series: Mapping[str, Points], name: str, across: Callable[[float], str], up: Callable[[float], str]
) -> Markup:
    """A line for each series, with a dot at each of few points. `across` and `up` write a value at its axis."""
    drawn = dict(list(series.items())[:MOST_SERIES])
    places = [point for points in drawn.values() for point in points]
    if not places:
        return Markup()
    low, high = _around([y for _, y in places])
    first, last = min(x for x, _ in places), max(x for x, _ in places)

    def place(x: float, y: float) -> tuple[float, float]:
        wide = (x - first) / (last - first) if last > first else 0.5
        return LEFT + wide * (WIDTH - LEFT - RIGHT), TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [_across(place, sorted({x for x, _ in places}), across, low), _up(place, low, high, first, up)]
    parts += [_curve(number, title, points, place, across, up) for number, (title, points) in enumerate(drawn.items())]
    return _picture(WIDTH, HEIGHT, name, parts)


def lineage(origins: Sequence[Origin], name: str, say: Callable[[str], str]) -> Markup:
    """The newest versions in their order, each below the line when it never answered, joined to its parent."""
    shown = list(reversed(origins[:MOST_VERSIONS]))
    places = {
        origin.version.name: (MARGIN + STEP * number, MARGIN + (0 if origin.version.promoted_at else LANE))
        for number, origin in enumerate(shown)
    }
    parts: list[Markup] = []
    for origin in shown:
        x, y = places[origin.version.name]
        if origin.parent in places:
            from_x, from_y = places[origin.parent]
            bend = Markup('<path class="branch" d="M{} {} C{} {} {} {} {} {}"/>')
            parts.append(bend.format(from_x, from_y, from_x + STEP // 2, from_y, x - STEP // 2, y, x, y))
    for origin in shown:
        x, y = places[origin.version.name]
        node = Markup(
            '<a href="#{0}"><circle class="node {1}" cx="{2}" cy="{3}" r="9"><title>{0}: {4}</title></circle>'
            '<text x="{2}" y="{5}" text-anchor="middle">{0}</text></a>'
        )
        state = say(f"models_state_{origin.version.state}")
        parts.append(node.format(origin.version.name, origin.version.state, x, y, state, y + 26))
    width = max(MARGIN * 2 + STEP * max(0, len(shown) - 1), 120)
    return _picture(width, MARGIN * 2 + LANE + 16, name, parts, role="group")


def interval(low: float, mean: float, high: float, widest: float) -> Markup:
    """A gain with its interval, beside zero; `widest` is what reaches the edge."""
    width, middle, height = 160, 80, 20

    def at(value: float) -> float:
        return middle + max(-1.0, min(1.0, value / widest if widest else 0.0)) * (middle - 6)

    kind = "good" if low > 0 else "bad" if high < 0 else "even"
    parts = [
        Markup('<line class="zero" x1="{0}" y1="1" x2="{0}" y2="{1}"/>').format(middle, height - 1),
        Markup('<line class="span {}" x1="{:.1f}" y1="10" x2="{:.1f}" y2="10"/>').format(kind, at(low), at(high)),
        Markup('<circle class="mean {}" cx="{:.1f}" cy="10" r="4"/>').format(kind, at(mean)),
    ]
    said = f"{100 * low:+.1f} … {100 * high:+.1f}"
    return _picture(width, height, said, parts, "interval")


def _curve(
    number: int,
    title: str,
    points: Points,
    place: Callable[[float, float], tuple[float, float]],
    across: Callable[[float], str],
    up: Callable[[float], str],
) -> Markup:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
    parts = [Markup('<polyline class="curve c{}" points="{}"/>').format(number, line)]
    for x, y in points if len(points) <= MOST_VERSIONS else ():
        at_x, at_y = place(x, y)
        dot = Markup('<circle class="dot c{}" cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{} {}: {}</title></circle>')
        parts.append(dot.format(number, at_x, at_y, title, across(x), up(y)))
    return Markup().join(parts)


def _up(
    place: Callable[[float, float], tuple[float, float]],
    low: float,
    high: float,
    first: float,
    up: Callable[[float], str],
) -> Markup:
    parts: list[Markup] = []
    for share in range(5):
        value = low + (high - low) * share / 4
        _, y = place(first, value)
        rule = Markup(
            '<line class="rule" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>'
            '<text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        )
        parts.append(rule.format(LEFT, y, WIDTH - RIGHT, y, LEFT - 8, y + 4, up(value)))
    return Markup().join(parts)


def _across(
    place: Callable[[float, float], tuple[float, float]],
    values: Sequence[float],
    across: Callable[[float], str],
    low: float,
) -> Markup:
    every = ceil(len(values) / LABELS)
    text = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
    return Markup().join(text.format(place(x, low)[0], HEIGHT - 8, across(x)) for x in values[::every])


def _around(values: Sequence[float]) -> tuple[float, float]:
    """A range in round steps that holds all values, with some air."""
    low, high = min(values), max(values)
    step = 0.05 if high - low < 0.5 else 0.5  # noqa: PLR2004 - a twentieth where little changes
    low, high = floor(low / step) * step, ceil(high / step) * step
    return (low, high) if high > low else (low - step, high + step)


def _picture(
    width: float, height: float, name: str, parts: Sequence[Markup], kind: str = "chart", role: str = "img"
) -> Markup:
    head = Markup('<svg class="{0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="{3}" aria-label="{4}">')
    opened = head.format(kind, width, height, role, name)
    return opened + Markup().join(parts) + Markup("</svg>")
