"""A turn with two questions is cut into them, what stands around each going with it."""

import pytest

from weaver_core.texts.questions import questions

TWO = {
    "Where is my order? How do I return a lamp?": ["Where is my order?", "How do I return a lamp?"],
    "Where is my order and how do I return it?": ["Where is my order", "and how do I return it?"],
    "我的订单在哪里？怎么退货？": ["我的订单在哪里？", "怎么退货？"],
    "订单什么时候到，另外怎么退货": ["订单什么时候到", "另外怎么退货"],
    "Hi. I bought a lamp. Does it come with a bulb? Also, can I return it? Thanks!": [
        "Hi. I bought a lamp. Does it come with a bulb?",
        "Also, can I return it? Thanks!",
    ],
}
ONE = (
    "How do I return a lamp?|What is the difference between A and B?|What time do you open and close?|我的灯坏了怎么办|"
    "My card does not work. What's wrong???|When I paid, I was charged twice. Why?|I want an invoice. I want a refund."
)


@pytest.mark.parametrize("text", TWO)
def test_two_questions_are_two(text: str) -> None:
    assert [text[start:end] for start, end in questions(text)] == TWO[text]


@pytest.mark.parametrize("text", ONE.split("|"))
def test_one_question_stays_whole(text: str) -> None:
    assert questions(text) == [(0, len(text))]


def test_who_asks_more_than_a_few_things_is_read_as_a_whole() -> None:
    text = "Is it red? Is it blue? Is it green? Is it black?"
    assert questions(text) == [(0, len(text))]
