"""Edge 1: neural networks behind the ports of the middle, and where their weights come from."""
