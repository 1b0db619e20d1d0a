"""Finished episodes that are made once more: files that differ from what was made, parts that were not to be had."""
