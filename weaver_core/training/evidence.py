"""What there is to learn from: texts, the answers that they reach, and the answers that they must not reach."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weaver_core.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of the evidence.

    `answer` is the answer that it belongs to, None for a turn that is only known to be no question for some answers
    (`wrong`). `asks` is False for an answer's own sentences: they are read, but nobody asks so. `weight` is how much
    its loss counts (an inverse propensity, say), `trust` is b = log trust of its position, `noise` how likely the
    judgement behind it is wrong.
    """

    text: str
    answer: str | None
    asks: bool = True
    weight: float = 1.0
    trust: float = 0.0
    noise: float = 0.0
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """P positions of N answers, then turns without an answer of their own: T texts in all.

    Shapes: owners (P,), each position's answer by number; asks (P,), True where a position asks and another position of
    its answer can be found; weights and noise (T,); trust (P,); wrong (m, 2), pairs of a text's row and an answer.
    """

    texts: tuple[str, ...]
    owners: NDArray[np.int64]
    asks: NDArray[np.bool_]
    weights: NDArray[np.float32]
    noise: NDArray[np.float32]
    trust: NDArray[np.float32]
    wrong: NDArray[np.int64]

    @property
    def asking(self) -> NDArray[np.int64]:
        """The rows of the texts that teach: positions that ask, and turns with a wrong answer."""
        return np.union1d(np.flatnonzero(self.asks), self.wrong[:, 0])


def gathered(passages: Sequence[Passage]) -> Evidence:
    """Passages as arrays. Raises EvidenceError when they teach nothing or name a wrong answer without positions."""
    ordered = [passage for passage in passages if passage.answer is not None]
    names = sorted({passage.answer for passage in ordered if passage.answer is not None})
    numbers = {name: number for number, name in enumerate(names)}
    ordered += [passage for passage in passages if passage.answer is None]
    owners = np.array([numbers[passage.answer] for passage in ordered if passage.answer is not None], np.int64)
    wrong: list[tuple[int, int]] = []
    for row, passage in enumerate(ordered):
        for name in passage.wrong:
            if name not in numbers:
                raise EvidenceError(
                    f"The wrong answer {name} of {passage.text[:40]!r} has no position to be told from."
                )
            wrong.append((row, numbers[name]))
    several = np.bincount(owners, minlength=1)[owners] > 1
    asks = np.array([passage.asks for passage in ordered[: len(owners)]], np.bool_) & several
    evidence = Evidence(
        texts=tuple(passage.text for passage in ordered),
        owners=owners,
        asks=asks,
        weights=np.array([passage.weight for passage in ordered], np.float32),
        noise=np.array([passage.noise for passage in ordered], np.float32),
        trust=np.array([passage.trust for passage in ordered[: len(owners)]], np.float32),
        wrong=np.array(wrong, np.int64).reshape(-1, 2),
    )
    if len(names) < 2 or not len(evidence.asking):  # noqa: PLR2004 - one answer cannot be told from another
        raise EvidenceError("There is nothing to learn: two answers and a question with a second position are needed.")
    return evidence


def write(path: Path, passages: Iterable[Passage]) -> None:
    """Store passages as JSON lines, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        for passage in passages:
            fields = {name: getattr(passage, name) for name in Passage.__slots__}
            file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path) -> list[Passage]:
    """The passages of a file. Raises EvidenceError, which names the line."""
    passages: list[Passage] = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                passages.append(_passage(line, number))
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"The evidence {path} cannot be read: {error}.") from error
    return passages


def _passage(line: str, number: int) -> Passage:
    try:
        stored: dict[str, Any] = json.loads(line)
        answer = stored["answer"]
        return Passage(
            text=str(stored["text"]),
            answer=None if answer is None else str(answer),
            asks=bool(stored.get("asks", True)),
            weight=float(stored.get("weight", 1.0)),
            trust=float(stored.get("trust", 0.0)),
            noise=float(stored.get("noise", 0.0)),
            wrong=tuple(map(str, stored.get("wrong", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvidenceError(f"Line {number} of the evidence is no passage: {error!r}.") from error
