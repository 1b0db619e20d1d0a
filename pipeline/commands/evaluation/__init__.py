"""eval and score: recordings and transcripts against references."""
