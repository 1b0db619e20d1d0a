"""Names, chapters and notes against what is known."""
