"""One linear head: a turn's vector goes in, the probability of each label comes out."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from weaver_core.errors import HeadDamagedError, WrongVectorsError

DECIMALS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A multinomial logistic regression on centred unit vectors.

    P = softmax((x̂ W + b) / T) with x̂ = (x − μ) / |x − μ|. Shapes: mean μ (d,), weights W (d, k), bias b (k,) for k
    labels; T > 0 is fitted on turns that were left out.
    """

    labels: tuple[str, ...]
    mean: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float

    def __post_init__(self) -> None:
        """Raises HeadDamagedError when the shapes do not fit together or a number is not finite."""
        wanted = (*self.mean.shape, len(self.labels))
        if self.mean.ndim != 1 or self.weights.shape != wanted or self.bias.shape != wanted[1:]:
            raise HeadDamagedError(f"A head with {len(self.labels)} labels has weights of shape {self.weights.shape}.")
        parts = (self.mean, self.weights, self.bias, np.array(self.temperature))
        if not all(np.isfinite(part).all() for part in parts) or self.temperature <= 0:
            raise HeadDamagedError(f"The head for {', '.join(self.labels)} holds numbers that are not finite.")

    def judge(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """The probability of each label. Shapes: the encoder's unit vectors (n, d) → (n, k), rows summing to 1.

        Raises WrongVectorsError for another shape and for vectors that are not finite.
        """
        if vectors.ndim != 2 or vectors.shape[1] != len(self.mean):  # noqa: PLR2004 - n texts, d numbers each
            raise WrongVectorsError(f"The head wants vectors of length {len(self.mean)}, not shape {vectors.shape}.")
        if not np.isfinite(vectors).all():
            raise WrongVectorsError("The head was given vectors that are not finite.")
        return softmax((centre(vectors, self.mean) @ self.weights + self.bias) / self.temperature)

    def to_json(self) -> dict[str, Any]:
        """The head as it is stored."""
        return {
            "labels": list(self.labels),
            "temperature": round(self.temperature, DECIMALS),
            "bias": _rounded(self.bias),
            "mean": _rounded(self.mean),
            "weights": _rounded(self.weights),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """A stored head. Raises HeadDamagedError."""
        try:
            mean, weights, bias = (np.array(stored[name], np.float64) for name in ("mean", "weights", "bias"))
            labels, temperature = tuple(map(str, stored["labels"])), float(stored["temperature"])
        except (ValueError, KeyError, TypeError) as error:
            raise HeadDamagedError(f"A stored head cannot be read: {error}.") from error
        return cls(labels, mean, weights, bias, temperature)


def centre(vectors: NDArray[np.float32], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors without what all of them share, at unit length again. Shapes: (n, d), (d,) → (n, d)."""
    moved = vectors.astype(np.float64) - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, np.finfo(np.float64).tiny), np.float64)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of rows of scores. Shapes: (n, k) → (n, k)."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float64)


def _rounded(numbers: NDArray[np.float64]) -> Any:  # noqa: ANN401 - nested lists of JSON numbers
    return np.round(numbers, DECIMALS).tolist()
