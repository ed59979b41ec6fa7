"""The reviewer's queue: what is one problem, what it would gain to decide on it, what was decided."""
