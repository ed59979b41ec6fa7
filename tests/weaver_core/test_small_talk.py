"""A courtesy is told from a question, in both languages."""

import pytest

from weaver_core.texts.small_talk import SmallTalk, small_talk

COURTESIES = {
    SmallTalk.GREETING: "hi|Hello!|Good morning team!|hi, how are you?|你好|在吗？|您好！早上好|Hey there 👋",
    SmallTalk.THANKS: (
        "thx|Thanks a lot 😊|hello again, thanks for your help!|That helps, thank you so much|"
        "谢谢啦|好的，谢谢！|嗯嗯好的知道了谢谢"
    ),
    SmallTalk.GOODBYE: "bye|ok thanks bye|that's all, thank you|再见|好的，没有了|Have a nice day!",
    SmallTalk.UNDERSTOOD: "ok|Okay.|I see|got it|好的|明白了",
}
OTHERS = (
    "hello, where is my order?|你好，请问怎么退货|ok but it still does not work|thanks for nothing|no|yes|12|👍|?| |"
    "thank you for my order confirmation, where is it?|谢谢，不过还是打不开|good lamps|hi-fi|早餐几点|好慢"
)


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in COURTESIES.items() for text in texts.split("|")]
)
def test_a_courtesy_is_one(kind: SmallTalk, text: str) -> None:
    assert small_talk(text) is kind


@pytest.mark.parametrize("text", OTHERS.split("|"))
def test_what_says_anything_else_is_none(text: str) -> None:
    assert small_talk(text) is None


def test_a_long_text_is_none_at_once() -> None:
    assert small_talk("ok " * 2000) is None
