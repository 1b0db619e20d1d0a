"""What of a recording is heard: which of its streams, and for a person at the desk, stretches of it."""
