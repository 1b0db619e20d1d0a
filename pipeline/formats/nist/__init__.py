"""The plain files of NIST's evaluations: segments (STM), words (CTM), scored regions (UEM)."""
