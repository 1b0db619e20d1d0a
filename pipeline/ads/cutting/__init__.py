"""From ads to cuts: silences, and where in them a cut is placed."""
