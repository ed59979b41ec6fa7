"""Heads: fitted on labelled turns, run by numpy alone, and refused by name when something does not fit."""

import json
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.errors import HeadDamagedError, OtherEncoderError, WrongVectorsError
from weaver_core.heads import examples, fitted, fitting
from weaver_core.heads.examples import Example
from weaver_core.heads.fitted import Heads
from weaver_core.heads.head import Head, softmax
from weaver_core.heads.labels import LABELS, Answer, Resolution, Sentiment, Task

DIMENSION = 8


def turns_and_vectors(count: int, seed: int) -> tuple[list[Example], NDArray[np.float32]]:
    """Turns about nothing whose vectors lie around one point for each sentiment, far from the origin."""
    random = np.random.default_rng(seed)
    middles = 3.0 + 4.0 * np.eye(DIMENSION)[:3]
    labels = [tuple(Sentiment)[place % 3] for place in range(count)]
    rows = np.stack([middles[place % 3] + random.normal(size=DIMENSION) for place in range(count)])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [Example(f"turn {place}", label) for place, label in enumerate(labels)], rows.astype(np.float32)


@pytest.fixture(scope="module")
def stored() -> Heads:
    """The shipped heads."""
    return fitted.load(stored_encoder())


def stored_encoder() -> str:
    """The version of the encoder that the shipped heads were fitted on."""
    text = resources.files("weaver_core.heads").joinpath(fitted.STORED).read_text(encoding="utf-8")
    return str(json.loads(text)["encoder"])


def test_a_head_tells_apart_turns_that_it_was_not_fitted_on() -> None:
    head = fitting.fit(Task.SENTIMENT, *turns_and_vectors(150, seed=0), seed=0).head
    turns, vectors = turns_and_vectors(90, seed=1)
    chances = head.judge(vectors)
    right = [head.labels[column] == turn.label for column, turn in zip(chances.argmax(axis=1), turns, strict=True)]
    assert np.mean(right) > 0.9
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert head.judge(vectors[:0]).shape == (0, 3)


def test_the_fitted_weights_are_where_the_penalised_loss_is_flat() -> None:
    turns, vectors = turns_and_vectors(60, seed=0)
    head = fitting.fit(Task.SENTIMENT, turns, vectors, seed=0).head
    rows = vectors.astype(np.float64) - head.mean
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    targets = np.array([[turn.label == label for label in head.labels] for turn in turns], np.float64)
    errors = softmax(rows @ head.weights + head.bias) - targets
    np.testing.assert_allclose(rows.T @ errors / len(turns) + fitting.RIDGE * head.weights, 0.0, atol=1e-5)


def test_fitting_twice_gives_the_same_head() -> None:
    first, second = (fitting.fit(Task.SENTIMENT, *turns_and_vectors(60, seed=0), seed=3) for _ in range(2))
    assert first.head.to_json() == second.head.to_json()
    assert (first.loss, first.accuracy) == (second.loss, second.accuracy)


def test_a_turn_counts_as_much_as_its_weight() -> None:
    turns, vectors = turns_and_vectors(60, seed=0)
    doubled = [replace(turn, weight=2.0) if turn.label == Sentiment.NEGATIVE else turn for turn in turns[:30]]
    twice = [*turns[:30], *(turn for turn in turns[:30] if turn.label == Sentiment.NEGATIVE)]
    rows = np.concatenate([vectors[:30], vectors[:30][[t.label == Sentiment.NEGATIVE for t in turns[:30]]]])
    once = fitting.fit(Task.SENTIMENT, doubled, vectors[:30], seed=0).head
    np.testing.assert_allclose(once.weights, fitting.fit(Task.SENTIMENT, twice, rows, seed=0).head.weights, atol=1e-4)


def test_temperature_makes_a_head_as_sure_as_it_is_right() -> None:
    turns, vectors = turns_and_vectors(300, seed=0)
    noisy = np.random.default_rng(5).normal(scale=0.35, size=vectors.shape).astype(np.float32)
    found = fitting.fit(Task.SENTIMENT, turns, vectors + noisy, seed=0)
    fresh, others = turns_and_vectors(900, seed=1)
    others = others + np.random.default_rng(6).normal(scale=0.35, size=others.shape).astype(np.float32)
    chances = found.head.judge(others)
    right = [found.head.labels[column] == turn.label for column, turn in zip(chances.argmax(1), fresh, strict=True)]
    assert abs(chances.max(axis=1).mean() - np.mean(right)) < 0.06


def test_a_companys_weak_labels_teach_what_the_shipped_turns_do_not_know() -> None:
    turns, vectors = turns_and_vectors(60, seed=0)
    jargon = np.eye(DIMENSION, dtype=np.float32)[[7]]
    weak = [Example(f"the jargon of a company, {place}", Sentiment.NEGATIVE, weight=0.3) for place in range(40)]
    without = fitting.fit(Task.SENTIMENT, turns, vectors, seed=0).head
    rows = np.concatenate([vectors, jargon.repeat(40, axis=0)])
    with_weak = fitting.fit(Task.SENTIMENT, examples.joined(turns, weak), rows, seed=0).head
    assert with_weak.judge(jargon)[0, 0] > 0.9 > without.judge(jargon)[0, 0]


def test_a_flood_of_wrong_weak_labels_does_not_turn_a_head_round() -> None:
    turns, vectors = turns_and_vectors(90, seed=0)
    others, flood = turns_and_vectors(900, seed=1)
    wrong = [replace(turn, label=Sentiment.POSITIVE) for turn in others if turn.label == Sentiment.NEGATIVE]
    rows = np.concatenate([vectors, flood[[turn.label == Sentiment.NEGATIVE for turn in others]]])
    joined = examples.joined(turns, wrong)
    assert sum(turn.weight for turn in joined) == pytest.approx(2 * len(turns))
    head = fitting.fit(Task.SENTIMENT, joined, rows, seed=0).head
    fresh, asked = turns_and_vectors(90, seed=2)
    chances = head.judge(asked).argmax(axis=1)
    neutral_or_positive = np.array([turn.label != Sentiment.NEGATIVE for turn in fresh])
    right = np.array([head.labels[column] == turn.label for column, turn in zip(chances, fresh, strict=True)])
    assert right[neutral_or_positive].mean() > 0.8
    assert not (np.array([head.labels[column] for column in chances])[~neutral_or_positive] == Sentiment.NEUTRAL).any()


def test_a_stored_head_judges_as_the_fitted_one() -> None:
    turns, vectors = turns_and_vectors(60, seed=0)
    head = fitting.fit(Task.SENTIMENT, turns, vectors, seed=0).head
    again = Head.from_json(json.loads(json.dumps(head.to_json())))
    np.testing.assert_allclose(again.judge(vectors), head.judge(vectors), atol=1e-3)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-3, 1.0, 1e3]))
def test_any_finite_vector_gets_probabilities(stored: Heads, seed: int, scale: float) -> None:
    vectors = np.random.default_rng(seed).normal(size=(4, len(stored.sentiment.mean))) * scale
    chances = stored.sentiment.judge(vectors.astype(np.float32))
    assert ((chances >= 0) & (chances <= 1)).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)


def test_the_mean_itself_is_judged_without_a_division_by_zero() -> None:
    head = fitting.fit(Task.SENTIMENT, *turns_and_vectors(30, seed=0), seed=0).head
    assert np.isfinite(head.judge(head.mean.astype(np.float32)[None])).all()


@pytest.mark.parametrize("shape", [(3,), (2, DIMENSION + 1), (2, 2, DIMENSION)])
def test_vectors_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    turns, vectors = turns_and_vectors(30, seed=0)
    head = fitting.fit(Task.SENTIMENT, turns, vectors, seed=0).head
    with pytest.raises(WrongVectorsError, match="shape"):
        head.judge(np.zeros(shape, np.float32))
    with pytest.raises(WrongVectorsError, match="30 turns"):
        fitting.fit(Task.SENTIMENT, turns, vectors[:-1], seed=0)


def test_vectors_that_are_not_numbers_are_refused() -> None:
    turns, vectors = turns_and_vectors(30, seed=0)
    head = fitting.fit(Task.SENTIMENT, turns, vectors, seed=0).head
    vectors[4, 2] = np.nan
    with pytest.raises(WrongVectorsError, match="not finite"):
        head.judge(vectors)
    with pytest.raises(WrongVectorsError, match="not finite"):
        fitting.fit(Task.SENTIMENT, turns, vectors, seed=0)


def test_vectors_of_another_encoder_are_refused() -> None:
    with pytest.raises(OtherEncoderError, match="not on all-MiniLM"):
        fitted.load("all-MiniLM-L6-v2@53aa51172d14")


@pytest.mark.parametrize(
    "broken",
    [
        {"bias": [0.0]},
        {"mean": [[0.0], [1.0]]},
        {"temperature": 0.0},
        {"temperature": "warm"},
        {"weights": [[float("nan")] * 3] * DIMENSION},
        {"weights": [[0.0, 1.0], [0.0]]},
        {"labels": None},
    ],
)
def test_a_head_whose_numbers_are_damaged_is_refused(broken: dict[str, object]) -> None:
    head = fitting.fit(Task.SENTIMENT, *turns_and_vectors(30, seed=0), seed=0).head
    with pytest.raises(HeadDamagedError):
        Head.from_json({**head.to_json(), **broken})


def test_stored_heads_that_are_not_complete_or_were_mixed_up_are_refused(stored: Heads) -> None:
    kept = stored.to_json()
    with pytest.raises(HeadDamagedError, match="resolution"):
        Heads.from_json({name: kept[name] for name in ("encoder", "sentiment", "answer")})
    with pytest.raises(HeadDamagedError, match="sentiment"):
        Heads.from_json({**kept, "sentiment": kept["resolution"]})


@pytest.mark.parametrize(("text", "weight"), [("  ", 1.0), ("hello", -1.0), ("hello", float("nan"))])
def test_an_example_without_text_or_with_no_weight_is_refused(text: str, weight: float) -> None:
    with pytest.raises(HeadDamagedError):
        Example(text, Sentiment.NEUTRAL, weight)


def test_a_label_that_the_head_does_not_know_and_one_without_turns_are_refused() -> None:
    turns, vectors = turns_and_vectors(30, seed=0)
    with pytest.raises(HeadDamagedError, match="no label 'angry'"):
        fitting.fit(Task.SENTIMENT, [*turns[:-1], Example("grr", "angry")], vectors, seed=0)
    neutral = [turn.label == Sentiment.NEUTRAL for turn in turns]
    others = [turn for turn, left_out in zip(turns, neutral, strict=True) if not left_out]
    with pytest.raises(HeadDamagedError, match="labelled 'neutral'"):
        fitting.fit(Task.SENTIMENT, others, vectors[~np.array(neutral)], seed=0)


@pytest.mark.parametrize("task", list(Task))
def test_each_head_ships_with_turns_of_every_label_in_both_languages_none_twice(task: Task) -> None:
    turns = examples.shipped(task)
    assert len({turn.text for turn in turns}) == len(turns)
    for label in LABELS[task]:
        texts = [turn.text for turn in turns if turn.label == label]
        chinese = sum(any("\u4e00" <= character <= "\u9fff" for character in text) for text in texts)
        assert chinese >= 25
        assert len(texts) - chinese >= 40


# None of these is among the turns that the heads were fitted on.
PHRASES: dict[Task, list[tuple[str, str]]] = {
    Task.SENTIMENT: [
        ("My order came three days late and the box was soaked.", Sentiment.NEGATIVE),
        ("I've called four times and each time I was cut off", Sentiment.NEGATIVE),
        ("Which platform does the 8:15 leave from?", Sentiment.NEUTRAL),
        ("I'd like to pay in instalments, is that possible?", Sentiment.NEUTRAL),
        ("What a lovely surprise, you were so kind to us!", Sentiment.POSITIVE),
        ("Not a single problem, I would buy it again.", Sentiment.POSITIVE),
        ("鸡肉没熟，打电话过去还骂人", Sentiment.NEGATIVE),
        ("修了三次都没修好，太气人了", Sentiment.NEGATIVE),
        ("请问这个可以开专票吗", Sentiment.NEUTRAL),
        ("我明天下午两点以后有空", Sentiment.NEUTRAL),
        ("师傅很专业，十分钟就装好了，点赞", Sentiment.POSITIVE),
        ("味道好极了，全家都爱吃", Sentiment.POSITIVE),
    ],
    Task.ANSWER: [
        ("The tickets are valid for two months from the day you buy them.", Answer.ANSWER),
        ("Unplug the device, wait thirty seconds and plug it in again.", Answer.ANSWER),
        ("Could you DM us your phone number, please?", Answer.NONE),
        ("We're sorry about that and will look into it.", Answer.NONE),
        ("运费由买家承担，每单12元。", Answer.ANSWER),
        ("在首页右下角点“我的”，再点“客服中心”。", Answer.ANSWER),
        ("好的，请您稍等一下哦", Answer.NONE),
        ("麻烦您把手机号私信给我们", Answer.NONE),
    ],
    Task.RESOLUTION: [
        ("Great, that fixed the problem. Thank you!", Resolution.RESOLVED),
        ("That doesn't work either, I get the same message.", Resolution.NOT_RESOLVED),
        ("My tracking number is RB 4402.", Resolution.UNCLEAR),
        ("好了，能用了，谢谢您", Resolution.RESOLVED),
        ("照你说的做了，还是打不开", Resolution.NOT_RESOLVED),
        ("我的单号是4402", Resolution.UNCLEAR),
    ],
}


@pytest.mark.slow
def test_the_shipped_heads_judge_plain_phrases_in_both_languages_as_people_do() -> None:
    encoder = OnnxEncoder(export.exported(sources.find(sources.MULTILINGUAL), export.default_cache()))
    heads = fitted.load(encoder.version)
    for task, head in zip(Task, (heads.sentiment, heads.answer, heads.resolution), strict=True):
        texts = [text for text, _ in PHRASES[task]]
        assert not set(texts) & {turn.text for turn in examples.shipped(task)}
        found = head.judge(encoder.encode(texts)).argmax(axis=1)
        judged = [(text, head.labels[column]) for text, column in zip(texts, found, strict=True)]
        assert judged == PHRASES[task]
