"""The fitted numbers on disk: ``fitted.json`` and, for the judge of sentences, ``judge.npz``, beside this file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.notes.judge import TrainedJudge
from pipeline.notes.fitted import LinearModel, NotesModel
from pipeline.ports import SentenceJudge

FILE = Path(__file__).with_name("fitted.json")
JUDGE = Path(__file__).with_name("judge.npz")
WEIGHTS, INTERCEPT = "weights", "intercept"
"""The arrays of the judge's linear model in its file; the others are its corrections."""
DIGITS, DECIMALS = 6, 12
"""Digits, and places after the point, that are kept of each number: what lies beyond differs from run to run."""


@cache
def load_notes_model() -> NotesModel:
    """The model that ships with the program."""
    return parse_notes_model(FILE.read_text(encoding="utf-8"), judge=load_judge())


def save_notes_model(model: NotesModel) -> None:
    """Writes the model that ships with the program. Raises TypeError where its judge is not a trained one."""
    if not isinstance(model.judge, TrainedJudge):
        raise TypeError("the judge of sentences is not one that was trained")
    FILE.write_text(print_notes_model(model), encoding="utf-8")
    save_judge(model.judge, JUDGE)


def load_judge(path: Path = JUDGE) -> TrainedJudge:
    """A judge of sentences from its file."""
    with np.load(path, allow_pickle=False) as data:
        learnt = {name: data[name] for name in data.files if name not in (WEIGHTS, INTERCEPT)}
        return TrainedJudge(data[WEIGHTS].astype(float), float(data[INTERCEPT]), learnt)


def save_judge(judge: TrainedJudge, path: Path) -> None:
    """The judge's linear model in single precision, and the corrections as they are packed."""
    own = {WEIGHTS: judge.weights.astype(np.float32), INTERCEPT: np.array(judge.intercept)}
    np.savez_compressed(path, **own, **judge.learnt)  # type: ignore[arg-type]  # no array is called allow_pickle


def parse_notes_model(text: str, *, judge: SentenceJudge) -> NotesModel:
    """The model out of its JSON and its judge."""
    document = json.loads(text)
    factor, exponent = document["chapters"]
    return NotesModel(
        boundary=_linear(document["boundary"]),
        chapters=(factor, exponent),
        subject=document["subject"],
        sentence=_linear(document["sentence"]),
        judge=judge,
        common=document["common"],
    )


def print_notes_model(model: NotesModel) -> str:
    """JSON with each feature's mean, scale and coefficient; the judge is not in it."""
    document = {
        "boundary": _printed(model.boundary),
        "chapters": [_short(number) for number in model.chapters],
        "subject": {name: _short(weight) for name, weight in model.subject.items()},
        "sentence": _printed(model.sentence),
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
