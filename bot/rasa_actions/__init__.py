"""Custom actions for Rasa that ask Weaver over HTTP; `python -m rasa_sdk --actions bot.rasa_actions` serves them."""
