"""What a person changed in an episode: edits as data, and the pure function that applies them to a result."""
