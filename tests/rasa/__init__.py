"""A real Rasa that asks a real Weaver; `make rasa` runs these, in an environment of Rasa's own."""
