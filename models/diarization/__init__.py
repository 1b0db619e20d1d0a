"""Who speaks when: pyannote.audio's networks with a shared trunk."""
