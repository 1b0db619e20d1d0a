"""Whether quiet speech is kept: ``python -m tests.bench.quiet DATA`` on a folder of clips with a ``manifest.json``.

Each clip is made quieter and set between silences, goes through speech detection and recognition as in a run, and its
words are scored against the clip's text: ``[{"audio": "a.wav", "text": "..."}]``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from audio.decode import decode
from models.diarization.diarizer import PyannoteDiarizer
from models.whisper.ctranslate2_engine import FasterWhisperTranscriber
from pipeline.scores.words.alignment import align_words
from pipeline.scores.words.word_errors import WordErrors
from pipeline.timeline import Waveform
from pipeline.words.audit import audit_words, cover_speech

GAINS_DB = (0, -20, -30, -40)
PADS_S = (0.0, 5.0)
NOISE_DB = -75  # of full scale, in the silences: no recording is digitally silent


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    folder: Path = options.parse_args().folder
    clips = [
        (clip["text"], decode(folder / clip["audio"])) for clip in json.loads((folder / "manifest.json").read_text())
    ]
    diarizer, transcriber = PyannoteDiarizer(), FasterWhisperTranscriber("base", "cpu")
    print("| gain, dB | silence beside, s | WER | words lost | speech with words |\n|---|---|---|---|---|")
    for pad_s in PADS_S:
        for gain_db in GAINS_DB:
            total, covered = WordErrors(), []
            for text, wave in clips:
                changed = quieter(wave, gain_db=gain_db, pad_s=pad_s)
                speech = diarizer.diarize(changed).speech
                hear = lambda spans, wave=changed: transcriber.transcribe(wave, spans, language="en")  # noqa: E731
                heard, _ = audit_words(hear(speech), speech, transcribe=hear)
                total += align_words(text.split(), heard.text.split()).errors
                covered.append(cover_speech(heard.words, speech).share or 0.0)
            share = f"{100 * np.mean(covered):.1f} %"
            print(f"| {gain_db} | {pad_s:.0f} | {100 * total.rate:.2f} % | {total.deletions} | {share} |", flush=True)


def quieter(wave: Waveform, *, gain_db: float, pad_s: float) -> Waveform:
    """The clip at another level between stretches of faint noise; the noise is the same every time."""
    silence = np.random.default_rng(0).normal(size=(2, round(pad_s * wave.sample_rate))) * 10 ** (NOISE_DB / 20)
    parts = [silence[0], wave.samples * 10 ** (gain_db / 20), silence[1]]
    return Waveform(np.concatenate(parts).astype(np.float32), wave.sample_rate)


if __name__ == "__main__":
    main()
