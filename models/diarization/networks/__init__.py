"""The networks that diarization runs on, and their weights."""
