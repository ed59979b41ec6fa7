"""Which mean to take off vectors where questions look for answers' own words: the texts' together, or each kind's own.

`python -m benchmarks.centres` prints accuracy@1 of the nearest text in the multilingual view. The questions' mean comes
from every second question; the others are asked. Of baoxianzhidao this is the development half.
"""

import numpy as np

from benchmarks import tasks, vectors
from benchmarks.reading import centred

WAYS = ("as they are", "the answers' mean off both", "the questions' mean off both", "each kind's own mean")


def main() -> None:
    """Print the table."""
    shelf = vectors.shelf(vectors.multilingual())
    print("| accuracy@1, % | asked |", " | ".join(WAYS), "|")
    print("|---|---|" + "---|" * len(WAYS))
    for task in (*tasks.covid_faq(), *tasks.baoxianzhidao(tasks.DEVELOPMENT)):
        encode = shelf(task.corpus)
        stored, others, asked = encode(task.bank.texts), encode(task.questions[::2]), encode(task.questions[1::2])
        answers, questions = stored.mean(axis=0), others.mean(axis=0)
        nothing = np.zeros_like(answers)
        found = []
        for off_stored, off_asked in (
            (nothing, nothing),
            (answers, answers),
            (questions, questions),
            (answers, questions),
        ):
            nearest = (centred(asked, off_asked) @ centred(stored, off_stored).T).argmax(axis=1)
            found.append(100 * float((task.bank.owners[nearest] == task.targets[1::2]).mean()))
        print(f"| {task.name} | {len(asked)} |", " | ".join(f"{figure:.1f}" for figure in found), "|", flush=True)


if __name__ == "__main__":
    main()
