"""I = softmax(q Mᵀ / √dₖ): which answer the query retrieves."""

import numpy as np
from numpy.typing import NDArray


def retrieve(cosines: NDArray[np.float32], beta: float) -> NDArray[np.float32]:
    """How likely each answer is among these. Shapes: cosines û·M̂ (…, N) → (…, N), summing to 1.

    With q = β·√dₖ·û and unit vectors the formula is softmax(β·û·M̂).
    """
    scores = beta * cosines
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities
