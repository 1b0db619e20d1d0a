"""The middle of cleancast: the words everything speaks, the stages, formats and scores, and the shell."""
