"""People behind the counter: how they join, change what they may, leave, and what is written down of it."""
