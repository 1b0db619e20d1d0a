"""The transcript for readers: plain text, Markdown, HTML, Podcasting 2.0 JSON."""
