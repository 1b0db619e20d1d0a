"""One file per stage, in the order the data flows; pure functions, new data out."""
