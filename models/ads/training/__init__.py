"""How the ad model is trained and judged; nothing here is needed to find ads."""
