"""Where the ads are and what is done with them: clauses, segments, boundaries, evidence, verdict, cuts."""
