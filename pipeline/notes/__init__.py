"""What an episode is about: chapters, titles, entities, ranking, summary, an optional rewrite."""
