"""An installation without SQL, in this process: memories, the fit and the turns of the product, on kept vectors."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import vectors
from bot.commands.environment import open_encoder
from bot.reply import Query, Reply
from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from bot.updates import learning
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder, TokenStates
from weaver_core.leave_one_out import Fit
from weaver_core.texts.normalization import canonical
from weaver_core.texts.sentences import split

ENCODERS = ("english", "multilingual")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_opened: dict[str, "KeptEncoder"] = {}


class KeptEncoder:
    """An encoder whose vectors are kept on disk between runs."""

    def __init__(self, name: str) -> None:
        self._encoder = open_encoder(name, threads=2)
        self._known: dict[str, NDArray[np.float32]] = {}
        self.version = self._encoder.version
        self.dimension = self._encoder.dimension
        self.languages = self._encoder.languages
        self.centred = self._encoder.centred

    def learn(self, texts: Sequence[str]) -> None:
        """Keep these texts' vectors, in canonical form."""
        texts = [canonical(text) for text in texts]
        self._known.update(zip(texts, vectors.of(self._encoder, texts), strict=True))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors. Shape: n texts → (n, d)."""
        unknown = [text for text in texts if text not in self._known]
        if unknown:
            self._known.update(zip(unknown, self._encoder.encode(unknown), strict=True))
        return np.stack([self._known[text] for text in texts])

    def whole_words(self) -> list[str]:
        """The words that its tokenizer does not cut into pieces."""
        return self._encoder.whole_words()

    def states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The texts' token states."""
        return self._encoder.states(texts)


def encoders(names: Sequence[str] = ENCODERS) -> list[KeptEncoder]:
    """The encoders of these names, opened once."""
    for name in names:
        if name not in _opened:
            _opened[name] = KeptEncoder(name)
    return [_opened[name] for name in names]


@dataclass(frozen=True, slots=True)
class Line:
    """A stored question or an answer's sentence, with the answer that owns it."""

    answer_id: str
    text: str
    sentence: bool = False


def faq(rows: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """A FAQ's questions and its answers' sentences."""
    for row in rows:
        yield Line(row["answer_id"], row["question"])
    for answer_id, text in {row["answer_id"]: row["answer"] for row in rows}.items():
        yield from (Line(answer_id, part, sentence=True) for part in split(text))


def memories(lines: Sequence[Line], language: str, within: Sequence[Encoder]) -> list[Memory]:
    """The lines as an import stores them."""
    owned: dict[str, list[Line]] = {}
    for line in lines:
        owned.setdefault(line.answer_id, []).append(line)
    keys = {
        encoder.version: dict(zip((line.text for line in lines), _stored(encoder, lines), strict=True))
        for encoder in within
    }
    return [_memory(answer_id, own, language, keys) for answer_id, own in owned.items()]


def _stored(encoder: Encoder, lines: Sequence[Line]) -> NDArray[np.float32]:
    """The keys as SQL gives them back: in half precision."""
    return encoder.encode([canonical(line.text) for line in lines]).astype(np.float16).astype(np.float32)


def _memory(
    answer_id: str, lines: Sequence[Line], language: str, keys: Mapping[str, Mapping[str, NDArray[np.float32]]]
) -> Memory:
    own = uuid.uuid5(uuid.NAMESPACE_URL, answer_id)
    positions = tuple(
        Position(
            id=uuid.uuid5(own, str(number)),
            answer_id=own,
            kind=PositionKind.SENTENCE if line.sentence else PositionKind.QUESTION,
            text=line.text,
            context=None,
            language=language,
            trust=0.0,
            turn_id=None,
            feedback_id=None,
            created_at=_NOW,
        )
        for number, line in enumerate(lines)
    )
    vectors_ = {view: np.stack([known[line.text] for line in lines]) for view, known in keys.items()}
    return Memory(_answer(own, answer_id, language), positions, vectors_)


def _answer(own: uuid.UUID, answer_id: str, language: str) -> Answer:
    return Answer(
        id=own,
        answer_id=answer_id,
        title=answer_id,
        text=answer_id,
        language=language,
        collection="default",
        tags=(),
        status=AnswerStatus.APPROVED,
        origin="faq",
        personal=False,
        valid_from=None,
        valid_until=None,
        created_at=_NOW,
        updated_at=_NOW,
    )


def installed(
    loaded: Sequence[Memory], within: Sequence[Encoder], wrong_per_hundred: float = 10.0
) -> tuple[Retriever, dict[str, Fit]]:
    """A retriever over these memories, fitted on them as an import does it."""
    readers, fits = learning.fit(loaded, within)
    retriever = Retriever(within, ActiveVersion(readers, "v1"), DecisionOptions(wrong_per_hundred))
    retriever.replace(loaded)
    return retriever, fits


def ask(retriever: Retriever, texts: Sequence[str]) -> list[Reply]:
    """The replies to these turns."""
    return [retriever.respond(Query(text)) for text in texts]
