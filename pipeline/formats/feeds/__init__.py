"""Feeds and lists of recordings: RSS, Atom, OPML, M3U."""
