"""What is mined from real dialogues: the pairs kept, merged and dropped, and why; some of them to be judged by eye.

`python -m benchmarks.mining [SEED]` imports TweetSumm's dialogues into an empty memory by the command line and prints
the counts, then twenty pairs drawn at random with that seed.
"""

import json
import random
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks import data, installation

DIALOGUES = "tweetsumm/dialogues.jsonl"
JUDGED, SHOWN = 20, 300
PAIRS = """
    SELECT question.text, answer.text, answer.personal FROM position AS question
    JOIN answer ON answer.id = question.answer_id
    WHERE question.kind = 'question' ORDER BY question.text, answer.text
"""


def main(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        installation.weaver(home, "db", "upgrade")
        document = json.loads(installation.weaver(home, "import", str(data.folder() / DIALOGUES), "--json"))
        with closing(sqlite3.connect(home / "weaver.db")) as connection:
            pairs = connection.execute(PAIRS).fetchall()
            answers = connection.execute("SELECT status, personal, count(*) FROM answer GROUP BY 1, 2").fetchall()
    [file] = document["files"]
    print("| what | count |\n|---|---|")
    for name in ("read", "mined", "helped", "dropped", "merged", "duplicates", "contradictions"):
        print(f"| {name} | {document[name]:,} |")
    for status, personal, count in answers:
        print(f"| answers, {status}{', for agents only' if personal else ''} | {count:,} |")
    for reason, count in file["not_mined"].items():
        print(f"| agent turns not mined: {reason} | {count:,} |")
    for number, (question, answer, personal) in enumerate(random.Random(seed).sample(pairs, JUDGED), 1):
        print(f"\n{number}. {' '.join(question.split())[:SHOWN]}\n   → {' '.join(answer.split())[:SHOWN]}")
        print("   (for agents only)" * bool(personal))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
