"""What training lowers: the loss of the differentiable read, and the contrastive loss over positions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

CANDIDATES = 128
# A score that leaves no weight after softmax. Not −inf: where all positions are masked its gradient would be NaN.
MASKED = -1e4
SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class ReadOfOneView:
    """How the view that is trained is read: attention's scale s and retrieval's β."""

    scale: float = 7.0
    beta: float = 28.0


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which positions each answer owns, padded to one length, so that all memories are read in one operation.

    Shapes: rows (N, K), indices of positions; present (N, K), False where a row is padding; trust b (P,).
    """

    rows: Tensor
    present: Tensor
    trust: Tensor

    def of(self, answers: Tensor) -> "Layout":
        """The same of some answers alone. Shape: indices (n,)."""
        return Layout(self.rows[answers], self.present[answers], self.trust)


def layout(owners: NDArray[np.int64], trust: NDArray[np.float32]) -> Layout:
    """The layout of P positions. Shapes: owners (P,), each position's answer; trust b = log trust (P,)."""
    counts = np.bincount(owners)
    order = np.argsort(owners, kind="stable")
    longest = int(counts.max(initial=1))
    present: NDArray[np.bool_] = np.arange(longest) < counts[:, None]
    rows: NDArray[np.int64] = np.zeros((len(counts), longest), np.int64)
    rows[present] = order
    return Layout(torch.from_numpy(rows), torch.from_numpy(present), torch.from_numpy(trust))


def read_cosines(similarities: Tensor, positions: Tensor, memories: Layout, scale: float, left_out: Tensor) -> Tensor:
    """û·M̂ of each query and answer, differentiable; MASKED where an answer has no position to read.

    Shapes: similarities û·Hᵢ (n, P), positions H (P, d), left_out (n, P), True where a query must not see a position
    → (n, N). |M|² = αᵀ(H Hᵀ)α spares the memories themselves (weaver_core.memory.read_many reads them).
    """
    visible = memories.present & ~left_out[:, memories.rows]
    along = similarities[:, memories.rows]
    scores = (scale * along + memories.trust[memories.rows]).masked_fill(~visible, MASKED)
    weights = torch.softmax(scores, dim=-1) * visible
    owned = positions[memories.rows] * memories.present[..., None]
    gram = owned @ owned.transpose(1, 2)
    squares = (torch.einsum("ank,nkj->anj", weights, gram) * weights).sum(dim=-1)
    cosines = (weights * along).sum(dim=-1) / squares.clamp(min=SMALLEST).sqrt()
    return cosines.masked_fill(~visible.any(dim=-1), MASKED)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """m judgements of a batch's queries. Shapes: places (m,), which query; answers, right, weights and noise ε (m,)."""

    places: Tensor
    answers: Tensor
    right: Tensor
    weights: Tensor
    noise: Tensor


def read_loss(
    similarities: Tensor, positions: Tensor, memories: Layout, left_out: Tensor, judged: Judged, read: ReadOfOneView
) -> Tensor:
    """−Σ log P_u of the answers judged right −Σ log(1−P_u) of those judged wrong, the weighted mean.

    P is the read's softmax at β over each query's best candidates. Shapes as in `read_cosines` → ().
    """
    answers, seen = candidates(similarities, memories, judged)
    cosines = read_cosines(similarities, positions, memories.of(answers), read.scale, left_out)
    logs = torch.log_softmax((read.beta * cosines).masked_fill(~seen, MASKED), dim=-1)
    chosen = logs[judged.places, torch.searchsorted(answers, judged.answers)]
    losses = torch.where(judged.right, right_loss(chosen, judged.noise), wrong_loss(chosen, judged.noise))
    return (judged.weights * losses).sum() / judged.weights.sum()


def candidates(similarities: Tensor, memories: Layout, judged: Judged, most: int = CANDIDATES) -> tuple[Tensor, Tensor]:
    """The answers that a batch reads: each query's best by their nearest position, and those judged.

    Shapes: similarities (n, P) → answers (c,), rising, and (n, c): which of them each query sees.
    """
    with torch.no_grad():
        count = len(memories.rows)
        seen = torch.ones(len(similarities), count, dtype=torch.bool)
        if count > most:
            nearest = similarities[:, memories.rows].masked_fill(~memories.present, MASKED).amax(dim=-1)
            seen = torch.zeros_like(seen).scatter_(1, nearest.topk(most, dim=1).indices, value=True)
            seen[judged.places, judged.answers] = True
        answers = seen.any(dim=0).nonzero().flatten()
        return answers, seen[:, answers]


def right_loss(logs: Tensor, noise: Tensor) -> Tensor:
    """−log P_u with P_u = (1−ε)P + ε(1−P): a judgement that calls an answer right, wrong itself with ε.

    Shapes: log P (n,), ε (n,) → (n,).
    """
    return -torch.logaddexp(logs + torch.log1p(-noise), _log_complement(logs) + noise.clamp(min=SMALLEST).log())


def wrong_loss(logs: Tensor, noise: Tensor) -> Tensor:
    """−log(1−P_u): a judgement that calls an answer wrong. Shapes: log P (n,), ε (n,) → (n,)."""
    return -torch.logaddexp(_log_complement(logs) + torch.log1p(-noise), logs + noise.clamp(min=SMALLEST).log())


def _log_complement(logs: Tensor) -> Tensor:
    return torch.log((-torch.expm1(logs)).clamp(min=SMALLEST))


def contrastive_loss(similarities: Tensor, same: Tensor, left_out: Tensor, temperature: float) -> Tensor:
    """Multi-positive InfoNCE: the mean of −log p over all other positions of a query's own answer.

    Shapes: similarities (n, P), same (n, P), True at positions of the query's answer, left_out (n, P) → (n,); zero
    where an answer has no other position. Source: Khosla et al., Supervised Contrastive Learning, 2020 (L_out).
    """
    logs = torch.log_softmax((similarities / temperature).masked_fill(left_out, MASKED), dim=-1)
    positive = same & ~left_out
    counts = positive.sum(dim=-1)
    return -(logs * positive).sum(dim=-1) / counts.clamp(min=1)


def centred(vectors: Tensor, mean: Tensor) -> Tensor:
    """Vectors with a memory's mean subtracted, unit length again. Shapes: (n, d), (d,) → (n, d)."""
    return nn.functional.normalize(vectors - mean, dim=-1)


def mask_of(rows: Sequence[int] | NDArray[np.int64], positions: int) -> Tensor:
    """True at each query's own position. A row of −1 has none. Shape: n rows → (n, P)."""
    own = torch.as_tensor(np.asarray(rows, np.int64))
    return own[:, None] == torch.arange(positions)
