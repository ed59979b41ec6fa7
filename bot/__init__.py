"""The conversation service: the only package that knows HTTP, the environment and the command line."""
