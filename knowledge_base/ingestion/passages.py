"""The passages of a text: what becomes a position."""

from weaver_core.texts import sentences
from weaver_core.texts.normalization import has_words
from weaver_core.texts.passages import MOST_TOKENS, estimated_tokens, split_passages

# What a question that is longer than one passage is found by best (docs/experiments.md).
LONG_QUESTION_PASSAGE = 64


def of_question(text: str) -> list[str]:
    """A question as one passage; a long one, such as a mail, as several that overlap by a sentence."""
    most = MOST_TOKENS if estimated_tokens(text) <= MOST_TOKENS else LONG_QUESTION_PASSAGE
    return [passage for passage in split_passages(text, most=most) if has_words(passage)]


def of_answer(text: str) -> list[str]:
    """An answer's sentences, without those that hold no words; an endless one is cut."""
    return [part for sentence in sentences.split(text) for part in split_passages(sentence) if has_words(part)]
