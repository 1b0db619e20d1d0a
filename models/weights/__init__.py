"""The weights of every network: what they are, whether they are here, how they get here."""
