"""Chapters: where each begins, and what it is called."""
