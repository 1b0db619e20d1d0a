"""Word error rates: alignment, normalisation, masking of ads."""
