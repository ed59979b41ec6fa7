"""What a run keeps of its training: losses by step, few enough to be drawn, from where another process left off."""

from bot.updates.progress import MOST_POINTS, TRAINING, RunProgress
from weaver_core.training.progress import Progress


def test_a_long_training_keeps_the_shape_of_its_curve_and_its_last_step() -> None:
    signs = RunProgress()
    learn = signs.training("tiny@1", 0, 1)
    for step in range(1, 2001):
        learn(Progress(step, 2000, 1.0 / step))
    points = signs.figures()[TRAINING]["tiny@1"]
    steps = [step for step, _ in points]
    assert MOST_POINTS // 2 <= len(points) <= MOST_POINTS
    assert steps == sorted(set(steps))
    assert steps[-1] == 2000
    assert all(loss == round(1.0 / step, 5) for step, loss in points)


def test_a_run_that_is_taken_over_goes_on_with_its_curve() -> None:
    first = RunProgress()
    first.training("tiny@1", 0, 2)(Progress(1, 4, 0.9))
    second = RunProgress(first.figures())
    second.training("tiny@1", 0, 2)(Progress(2, 4, 0.7))
    assert second.figures() == {TRAINING: {"tiny@1": [[1, 0.9], [2, 0.7]]}}


def test_a_run_without_training_keeps_none() -> None:
    assert RunProgress().figures() == {}
