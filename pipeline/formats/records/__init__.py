"""Files that keep facts: the result, ads, cuts, chapters, turns, the seed."""
