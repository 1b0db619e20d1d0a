"""Tokens from the encoder's output by openai-whisper's decoder, for batches of windows."""
