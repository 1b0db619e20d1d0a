"""What was said: windows, audit, spelling, punctuation, sentences, the publisher's transcript."""
