"""Timed text: WebVTT, SubRip, words with times, and the cues they share."""
