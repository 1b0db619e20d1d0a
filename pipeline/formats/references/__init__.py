"""Transcripts written by people: what is markup, a clock or a label in them, and what was said."""
