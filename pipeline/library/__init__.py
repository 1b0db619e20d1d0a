"""What episodes know of each other, and what a person decided about them."""
