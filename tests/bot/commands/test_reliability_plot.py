"""The reliability plot."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from bot.commands import reliability_plot
from weaver_core import evaluation

DOT = "{http://www.w3.org/2000/svg}circle"


def test_every_bin_is_a_dot_at_its_confidence_and_its_share_of_right_answers() -> None:
    confidences = np.repeat([0.2, 0.9], 150)
    right = np.r_[np.arange(150) % 5 == 0, np.ones(150, np.bool_)]
    bins = evaluation.reliability(confidences, right)
    assert sum(found.questions for found in bins) == 300
    svg = ET.fromstring(reliability_plot.draw(bins, 0.05, "asked <&>"))  # noqa: S314 - our own document
    dots = svg.findall(DOT)
    assert len(dots) == len(bins) == 15
    assert float(dots[0].attrib["cx"]) < float(dots[-1].attrib["cx"])
    # Up is right: a larger share has a smaller y.
    assert float(dots[0].attrib["cy"]) > float(dots[-1].attrib["cy"])
    assert "asked <&>" in "".join(svg.itertext())


def test_a_single_question_has_a_single_bin() -> None:
    (found,) = evaluation.reliability(np.array([0.4]), np.array([True]))
    assert (found.questions, found.right) == (1, 1.0)
    assert found.confidence == pytest.approx(0.4)
