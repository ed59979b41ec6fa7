"""Updates of the model: what judgements teach it, measured before it answers, taken back when it disappoints."""
