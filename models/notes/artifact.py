"""The fitted numbers on disk: ``fitted.json``, beside this file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.notes.judge import TrainedJudge
from pipeline.notes.fitted import LinearModel, NotesModel

FILE = Path(__file__).with_name("fitted.json")
DIGITS, DECIMALS = 6, 12
"""Digits, and places after the point, that are kept of each number: what lies beyond differs from run to run."""


@cache
def load_notes_model() -> NotesModel:
    """The model that ships with the program."""
    return parse_notes_model(FILE.read_text(encoding="utf-8"))


def parse_notes_model(text: str) -> NotesModel:
    """The model out of its JSON."""
    document = json.loads(text)
    factor, exponent = document["chapters"]
    return NotesModel(
        boundary=_linear(document["boundary"]),
        chapters=(factor, exponent),
        subject=document["subject"],
        sentence=_linear(document["sentence"]),
        judge=TrainedJudge(np.array(document["judge"]["weights"]), document["judge"]["intercept"]),
        common=document["common"],
    )


def print_notes_model(model: NotesModel) -> str:
    """JSON with each feature's mean, scale and coefficient. Raises TypeError where the judge is not a trained one."""
    judge = model.judge
    if not isinstance(judge, TrainedJudge):
        raise TypeError("the judge of sentences is not one that was trained")
    document = {
        "boundary": _printed(model.boundary),
        "chapters": [_short(number) for number in model.chapters],
        "subject": {name: _short(weight) for name, weight in model.subject.items()},
        "sentence": _printed(model.sentence),
        "judge": {"intercept": _short(judge.intercept), "weights": [_short(weight) for weight in judge.weights]},
        "common": {noun: _short(share) for noun, share in sorted(model.common.items())},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _linear(document: dict[str, Any]) -> LinearModel:
    features = document["features"]
    return LinearModel(
        features=tuple(features),
        means=tuple(row[0] for row in features.values()),
        scales=tuple(row[1] for row in features.values()),
        coefficients=tuple(row[2] for row in features.values()),
        intercept=document["intercept"],
    )


def _printed(model: LinearModel) -> dict[str, Any]:
    rows = zip(model.features, model.means, model.scales, model.coefficients, strict=True)
    return {
        "intercept": _short(model.intercept),
        "features": {name: [_short(mean), _short(scale), _short(weight)] for name, mean, scale, weight in rows},
    }


def _short(number: float) -> float:
    return float(f"{round(float(number), DECIMALS) + 0.0:.{DIGITS}g}")  # no minus before a zero
