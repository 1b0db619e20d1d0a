"""The trained ad model: features, network, training, validation."""
