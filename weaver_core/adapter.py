"""û' = normalise(û + W û): a trained linear residual on queries, which leaves the keys as they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.checkpoint import ADAPTER, Checkpoint
from weaver_core.errors import CheckpointOfAnotherEncoderError, CheckpointShapeError

RESIDUAL = "residual"


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """The residual W. Shape: (d, d). Zeros change nothing."""

    residual: NDArray[np.float32]

    def adapt(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """The queries as the keys want them. Shapes: û (…, d), unit length → û' (…, d), unit length."""
        moved = queries + queries @ self.residual.T
        lengths = np.linalg.norm(moved, axis=-1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def from_checkpoint(checkpoint: Checkpoint, encoder: str, dimension: int) -> Adapter:
    """The adapter that a checkpoint holds, for the vectors of this encoder version.

    Raises CheckpointOfAnotherEncoderError, CheckpointShapeError.
    """
    if checkpoint.kind != ADAPTER:
        raise CheckpointShapeError(f"The checkpoint holds {checkpoint.kind} weights, no adapter of queries.")
    if checkpoint.encoder != encoder:
        raise CheckpointOfAnotherEncoderError(
            f"The adapter was trained on the vectors of {checkpoint.encoder}, not of {encoder}."
        )
    checkpoint.require_shapes({RESIDUAL: (dimension, dimension)})
    return Adapter(checkpoint.tensors[RESIDUAL].astype(np.float32))
