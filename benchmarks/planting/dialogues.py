"""Whole dialogues of a shop: what people ask, what agents answer, and the secrets planted in both."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.planting import sentences, shapes, values
from benchmarks.planting.secret import Secret
from benchmarks.planting.sentences import Sentence

# (question, answer): ordinary matters, asked by many in these words or nearly these.
_MATTERS = {
    "en": (
        (
            "how do i get the white film out of my kettle",
            "Boil it with citric acid and rinse it twice with fresh water.",
        ),
        (
            "the lamp blinks and does not connect",
            "Hold the ring until it blinks white and join the home network again.",
        ),
        (
            "can i wash the wool blanket in the machine",
            "Wash it on the wool programme with cold water and dry it flat.",
        ),
        ("when do i get my money back after a return", "The refund is made within five working days after we get it."),
        ("is the pan safe for the oven", "It goes into the oven without the lid, but not into the dishwasher."),
        ("my voucher is not accepted at the checkout", "Vouchers count for full prices only and cannot be joined."),
        ("how can i change the address of my parcel", "Until it is packed you can change it under Orders yourself."),
        ("the grinder is stuck and makes a noise", "Turn it upside down, remove the ring and clean out the beans."),
        ("do you repair tents that are torn", "We repair tents all year, please dry and brush it before you send it."),
        (
            "why was my payment refused",
            "Mostly the bank asks for a second confirmation, look into the app of your bank.",
        ),
    ),
    "zh": (
        ("水壶里的白色水垢怎么去掉", "放柠檬酸煮开以后再用清水冲两遍就可以了。"),
        ("台灯一直闪连不上网络", "请按住圆环直到白灯闪烁，然后重新连接家里的网络。"),
        ("羊毛毯可以机洗吗", "请选择羊毛程序用冷水洗，然后平铺晾干。"),
        ("退货以后多久能退款", "我们收到退货以后五个工作日之内退款。"),
        ("这个锅能放烤箱吗", "去掉盖子可以放烤箱，但是不能放洗碗机。"),
        ("优惠券用不了怎么回事", "优惠券只能用于原价商品，而且不能叠加使用。"),
        ("怎么修改收货地址", "打包之前可以在我的订单里面自己修改。"),
        ("磨豆机卡住了有响声", "请把机器倒过来，取下圆环，把里面的豆子清理干净。"),
        ("帐篷破了可以修吗", "我们全年都可以修，寄来之前请晾干刷干净。"),
        ("付款为什么被拒绝了", "一般是银行需要再次确认，请在银行的应用里面查看。"),
    ),
}
_END = {"en": " ", "zh": ""}
_TWICE, _WITHOUT_CUSTOMER, _IN_THE_ANSWER = 0.1, 0.2, 0.6


@dataclass(frozen=True, slots=True)
class Planted:
    """A dialogue as a file for `weaver import` holds it, its first question, and the secrets in it."""

    line: dict[str, Any]
    question: str
    secrets: tuple[Secret, ...]


def plant(count: int, seed: int, *, held_out: bool) -> list[Planted]:
    """So many dialogues, half of them Chinese, the same in every run of a seed.

    Without `held_out` only the shapes and sentences that the rules were made with; a tenth of the customers come back
    in a second dialogue with the same secrets, a fifth of the dialogues name no customer.
    """
    rng = random.Random(seed)
    values.seed(seed)
    made: list[Planted] = []
    while len(made) < count:
        language = ("en", "zh")[len(made) % 2]
        named = rng.random() >= _WITHOUT_CUSTOMER
        number = len(made)
        customer = f"customer-{seed}-{number}" if named else None
        planted = [_plant(rng, kind, language, held_out=held_out) for kind in _kinds(rng)]
        made.append(_dialogue(rng, f"d{seed}-{number}", customer, language, planted))
        if named and rng.random() < _TWICE and len(made) < count:
            made.append(_dialogue(rng, f"d{seed}-{number}-again", customer, language, planted))
    return made


def _kinds(rng: random.Random) -> list[str]:
    return rng.sample(sentences.kinds(), rng.randint(2, 3))


def _plant(rng: random.Random, kind: str, language: str, *, held_out: bool) -> tuple[Secret, Sentence, Sentence | None]:
    value = values.MAKERS[kind, language](rng)
    shape = rng.choice([shape for shape in shapes.of(kind, language) if held_out or not shape.held_out])
    written = shape.write(rng, value)
    known = [sentence for sentence in sentences.of(kind, language) if held_out or not sentence.held_out]
    asked = rng.choice([sentence for sentence in known if not sentence.by_agent])
    told = [sentence for sentence in known if sentence.by_agent]
    answered = rng.choice(told) if told and rng.random() < _IN_THE_ANSWER else None
    # What the agent says decides whether another customer could read it.
    new = shape.held_out or asked.held_out or (answered is not None and answered.held_out)
    return Secret(kind, language, written.text, written.fragments, shape.name, new), asked, answered


def _dialogue(
    rng: random.Random,
    dialogue_id: str,
    customer: str | None,
    language: str,
    planted: Sequence[tuple[Secret, Sentence, Sentence | None]],
) -> Planted:
    question, answer = rng.choice(_MATTERS[language])
    turns = [{"role": "customer", "text": question}]
    said = [asked.text.format(x=secret.written) for secret, asked, _ in planted]
    if rng.random() < 0.5:  # noqa: PLR2004
        turns[0]["text"] = _joined(language, [question, *said])
    else:
        turns += [{"role": "customer", "text": text} for text in said]
    told = [sentence.text.format(x=secret.written) for secret, _, sentence in planted if sentence]
    if rng.random() < 0.5:  # noqa: PLR2004
        turns.append({"role": "agent", "text": _joined(language, [*told, answer])})
    else:
        turns += [{"role": "agent", "text": text} for text in (answer, *told)]
    line: dict[str, Any] = {"id": dialogue_id, "language": language, "turns": turns}
    if customer is not None:
        line["customer"] = customer
    return Planted(line, turns[0]["text"], tuple(secret for secret, _, _ in planted))


def _joined(language: str, parts: Sequence[str]) -> str:
    mark = {"en": ".", "zh": "。"}[language]
    ended = [part if part[-1:] in ".。!?！？" else part + mark for part in parts]
    return _END[language].join(ended)
