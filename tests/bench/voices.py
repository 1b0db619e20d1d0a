"""Who speaks when on recordings with references, beside the stock pipeline: ``python -m tests.bench.voices DATA...``

Every sound file under DATA whose turns some ``*.rttm`` of its folder holds (``episode.mp3`` with ``episode.rttm``, or
one file for many recordings) is diarized; a ``*.uem`` of the folder says which part counts. ``--stock`` also runs
pyannote.audio's own pipeline on the same networks, which takes a third of the recordings' length and more.
DER: collar 0, overlap scored.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from audio.decode import decode
from pipeline.errors import FormatError
from pipeline.formats.records.rttm import parse_rttm
from pipeline.scores.speakers.turns import TurnErrors, count_voices, score_turns
from pipeline.timeline import Span, Turn, Waveform
from tests.bench.diarizing import OURS, STOCK, TOOLS, Diarize

COLUMNS = "DER | miss | false alarm | confusion | voices"
SOUNDS = (".wav", ".mp3", ".m4a", ".flac", ".ogg")


@dataclass(frozen=True)
class Reference:
    """A recording and its true turns; ``scored``: the regions that count, None for all."""

    sound: Path
    turns: tuple[Turn, ...]
    scored: tuple[Span, ...] | None


@dataclass(frozen=True)
class Found:
    """What one tool made of one recording."""

    errors: TurnErrors
    voices: int


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folders", type=Path, nargs="+")
    options.add_argument("--stock", action="store_true", help="beside pyannote.audio's own pipeline")
    options.add_argument("--only", default="", help="recordings whose name contains this")
    chosen = options.parse_args()
    tools = [OURS, STOCK] if chosen.stock else [OURS]
    totals: dict[tuple[str, str], list[tuple[TurnErrors, bool]]] = {}
    print(f"| recording | voices |{'|'.join(f' {tool}: {COLUMNS} ' for tool in tools)}|")
    print(f"|---|---|{'---|' * 5 * len(tools)}")
    for reference in find_references(chosen.folders):
        if chosen.only not in reference.sound.stem:
            continue
        found = {tool: diarize(TOOLS[tool], reference) for tool in tools}
        for tool, each in found.items():
            right = each.voices == count_voices(reference.turns)
            totals.setdefault((reference.sound.parent.name, tool), []).append((each.errors, right))
        cells = "|".join(row(each.errors, each.voices) for each in found.values())
        print(f"| {reference.sound.stem} | {count_voices(reference.turns)} |{cells}|", flush=True)
    for folder in dict.fromkeys(folder for folder, _ in totals):
        cells = "|".join(pooled(totals[folder, tool]) for tool in tools)
        print(f"| **{folder}** | |{cells}|")


def diarize(tool: Callable[[Waveform], Diarize], reference: Reference) -> Found:
    wave = decode(reference.sound)
    turns = tuple(tool(wave)())
    scored = reference.scored or (Span(0.0, wave.duration),)
    return Found(score_turns(reference.turns, turns, scored=scored), count_voices(turns))


def row(errors: TurnErrors, voices: object) -> str:
    figures = errors.figure()
    shares = (figures.get(name, 0.0) for name in ("rate", "miss", "false_alarm", "confusion"))
    return f"{'|'.join(f' {100 * share:.1f} ' for share in shares)}| {voices} "


def pooled(found: list[tuple[TurnErrors, bool]]) -> str:
    whole = sum((errors for errors, _ in found), TurnErrors())
    return row(whole, f"{sum(right for _, right in found)} of {len(found)} right")


def find_references(folders: Iterable[Path]) -> Iterator[Reference]:
    """The recordings under ``folders`` that have turns, in order of name."""
    for folder in folders:
        for sound in sorted(path for path in folder.rglob("*") if path.suffix in SOUNDS):
            turns = _turns_of(sound)
            if turns:
                yield Reference(sound, turns, _scored_of(sound))


def _turns_of(sound: Path) -> tuple[Turn, ...]:
    own = sound.with_suffix(".rttm")
    if own.exists():
        return parse_rttm(own.read_text(encoding="utf-8"))
    for shared in sorted(sound.parent.glob("*.rttm")):
        try:
            turns = parse_rttm(shared.read_text(encoding="utf-8"), file_id=sound.stem)
        except FormatError:
            continue
        if turns:
            return turns
    return ()


def _scored_of(sound: Path) -> tuple[Span, ...] | None:
    lines = (line.split() for file in sorted(sound.parent.glob("*.uem")) for line in file.read_text().splitlines())
    return tuple(Span(float(f[2]), float(f[3])) for f in lines if len(f) == 4 and f[0] == sound.stem) or None


if __name__ == "__main__":
    main()
