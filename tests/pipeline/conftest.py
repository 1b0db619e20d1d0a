"""A small episode whose truth is known: tones for voices, a spoken script, one ad, one stretch of silence."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest

RATE = 16_000
SCRIPT = (
    (0.0, 10.0, "A", "Welcome to the harbour show. I am Ada Holm and today we talk about tides and boats."),
    (10.0, 20.0, "B", "Thank you Ada. Tides are the slow breath of the sea and every boat must follow them."),
    (22.0, 32.0, "A", "This episode is brought to you by Plank. Visit plank dot com and use code HARBOUR today."),
    (34.0, 44.0, "B", "A boat that sails with the tide saves fuel. Captains have known this for a thousand years."),
    (44.0, 52.0, "A", "That is all for today. Thank you for listening and see you on the water."),
)
AD = (21.5, 32.5)


def script_words() -> list[list[object]]:
    words: list[list[object]] = []
    for start, end, _speaker, text in SCRIPT:
        spoken = text.split()
        step = (end - start) / len(spoken)
        words += [[round(start + i * step, 3), round(start + (i + 0.9) * step, 3), w] for i, w in enumerate(spoken)]
    return words


def write_tones(path: Path) -> None:
    samples = np.zeros(54 * RATE)
    time = np.arange(54 * RATE) / RATE
    for start, end, speaker, _text in SCRIPT:
        inside = slice(round(start * RATE), round(end * RATE))
        samples[inside] = 0.2 * np.sin(2 * np.pi * (180 if speaker == "A" else 290) * time[inside])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case folder: audio.wav, words.json, reference.rttm, ads.json."""
    folder = tmp_path_factory.mktemp("harbour")
    write_tones(folder / "audio.wav")
    (folder / "words.json").write_text(json.dumps({"words": script_words()}))
    lines = (f"SPEAKER harbour 1 {a:.3f} {b - a:.3f} <NA> <NA> {s} <NA> <NA>" for a, b, s, _ in SCRIPT)
    (folder / "reference.rttm").write_text("\n".join(lines) + "\n")
    (folder / "ads.json").write_text(json.dumps({"ads": [AD]}))
    return folder
