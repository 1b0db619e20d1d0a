"""Who speaks: words to voices, introductions, names, profiles of voices."""
