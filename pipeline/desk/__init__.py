"""The desk and the server it is part of: listen, decide and correct in a browser; feeds and files for players."""
