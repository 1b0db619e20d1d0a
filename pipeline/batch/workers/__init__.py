"""Processes that work on episodes, here and on other machines, and whether one of them hangs."""
