"""Sound for a person at the desk: what a recording looks like, and stretches of it."""
