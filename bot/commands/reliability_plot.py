"""How often the bot is right at each confidence, as a picture: a reliability plot in SVG."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from weaver_core.evaluation import ReliabilityBin

SIZE, LEFT, TOP, BOTTOM = 320, 56, 40, 52
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
INK, LINE, DOTS = "#1f2933", "#9aa5b1", "#0b6e4f"


def draw(bins: Sequence[ReliabilityBin], error: float, title: str) -> str:
    """An SVG document: a dot a bin, its area the bin's questions; on the diagonal confidence is what it says."""
    most = max(found.questions for found in bins)
    dots = "".join(_dot(found, 7 * (found.questions / most) ** 0.5) for found in bins)
    questions = sum(found.questions for found in bins)
    width, height = LEFT + SIZE + 24, TOP + SIZE + BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}" role="img">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}: {questions} questions, ECE {error:.3f}</text>'
        f"{_axes()}{dots}</svg>\n"
    )


def _dot(found: ReliabilityBin, radius: float) -> str:
    said = f"{found.questions} questions: confidence {found.confidence:.1%}, right {found.right:.1%}"
    return (
        f'<circle cx="{_x(found.confidence):.1f}" cy="{_y(found.right):.1f}" r="{radius:.1f}" fill="{DOTS}" '
        f'fill-opacity="0.75"><title>{said}</title></circle>'
    )


def _axes() -> str:
    parts = [
        f'<rect x="{LEFT}" y="{TOP}" width="{SIZE}" height="{SIZE}" fill="none" stroke="{LINE}"/>',
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="{LINE}" stroke-dasharray="5 4"/>',
        f'<text x="{LEFT + SIZE / 2}" y="{TOP + SIZE + 40}" text-anchor="middle">confidence</text>',
        f'<text transform="translate(16 {TOP + SIZE / 2}) rotate(-90)" text-anchor="middle">right</text>',
    ]
    for tick in TICKS:
        parts.append(f'<text x="{_x(tick)}" y="{TOP + SIZE + 18}" text-anchor="middle">{tick:.0%}</text>')
        parts.append(f'<text x="{LEFT - 6}" y="{_y(tick) + 4}" text-anchor="end">{tick:.0%}</text>')
    return "".join(parts)


def _x(share: float) -> float:
    return LEFT + SIZE * share


def _y(share: float) -> float:
    return TOP + SIZE * (1 - share)
