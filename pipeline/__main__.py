"""``python -m pipeline`` is the ``cleancast`` command."""

from pipeline.cli import main

main()
