"""Who the voices are: people that are named, clues that a name is a voice's, and what these weigh."""
