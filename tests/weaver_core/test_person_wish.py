"""Who asks for a person is heard, in both languages; who asks about persons is answered."""

import pytest

from weaver_core.texts.person_wish import wants_person

WISHES = (
    "I want to talk to a human|human please!|agent|can I speak to someone about my order?|Get me a person|real person|"
    "connect me to your manager|please transfer me to customer service|I'd like a representative, please|"
    "转人工|我要找人工客服|有人工吗|我想和真人聊|别让机器人回答我|人工|帮我转接一下客服主管"
)
OTHERS = (
    "I don't want to talk to an agent|Do I need to speak to someone to close my account?|am I talking to a person?|"
    "What are your agents' opening hours?|I made a transfer to someone|I need someone to repair my lamp|"
    "a lamp for one person|人工智能是什么|不要转人工|客服电话是多少|人工费怎么算|这款灯是人工做的吗"
)


@pytest.mark.parametrize("text", WISHES.split("|"))
def test_a_wish_for_a_person_is_heard(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize("text", OTHERS.split("|"))
def test_a_question_about_persons_is_none(text: str) -> None:
    assert not wants_person(text)
