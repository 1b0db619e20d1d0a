"""What each command does, once its words are understood; the rest of them are in the subject they belong to."""
