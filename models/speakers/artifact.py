"""The fitted naming model on disk: one JSON file of coefficients, readable and diffable."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.speakers.judge.reader import TrainedNameJudge
from pipeline.speakers.names.clues import RELATIONS
from pipeline.speakers.names.model import BinaryModel, NamingModel, NumericModel, VectorModel

ARTIFACT = Path(__file__).with_name("naming.json")
JUDGE = Path(__file__).with_name("names.npz")
OWN = ("weights", "constants", "marks")
"""The arrays of the judge of names that are not corrections."""
MODELS = ("written", "written_host", "manner", "pair", "decision", "whole", "host")
CHANCES = ("least_name", "least_whole", "least_role")


def write_model(model: NamingModel) -> str:
    """The model as JSON, coefficients by name, the same model always as the same bytes."""
    rows: dict[str, Any] = {"clues": {relation: _row(found) for relation, found in model.clues.items()}}
    rows["likeness"] = {"constant": model.likeness.constant, "weights": model.likeness.weights}
    rows |= {name: _row(getattr(model, name)) for name in MODELS}
    rows |= {name: getattr(model, name) for name in CHANCES}
    return json.dumps(rows, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def _row(model: BinaryModel | NumericModel) -> dict[str, Any]:
    return {"constant": model.constant, "coefficients": dict(model.coefficients)}


def read_model(text: str) -> NamingModel:
    """The model that `write_model` wrote, without a judge of names."""
    rows = json.loads(text)
    return NamingModel(
        likeness=VectorModel(rows["likeness"]["constant"], tuple(rows["likeness"]["weights"])),
        clues={relation: BinaryModel(**rows["clues"][relation]) for relation in RELATIONS},
        written=BinaryModel(**rows["written"]),
        written_host=BinaryModel(**rows["written_host"]),
        manner=NumericModel(**rows["manner"]),
        pair=NumericModel(**rows["pair"]),
        decision=NumericModel(**rows["decision"]),
        whole=NumericModel(**rows["whole"]),
        host=NumericModel(**rows["host"]),
        **{name: rows[name] for name in CHANCES},
    )


@cache
def load_model() -> NamingModel:
    """The model that comes with the program, without its judge of names."""
    return read_model(ARTIFACT.read_text(encoding="utf-8"))


def load_name_judge(path: Path = JUDGE) -> TrainedNameJudge:
    """A judge of names from its file."""
    with np.load(path, allow_pickle=False) as data:
        learnt = {name: data[name] for name in data.files if name not in OWN}
        weights, constants, marks = (data[name].astype(np.float32) for name in OWN)
    return TrainedNameJudge(weights, constants, marks, learnt)


def save_name_judge(judge: TrainedNameJudge, path: Path = JUDGE) -> None:
    """The linear model in single precision, the marks of voices in half, and the corrections as they are packed."""
    own = dict(zip(OWN, (judge.weights, judge.constants, judge.marks.astype(np.float16)), strict=True))
    np.savez_compressed(path, **own, **judge.learnt)  # type: ignore[arg-type]  # no array is called allow_pickle
