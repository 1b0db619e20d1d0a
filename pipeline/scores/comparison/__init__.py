"""Several systems over the same recordings: which differences are real, and which words each of them gets right."""
