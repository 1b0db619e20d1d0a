"""One file per format: parse text into values, print values as text; no disk, no network."""
