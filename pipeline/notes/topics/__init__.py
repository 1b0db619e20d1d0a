"""What an episode is about: its noun phrases, and those that name its subject."""
