"""From words to ads: segments, their boundaries, and the evidence for each."""
