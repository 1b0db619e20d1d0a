"""``cleancast models``: download, list and verify the weights of the networks."""

from __future__ import annotations

import sys

from pipeline import wiring
from pipeline.batch.progress import reporting
from pipeline.errors import WeightsError


def pull_weights(names: list[str]) -> None:
    """Download weights and print where each set is; by default every set that a run needs."""
    for name in names or wiring.NEEDED:
        with reporting(f"weights {name}", pull=1.0) as reporter, reporter.stage("pull") as progress:
            folder = wiring.pull_weights(name, progress)
        print(f"{name}: {folder}")


def weights_table() -> str:
    """A line for each set of weights: whether it is present, its size, licence and role."""
    rows = [
        f"{'here' if found.present else '-':5} {found.weights.name:18} {_megabytes(found.size):>7}  "
        f"{found.weights.licence:12} {found.weights.role}"
        for found in wiring.list_weights()
    ]
    return "\n".join(rows)


def verify_weights(names: list[str]) -> int:
    """Check the downloaded files against their hashes; 1 if one does not match."""
    status = 0
    for name in names or [found.weights.name for found in wiring.list_weights() if found.present]:
        try:
            wiring.verify_weights(name)
            print(f"{name}: ok")
        except WeightsError as error:
            print(f"cleancast: {error}", file=sys.stderr)
            status = 1
    return status


def _megabytes(size: int) -> str:
    """A size in megabytes; a question mark if only the hub knows it."""
    return f"{size / 1e6:.0f} MB" if size else "? MB"
