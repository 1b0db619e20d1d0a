"""Whisper behind one port: one network, two engines."""
