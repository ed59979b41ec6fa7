"""The differentiable read against the read that serves, and the losses against their formulae."""

import numpy as np
import pytest
import torch

from tests.readings import one_view
from tests.weaver_core.test_leave_one_out import clustered
from weaver_core.memory import Memories
from weaver_core.training import losses

READ = losses.ReadOfOneView(scale=6.0, beta=20.0)


def uneven() -> Memories:
    """Memories of 1 to 4 positions, some of them trusted less."""
    vectors = clustered(spread=1.0).vectors[:30]
    offsets = np.array([0, 1, 5, 8, 12, 14, 18, 21, 25, 27, 30])
    trust = np.where(np.arange(30) % 3, 0.0, -1.5).astype(np.float32)
    return Memories(vectors, offsets, trust)


def without(memories: Memories, row: int) -> Memories:
    """The same memories, one position masked out."""
    trust = memories.trust.copy()
    trust[row] = -np.inf
    return Memories(memories.vectors, memories.offsets, trust)


def cosines(memories: Memories, queries: torch.Tensor, left_out: torch.Tensor) -> torch.Tensor:
    positions = torch.from_numpy(memories.vectors)
    layout = losses.layout(memories.owners, memories.trust)
    return losses.read_cosines(queries @ positions.T, positions, layout, READ.scale, left_out)


def judged(answers: list[int], *, right: bool = True, noise: float = 0.0) -> losses.Judged:
    count = len(answers)
    return losses.Judged(
        torch.arange(count),
        torch.tensor(answers),
        torch.full((count,), right),
        torch.ones(count),
        torch.full((count,), noise),
    )


def test_the_differentiable_read_is_the_read_that_serves() -> None:
    memories = uneven()
    queries = clustered(spread=1.0, seed=6).vectors[:7]
    found = cosines(memories, torch.from_numpy(queries), torch.zeros(7, 30, dtype=torch.bool))
    expected = np.stack([one_view(query, memories, READ.scale).scores for query in queries])
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_a_question_left_out_is_read_as_leave_one_out_reads_it() -> None:
    memories = clustered(spread=1.2)
    rows = np.array([0, 7, 33, 99])
    queries = torch.from_numpy(memories.vectors[rows])
    found = cosines(memories, queries, losses.mask_of(rows, len(memories.vectors)))
    expected = np.stack(
        [one_view(memories.vectors[row], without(memories, int(row)), READ.scale).scores for row in rows]
    )
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_a_memory_with_nothing_left_to_read_has_no_share_and_a_finite_gradient() -> None:
    memories = uneven()
    queries = torch.from_numpy(memories.vectors[:1].copy()).requires_grad_()
    found = cosines(memories, queries, losses.mask_of([0], 30))
    assert found[0, 0] == losses.MASKED
    torch.autograd.backward(torch.log_softmax(READ.beta * found, dim=-1)[0, 1])
    assert queries.grad is not None
    assert bool(torch.isfinite(queries.grad).all())


def test_the_read_loss_is_the_mean_of_minus_log_i() -> None:
    memories = uneven()
    queries = clustered(spread=1.0, seed=6).vectors[:3]
    positions = torch.from_numpy(memories.vectors)
    layout = losses.layout(memories.owners, memories.trust)
    similarities = torch.from_numpy(queries) @ positions.T
    nothing = torch.zeros(3, 30, dtype=torch.bool)
    found = losses.read_loss(similarities, positions, layout, nothing, judged([2, 4, 9]), READ)
    shares = [one_view(query, memories, READ.scale, READ.beta).probabilities for query in queries]
    expected = -np.mean([np.log(share[answer]) for share, answer in zip(shares, [2, 4, 9], strict=True)])
    assert found.item() == pytest.approx(expected, rel=1e-4)
    wrong = losses.read_loss(similarities, positions, layout, nothing, judged([2, 4, 9], right=False), READ)
    expected = -np.mean([np.log(1 - share[answer]) for share, answer in zip(shares, [2, 4, 9], strict=True)])
    assert wrong.item() == pytest.approx(expected, rel=1e-3)


def test_only_the_best_candidates_and_the_judged_answers_are_read() -> None:
    memories = clustered(spread=1.0)
    layout = losses.layout(memories.owners, memories.trust)
    similarities = torch.from_numpy(memories.vectors[:2] @ memories.vectors.T)
    answers, seen = losses.candidates(similarities, layout, judged([13, 13]), most=3)
    assert 13 in answers.tolist()
    assert bool(seen[:, answers.tolist().index(13)].all())
    assert set(seen.sum(dim=1).tolist()) <= {3, 4}
    nearest = np.argsort(-np.maximum.reduceat(similarities[0].numpy(), memories.offsets[:-1]))[:3]
    assert set(nearest.tolist()) <= set(answers.tolist())


def test_noise_keeps_the_loss_of_a_judgement_that_may_be_wrong_finite() -> None:
    logs = torch.tensor([-50.0, -0.1])
    noise = torch.tensor([0.1, 0.1])
    chance = torch.exp(logs).double()
    np.testing.assert_allclose(losses.right_loss(logs, noise), -torch.log(0.9 * chance + 0.1 * (1 - chance)), rtol=1e-4)
    np.testing.assert_allclose(losses.wrong_loss(logs, noise), -torch.log(0.9 * (1 - chance) + 0.1 * chance), rtol=1e-4)


def test_the_contrastive_loss_is_its_formula() -> None:
    memories = clustered(spread=1.0)
    similarities = torch.from_numpy(memories.vectors[:4] @ memories.vectors.T)
    owners = torch.from_numpy(memories.owners)
    found = losses.contrastive_loss(similarities, owners[:4, None] == owners, losses.mask_of([0, 1, 2, 3], 100), 0.1)
    for query in range(4):
        others = np.delete(similarities[query].numpy() / 0.1, query)
        same = np.delete(memories.owners == memories.owners[query], query)
        expected = -(others[same] - np.log(np.exp(others).sum())).mean()
        assert found[query].item() == pytest.approx(expected, rel=1e-4)
