"""Dialogues with secrets planted in them: made by other lists and shapes than those that recognise."""
