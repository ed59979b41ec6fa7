"""Trains a low-rank delta of an encoder on the read of its own memory.

A batch's fresh vectors ask, and stand in the memory; the rest of it is as it was last encoded, at most an epoch ago.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from weaver_core.errors import TrainingFailedError
from weaver_core.training import batches, lora, losses, state
from weaver_core.training.evidence import Evidence
from weaver_core.training.progress import Progress, Report
from weaver_core.training.settings import READ, EncoderSettings, to_json
from weaver_core.training.text_encoder import TextEncoder

LONGEST_GRADIENT = 1.0


class EncoderTraining:
    """One training run of an encoder. The encoder that it is given is changed by it."""

    def __init__(self, encoder: TextEncoder, evidence: Evidence, settings: EncoderSettings, *, centred: bool) -> None:
        """Prepare a run; `centred` says that the encoder's vectors are compared without their mean."""
        self._encoder, self._evidence, self._settings, self._centred = encoder, evidence, settings, centred
        self._tokens = encoder.tokens(evidence.texts)
        self._vectors = encoder.frozen_vectors(self._tokens)
        self._wrapped = lora.attach(encoder.module.transformer, settings)
        self._trained: dict[str, nn.Parameter] = {
            name: part for name, part in encoder.module.named_parameters() if part.requires_grad
        }
        self._optimizer = torch.optim.AdamW(
            self._trained.values(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._memories = losses.layout(evidence.owners, evidence.trust)
        self._each_epoch = batches.steps(evidence, settings)
        self.total = self._each_epoch * settings.epochs

    def run(self, report: Report, saved: Path | None = None) -> dict[str, NDArray[np.float16]]:
        """Train to the end, from where `saved` says that this very run was, and give the delta.

        Raises TrainingFailedError when the loss is no finite number.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            step, order = self._restored(saved)
            self._encoder.module.train(self._settings.dropout)
            while step < self.total:
                if step % self._each_epoch == 0:
                    number = step // self._each_epoch
                    order = batches.epoch(self._evidence, self._vectors.numpy(), self._settings, number)
                loss = self._step(step, order[step % self._each_epoch])
                step += 1
                if saved is not None and step % self._settings.save_every == 0:
                    self._save(saved, step, order)
                report(Progress(step, self.total, loss))
            self._encoder.module.eval()
        return lora.tensors(self._wrapped)

    def _step(self, step: int, rows: NDArray[np.int64]) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * self._pace(step)
        texts: list[int] = rows.tolist()
        fresh = self._encoder.vectors([self._tokens[row] for row in texts])
        loss = self._loss(rows, fresh)
        if not math.isfinite(loss.item()):
            raise TrainingFailedError(f"The loss at step {step + 1} of the training is no finite number.")
        self._optimizer.zero_grad()
        if loss.requires_grad:
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self._trained.values(), LONGEST_GRADIENT)
            self._optimizer.step()
        self._vectors[torch.from_numpy(rows)] = fresh.detach()
        return loss.item()

    def _pace(self, step: int) -> float:
        """The share of the learning rate: rising at first, then falling to zero, both linearly."""
        warm_up = max(1.0, self._settings.warm_up * self.total)
        return min(1.0, (step + 1) / warm_up) * (1.0 - step / self.total)

    def _loss(self, rows: NDArray[np.int64], fresh: Tensor) -> Tensor:
        count = len(self._evidence.owners)
        positions = self._vectors.index_copy(0, torch.from_numpy(rows), fresh)[:count]
        if self._centred:
            mean = self._vectors[:count].mean(dim=0)
            positions, fresh = losses.centred(positions, mean), losses.centred(fresh, mean)
        similarities = fresh @ positions.T
        left_out = losses.mask_of(rows, count)
        judged = self._judged(rows)
        if not len(judged.places):
            return torch.zeros(())
        if self._settings.loss == READ:
            read = losses.ReadOfOneView(self._settings.scale, self._settings.beta)
            return losses.read_loss(similarities, positions, self._memories, left_out, judged, read)
        return self._contrastive(similarities, left_out, judged)

    def _contrastive(self, similarities: Tensor, left_out: Tensor, judged: losses.Judged) -> Tensor:
        # A wrong answer's positions are negatives already, so that only the right ones are named.
        places, answers = judged.places[judged.right], judged.answers[judged.right]
        if not len(places):
            return torch.zeros(())
        same = answers[:, None] == torch.from_numpy(self._evidence.owners)
        each = losses.contrastive_loss(similarities[places], same, left_out[places], self._settings.temperature)
        weights = judged.weights[judged.right]
        return (weights * each).sum() / weights.sum()

    def _judged(self, rows: NDArray[np.int64]) -> losses.Judged:
        """What the evidence says of a batch's texts."""
        evidence = self._evidence
        asking = np.flatnonzero([row < len(evidence.owners) and evidence.asks[row] for row in rows])
        place_of = {int(row): place for place, row in enumerate(rows)}
        wrong = np.array([pair for pair in evidence.wrong if int(pair[0]) in place_of], np.int64).reshape(-1, 2)
        texts = np.concatenate([rows[asking], wrong[:, 0]])
        return losses.Judged(
            places=torch.tensor([place_of[int(row)] for row in texts], dtype=torch.long),
            answers=torch.from_numpy(np.concatenate([evidence.owners[rows[asking]], wrong[:, 1]])),
            right=torch.arange(len(texts)) < len(asking),
            weights=torch.from_numpy(evidence.weights[texts]),
            noise=torch.from_numpy(evidence.noise[texts]),
        )

    def _save(self, saved: Path, step: int, order: list[NDArray[np.int64]]) -> None:
        kept = state.TrainingState(
            step=step,
            order=[rows.tolist() for rows in order],
            weights={name: part.detach() for name, part in self._trained.items()},
            optimizer=self._optimizer.state_dict(),
            vectors=self._vectors,
            random=torch.get_rng_state(),
        )
        state.save(saved, kept, self._fingerprint())

    def _restored(self, saved: Path | None) -> tuple[int, list[NDArray[np.int64]]]:
        kept = None if saved is None else state.restore(saved, self._fingerprint())
        if kept is None:
            return 0, []
        with torch.no_grad():
            for name, part in self._trained.items():
                part.copy_(kept.weights[name])
        self._optimizer.load_state_dict(kept.optimizer)
        self._vectors = kept.vectors
        torch.set_rng_state(kept.random)
        return kept.step, [np.array(rows, np.int64) for rows in kept.order]

    def _fingerprint(self) -> str:
        """What a saved state must agree with: the settings and the evidence."""
        digest = hashlib.sha256(json.dumps(to_json(self._settings), sort_keys=True).encode())
        evidence: Any = self._evidence
        digest.update("\0".join(evidence.texts).encode())
        for name in ("owners", "asks", "weights", "noise", "trust", "wrong"):
            digest.update(getattr(evidence, name).tobytes())
        return digest.hexdigest()
