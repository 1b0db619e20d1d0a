"""Weights that a test needs."""

from __future__ import annotations

import pytest

from models.weights.installed import locate
from pipeline.errors import WeightsError


def need(*names: str) -> None:
    """Skip the test, with the reason, where one of these is not on this machine."""
    for name in names:
        try:
            locate(name)
        except WeightsError as error:
            pytest.skip(str(error))
