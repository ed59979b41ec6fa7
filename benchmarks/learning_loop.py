"""What votes teach: BANKING77 and CLINC150 from ten questions an answer, 9,000 turns through the product's use case.

`python -m benchmarks.learning_loop [banking77|clinc150 …] [--noise .1 .3] [--modes …] [--seed 0] [--attack]` makes an
installation for each mode in var/benchmarks/learning, lets a new visitor ask each other train question and vote on the
answer, a share of the votes being wrong, over thirty simulated days, lets a reviewer correct a fifth of the
thumbs-down, and measures accuracy@1 on the test questions every thousand turns. The curves are drawn to
docs/learning-….svg. Every turn is answered (`WEAVER_WRONG_PER_HUNDRED=100`). Interrupted, it goes on at the last
thousand. `--attack` flips 60 % of the votes of the turns 4,000 to 6,000, with and without each part of the product that
stands against that, from where the simulation without an attack was. `--http` takes 500 turns over HTTP.

Modes: `none` learns nothing; `scores` adds votes to a score of each answer; `at once` is the product without updates;
`read` has an update after every thousand turns too, which judges votes again and fits how the memory is read; `both` is
the product: every third of these updates trains the encoders; `updates` is the same, but that judgements are handed in
only before the updates.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio

from benchmarks import data, vectors
from benchmarks.data import ROOT
from benchmarks.in_process import ENCODERS, KeptEncoder, encoders
from benchmarks.learning import curves
from benchmarks.learning.ablations import WITHOUT
from benchmarks.learning.over_http import compared
from benchmarks.learning.simulation import EVERY, FORKED_AFTER, Given, Mode, Simulated, State, simulate
from benchmarks.learning.updates import Updates
from benchmarks.learning.world import TURNS, Voters, World, world
from weaver_core.encoders.encoder import Encoder

FOLDER = vectors.CACHE / "learning"
WORLDS = ("banking77", "clinc150")
MODES = ("none", "scores", "at once", "read", "updates", "both")
# Each training takes some minutes of a core, ten at the end.
TRAINED_AFTER = frozenset(range(3 * EVERY, TURNS + 1, 3 * EVERY))
ATTACKED = range(FORKED_AFTER, FORKED_AFTER + 2 * EVERY)
ATTACKED_MODE = "read"
NAMES = {"banking77": "BANKING77", "clinc150": "CLINC150"}


def modes_of(within: Sequence[Encoder]) -> dict[str, Mode]:
    """All modes by their names."""
    fitted = Updates(within, ENCODERS).run
    trained = Updates(within, ENCODERS, TRAINED_AFTER).run
    found = (
        Mode("none", Given.NOWHERE),
        Mode("scores", Given.COUNTED),
        Mode("at once", Given.AT_ONCE),
        Mode("read", Given.AT_ONCE, fitted),
        Mode("updates", Given.TOGETHER, trained),
        Mode("both", Given.AT_ONCE, trained),
    )
    return {mode.name: mode for mode in found}


def attacked(mode: Mode) -> list[Mode]:
    """A mode as it is, and without each part that stands against wrong votes."""
    return [mode, *(replace(mode, name=f"{mode.name}, without {part}", without=part) for part in WITHOUT)]


def measured(chosen: World, voters: Voters, modes: list[Mode], within: list[KeptEncoder]) -> dict[str, State]:
    """Every mode's simulation, finished."""
    found: dict[str, State] = {}
    for mode in modes:
        run = Simulated(chosen, mode, voters, within)
        before = folder_of(replace(run, mode=replace(mode, name=ATTACKED_MODE), voters=Voters(voters.wrong)))
        simulation = partial(simulate, run, folder_of(run), say, before if voters.attacked else None)
        found[mode.name] = anyio.run(simulation)
    return found


def folder_of(run: Simulated) -> Path:
    """Where a simulation is kept."""
    votes = f"{run.voters.wrong:g}{'-attacked' if run.voters.attacked else ''}"
    mode = run.mode.name.replace(",", "").replace(" ", "-")
    return FOLDER / f"{run.world.name}-{run.world.seed}-{votes}-{mode}"


def say(line: str) -> None:
    """Progress, as a comment in the table's text."""
    print(f"<!-- {line} -->", flush=True)


def tell(chosen: World, noise: float, found: dict[str, State]) -> None:
    """Print the table of one world at one noise."""
    most = max(len(state.accuracies) for state in found.values())
    turns = [f"{EVERY * place:,}" for place in range(most)]
    print(f"| {NAMES[chosen.name]}, {noise:.0%} of votes wrong | {' | '.join(turns)} | online |")
    print("|---|" + "---|" * (most + 1))
    for name, state in found.items():
        figures = [f"{value:.4f}" for value in state.accuracies]
        print(f"| {name} | {' | '.join(figures)} | {state.right / state.turns:.4f} |", flush=True)


def main() -> None:
    """Simulate, print the tables, draw the curves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("worlds", nargs="*", default=list(WORLDS), metavar="DATASET", help=", ".join(WORLDS))
    parser.add_argument("--noise", nargs="*", type=float, default=[0.1, 0.3])
    parser.add_argument("--modes", nargs="*", default=list(MODES), choices=MODES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--attack", action="store_true", help="flip 60 %% of the votes of two thousand turns")
    parser.add_argument("--http", action="store_true", help="500 turns over HTTP, beside the same in process")
    asked = parser.parse_args()
    within = encoders()
    modes = modes_of(within)
    for name in asked.worlds:
        chosen = world(name, asked.seed)
        for encoder in within:
            for part in ("train", "test"):
                encoder.learn([row["text"] for row in data.rows(f"{name}/{part}.jsonl")])
        if asked.http:
            print(compared(chosen, within), flush=True)
            continue
        drawn: dict[str, list[float]] = {}
        for noise in asked.noise:
            voters = Voters(noise, ATTACKED if asked.attack else range(0))
            simulated = attacked(modes[ATTACKED_MODE]) if asked.attack else [modes[mode] for mode in asked.modes]
            found = measured(chosen, voters, simulated, within)
            tell(chosen, noise, found)
            drawn |= {f"{mode}, {noise:.0%} wrong": state.accuracies for mode, state in found.items()}
        title = f"{NAMES[name]}, ten questions an answer at first: test accuracy@1"
        kind = "attack" if asked.attack else "learning"
        (ROOT / "docs" / f"{kind}-{name}.svg").write_text(curves.draw(drawn, EVERY, title), encoding="utf-8")


if __name__ == "__main__":
    main()
