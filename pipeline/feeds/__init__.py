"""Podcast feeds: addresses, downloads, subscriptions, items, publishing."""
