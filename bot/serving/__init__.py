"""The active model in a process: how a turn is encoded, its candidates found and read, and the model swapped."""
