"""A small task with a real encoder: answers that are told apart by a few words among many that say nothing."""

from pathlib import Path

import numpy as np

from tests import tiny_encoder
from weaver_core.training.evidence import Passage
from weaver_core.training.settings import EncoderSettings

EACH = 16
TOPICS = [
    ("parcel", "delivery", "courier"),
    ("refund", "money", "return"),
    ("password", "login", "account"),
    ("size", "fit", "measure"),
    ("voucher", "coupon", "discount"),
    ("invoice", "receipt", "tax"),
]
FILLERS = ("please", "my", "the", "a", "for", "is", "help")
# In full precision, so that a test does not depend on what the processor makes of bfloat16.
SETTINGS = EncoderSettings(
    rank=4, epochs=4, batch=24, each=3, neighbours=2, beta=10.0, learning_rate=0.01, half=False, save_every=2
)


def passages(seed: int = 0, each: int = EACH) -> list[Passage]:
    """Questions of each answer: two of its words among fillers."""
    random = np.random.default_rng(seed)
    made: list[Passage] = []
    for answer, words in enumerate(TOPICS):
        for _ in range(each):
            said = [*random.choice(words, 2, replace=False), *random.choice(FILLERS, 1, replace=False)]
            made.append(Passage(" ".join(random.permutation(said)), f"answer-{answer}"))
    return made


def encoder(folder: Path) -> Path:
    """The two-layer encoder that knows the task's words."""
    return tiny_encoder.write(folder, [passage.text for seed in range(3) for passage in passages(seed)], dimension=32)
