"""One of the two readers: a lexicon and boosted trees over clauses."""
