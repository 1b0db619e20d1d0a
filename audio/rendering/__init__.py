"""How the seed episode's synthetic sound is made; only ``python -m audio.rendering`` needs it."""
