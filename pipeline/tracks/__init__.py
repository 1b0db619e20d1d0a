"""Separate recordings of one conversation, one a speaker: who speaks when, and what each of them says."""
