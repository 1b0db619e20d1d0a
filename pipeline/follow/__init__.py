"""A year unattended: what to follow, when to look, what to keep, and what is said about it."""
