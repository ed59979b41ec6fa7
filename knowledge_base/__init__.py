"""The SQL-backed Weaver memory: dialogues, answers, positions, feedback, model versions. Knows no HTTP, no torch."""
