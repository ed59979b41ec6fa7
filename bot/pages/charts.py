"""Charts drawn on the server: SVG in the page's own colours, by classes alone, since no style may stand in a page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 400, 170
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 24
SQUARE = 340
# So many labels fit under a chart.
LABELS = 6
TICKS = 4
_STEPS = (1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Series:
    """Values over time under a name, None where there is none; `look` is a class of the style sheet."""

    name: str
    look: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """What the side of a chart goes from and to, and how its values read."""

    low: float
    high: float
    form: str = "{:,.0f}"

    def place(self, value: float) -> float:
        """How high a value stands, in the picture's units from the top."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)

    def say(self, value: float) -> str:
        """A value as it is written."""
        return self.form.format(value).replace("+0.0", "0").replace("-", "−")

    def ticks(self) -> list[float]:
        """Values that are written at the side."""
        return [self.low + (self.high - self.low) * number / TICKS for number in range(TICKS + 1)]


def bars(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Counts one on the other: a column for each label."""
    totals = [sum(one.values[place] or 0 for one in series) for place in range(len(labels))]
    scale = Scale(0, even_top(max(totals, default=0), TICKS, whole=True))
    step = _step(labels)
    parts: list[Markup] = []
    for place, label in enumerate(labels):
        told = ", ".join(f"{one.name} {one.values[place] or 0:,.0f}" for one in series)
        bottom, columns = 0.0, Markup("")
        for one in series:
            value = one.values[place] or 0
            if value:
                high, low = scale.place(bottom + value), scale.place(bottom)
                columns += Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    one.look, LEFT + step * (place + 0.12), high, step * 0.76, low - high
                )
            bottom += value
        parts.append(Markup("<g><title>{}: {}</title>{}</g>").format(label, told, columns))
    return _framed(title, labels, scale, Markup("").join(parts))


def lines(title: str, labels: Sequence[str], series: Sequence[Series], scale: Scale) -> Markup:
    """Values over time, a line each, broken where nothing is known."""
    step = _step(labels)
    parts: list[Markup] = []
    for one in series:
        run: list[tuple[float, float]] = []
        for place, value in enumerate([*one.values, None]):
            if value is not None:
                run.append((LEFT + step * (place + 0.5), scale.place(value)))
                parts.append(_dot(one, labels[place], value, scale, run[-1]))
                continue
            if len(run) > 1:
                points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
                parts.append(Markup('<polyline class="line {}" points="{}"/>').format(one.look, points))
            run = []
    if scale.low < 0 < scale.high:
        zero = scale.place(0)
        parts.append(_rule(zero, "zero"))
    return _framed(title, labels, scale, Markup("").join(parts))


def reliability(title: str, x_name: str, y_name: str, dots: Sequence[tuple[float, float, float, str]]) -> Markup:
    """Shares over confidences: (confidence, share, weight, what it says); on the diagonal both are equal."""
    left = LEFT + 14
    inner = SQUARE - left - RIGHT
    most = max((weight for _, _, weight, _ in dots), default=1.0)
    parts = [
        Markup('<rect class="frame" x="{}" y="{}" width="{}" height="{}"/>').format(left, TOP, inner, inner),
        Markup('<line class="rule" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(left, TOP + inner, left + inner, TOP),
    ]
    for tick in (0.0, 0.5, 1.0):
        parts.append(_text(left + inner * tick, TOP + inner + 15, "middle", f"{tick:.0%}"))
        parts.append(_text(left - 5, TOP + inner * (1 - tick) + 4, "end", f"{tick:.0%}"))
    parts.append(_text(left + inner / 2, TOP + inner + 32, "middle", x_name))
    parts.append(
        Markup('<text text-anchor="middle" transform="translate(11 {}) rotate(-90)">{}</text>').format(
            TOP + inner / 2, y_name
        )
    )
    for confidence, share, weight, said in dots:
        parts.append(
            Markup('<circle class="c1" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>').format(
                left + inner * confidence, TOP + inner * (1 - share), 3 + 6 * math.sqrt(weight / most), said
            )
        )
    return _svg(title, SQUARE, TOP + inner + 40, Markup("").join(parts))


def scatter(title: str, dots: Sequence[tuple[float, float, float, str]]) -> Markup:
    """Things in two dimensions, in [−1, 1] each way: (x, y, weight, what it is); without weight they are rings."""
    most = max((weight for _, _, weight, _ in dots), default=0.0)
    inner = SQUARE - 20
    parts: list[str] = [f'<rect class="frame" x="2" y="2" width="{SQUARE - 4}" height="{SQUARE - 4}"/>']
    # Large ones first, so that small ones are not hidden. There may be many: only what they say is escaped.
    for x, y, weight, said in sorted(dots, key=lambda dot: -dot[2]):
        radius = 2.5 + (6 * math.sqrt(weight / most) if weight else 0)
        look, left, top = "c1" if weight else "ring", 10 + inner * (x + 1) / 2, 10 + inner * (1 - (y + 1) / 2)
        parts.append(
            f'<circle class="{look}" cx="{left:.1f}" cy="{top:.1f}" r="{radius:.1f}">'
            f"<title>{escape(said)}</title></circle>"
        )
    return _svg(title, SQUARE, SQUARE, Markup("".join(parts)))  # noqa: S704 - numbers, and what is escaped


def _framed(title: str, labels: Sequence[str], scale: Scale, drawn: Markup) -> Markup:
    parts: list[Markup] = []
    for tick in scale.ticks():
        y = scale.place(tick)
        parts += [_rule(y, "rule"), _text(LEFT - 5, y + 4, "end", scale.say(tick))]
    step, every = _step(labels), max(1, math.ceil(len(labels) / LABELS))
    # Counted from the end: the last is the newest.
    for place in range(len(labels) - 1, -1, -every):
        parts.append(_text(LEFT + step * (place + 0.5), HEIGHT - 7, "middle", labels[place]))
    return _svg(title, WIDTH, HEIGHT, Markup("").join(parts) + drawn)


def _svg(title: str, width: float, height: float, inner: Markup) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, height, title, inner
    )


def _dot(one: Series, label: str, value: float, scale: Scale, place: tuple[float, float]) -> Markup:
    said = f"{label}: {one.name} {scale.say(value)}"
    return Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.4"><title>{}</title></circle>').format(
        one.look, *place, said
    )


def _rule(y: float, look: str) -> Markup:
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(look, LEFT, WIDTH - RIGHT, y, y)


def _text(x: float, y: float, anchor: str, said: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(said))


def _step(labels: Sequence[str]) -> float:
    return (WIDTH - LEFT - RIGHT) / max(len(labels), 1)


def even_top(value: float, least: float, *, whole: bool = False) -> float:
    """Where a side may end, above a value and no lower than `least`, so that its ticks are even, or whole, numbers."""
    if value <= least:
        return least
    part = value / TICKS
    size = 10.0 ** math.floor(math.log10(part))
    steps = [size * step for step in _STEPS]
    return TICKS * next(one for one in steps if one >= part * (1 - 1e-9) and not (whole and one % 1))
