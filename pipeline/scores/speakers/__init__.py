"""Diarization and attribution errors: DER, JER, cpWER, WDER."""
