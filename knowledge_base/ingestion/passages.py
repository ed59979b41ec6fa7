"""The passages of a text: what becomes a position."""

from weaver_core.texts import sentences
from weaver_core.texts.normalization import has_words
from weaver_core.texts.passages import split_passages


def of_question(text: str) -> list[str]:
    """A question as one passage; a long one, such as a mail, as several that overlap by a sentence."""
    return [passage for passage in split_passages(text) if has_words(passage)]


def of_answer(text: str) -> list[str]:
    """An answer's sentences, without those that hold no words; an endless one is cut."""
    return [part for sentence in sentences.split(text) for part in split_passages(sentence) if has_words(part)]
