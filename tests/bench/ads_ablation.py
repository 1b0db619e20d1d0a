"""What each kind of evidence adds to the ads: ``python -m tests.bench.ads_ablation DATA [OUT]`` prints two tables.

DATA/episodes holds recordings with their text, as its README says: an ad read is a line that says so. They are heard
once, into OUT (out/ablation if not given), and then judged with all evidence and with each kind of it left out. The
second table puts every ad found in one recording into the others, quieter and encoded again, without words.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from audio.decode import decode
from audio.ffmpeg import ffmpeg_program
from pipeline.ads.cutting.cuts import plan_cuts
from pipeline.ads.cutting.placement import Quiet
from pipeline.ads.cutting.silence import find_pauses
from pipeline.ads.finding.sound import WINDOW_S, sound_reasons
from pipeline.ads.verdict import judge_ads
from pipeline.batch.single import run_one
from pipeline.library.fingerprint import fingerprint
from pipeline.library.repeats import Known, describe_spots, recognise_spots
from pipeline.result import AdSpan, Result
from pipeline.scores.words.alignment import align_words
from pipeline.settings import Settings
from pipeline.timeline import CutList, Span, Waveform, Word
from pipeline.wiring import ad_detector

READ = re.compile(
    r"brought to you by|sponsored by|our sponsor's website|\.com/podcast|thank you to our (?:sponsors|partners)",
    re.IGNORECASE,
)
AROUND = re.compile(r"right back after|^Welcome back to the show\.?$|^Back to the show", re.IGNORECASE)
BREAK = -1
LINE = re.compile(r"^([A-Z][\w .'-]*): (.+)$")
HEADERS = ("Host", "Guest", "Guests")
FOUND_SHARE = 0.5  # of a read's words that are cut
QUIETER, KBPS = 0.5, 48
EDGE_S = 0.02  # two frames
LONGEST_WORD_S = 1.0  # longer is a time that the recogniser lost, not a word
PLACE_SHARE, AROUND_S = 0.4, 30.0  # where in the other recording a spot is put in, and how much of that is heard


@dataclass(frozen=True)
class Case:
    """A recording that was heard: its result, its sound, where anybody speaks, and in which read each word is."""

    name: str
    result: Result
    wave: Waveform
    speech: tuple[Span, ...]
    read_of: tuple[int | None, ...]
    reads: int


def load(data: Path, out: Path) -> list[Case]:
    cases = []
    for path in sorted((data / "episodes").glob("*.mp3")):
        _, result = run_one(path, Settings(out=out, show=path.stem.split("_")[0], memory=False))
        read_of, reads = mark(path.with_suffix(".txt").read_text(encoding="utf-8"), result.transcript.words)
        speech = tuple(Span(turn.start, turn.end) for turn in result.turns)
        cases.append(Case(path.stem, result, decode(path), speech, read_of, reads))
    return cases


def told_in(text: str) -> Iterator[tuple[str, list[str]]]:
    """Who says what, line by line."""
    for line in text.splitlines():
        found = LINE.match(line)
        if found and found[1] not in HEADERS:
            yield found[1], found[2].replace("\u2014", " ").split()


def mark(text: str, words: Sequence[Word]) -> tuple[tuple[int | None, ...], int]:
    """Of each heard word the number of its read, ``BREAK`` in what leads into a break or out of one, None in the show.

    By alignment with the text; a word that was heard wrongly is what both its neighbours are.
    """
    told: list[str] = []
    labels: list[int | None] = []
    reads = 0
    for speaker, spoken in told_in(text):
        line = " ".join(spoken)
        label = BREAK if AROUND.search(line) else reads if speaker == "Ad" or READ.search(line) else None
        reads += label == reads
        told += spoken
        labels += [label] * len(spoken)
    aligned = align_words(told, [word.text for word in words])
    known: dict[int, int | None] = {}
    for pair in aligned.pairs:
        if pair.kind == "hit" and pair.reference is not None and pair.found is not None:
            known[aligned.found[pair.found].first] = labels[aligned.reference[pair.reference].first]
    before = _filled(known, range(len(words)))
    after = _filled(known, range(len(words) - 1, -1, -1))
    return tuple(before[n] if before[n] == after[n] else BREAK for n in range(len(words))), reads


def _filled(known: dict[int, int | None], order: Iterable[int]) -> dict[int, int | None]:
    last: int | None = None
    filled = {}
    for n in order:
        last = known.get(n, last)
        filled[n] = last
    return filled


def judge(case: Case, *, voices: bool, sound: bool) -> tuple[tuple[AdSpan, ...], CutList]:
    words, duration_s = case.result.transcript.words, case.wave.duration
    turns = case.result.turns if voices else ()
    wave = case.wave if sound else None
    found = ad_detector()()(words, description=case.result.episode.description, turns=turns, wave=wave)
    ads = judge_ads(found.ads, duration_s=duration_s)
    quiet = Quiet(find_pauses(case.wave), case.speech) if sound else None
    return ads, plan_cuts(ads, words, duration_s=duration_s, quiet=quiet)


def row(cases: Sequence[Case], *, voices: bool, sound: bool) -> str:
    found = total = kept = ad_words = 0
    lost: list[float] = []
    silent = edges = 0
    for case in cases:
        _, cuts = judge(case, voices=voices, sound=sound)
        words = list(zip(case.result.transcript.words, case.read_of, strict=True))
        total += case.reads
        for read in range(case.reads):
            inside = [cuts.removes(word.middle) for word, of in words if of == read]
            found += bool(inside) and sum(inside) >= FOUND_SHARE * len(inside)
            ad_words += len(inside)
            kept += len(inside) - sum(inside)
        show = [word for word, of in words if of is None]
        lost.append(sum(min(word.duration, LONGEST_WORD_S) for word in show if cuts.removes(word.middle)))
        pauses = find_pauses(case.wave).spans
        for time in (t for cut in cuts.removed for t in (cut.start, cut.end)):
            edges += 1
            silent += any(pause.start - EDGE_S <= time <= pause.end + EDGE_S for pause in pauses)
    mean, worst = sum(lost) / len(lost), max(lost)
    return f"{found} of {total} | {kept} of {ad_words} | {mean:.1f} | {worst:.1f} | {silent} of {edges}"


def heard_again(cases: Sequence[Case]) -> str:
    """Every ad put into every other recording, without words: how many are recognised, and what else is."""
    known = []
    for case in cases:
        ads, _ = judge(case, voices=True, sound=True)
        spots = describe_spots(ads, case.result.transcript.words, case.wave, recording=case.name)
        known += [Known(case.name, case.name, spot) for spot in spots]
    found = tried = wrong = 0
    edges: list[float] = []
    for case in cases:
        others = [one for one in known if one.place != case.name]
        wrong += len(recognise_spots((), fingerprint(case.wave), others))
        for one in others:
            home = next(other for other in cases if other.name == one.place)
            spot = home.wave.slice(one.spot).samples
            place = PLACE_SHARE * case.wave.duration
            start = min(AROUND_S, place)
            before = case.wave.slice(Span(place - start, place)).samples
            after = case.wave.slice(Span(place, place + AROUND_S)).samples
            put = np.concatenate([before, QUIETER * spot, after])
            seen = recognise_spots((), fingerprint(encoded(put, case.wave.sample_rate)), [one])
            tried += 1
            found += bool(seen)
            edges += [abs(seen[0].start - start), abs(seen[0].end - start - one.spot.duration)] if seen else []
    edge = f"{np.median(edges):.2f} s" if edges else "-"
    return f"| {found} of {tried} | {edge} | {wrong} |"


def sounding(cases: Sequence[Case]) -> str:
    """How many ads, and how many stretches of the show, sound like none of the rest of the show."""
    counts = []
    for case in cases:
        ads, _ = judge(case, voices=True, sound=False)
        with_reason = sum(bool(reasons) for reasons in sound_reasons(case.wave, ads))
        counts.append((with_reason, len(ads), *show_sounding(case.wave, ads)))
    whole = np.array(counts)
    without = [whole.sum(axis=0) - one for one in whole]
    ratios = [(a + 0.5) / (b + 1) / ((c + 0.5) / (d + 1)) for a, b, c, d in without]
    a, b, c, d = whole.sum(axis=0)
    return f"| {a} of {b} | {c} of {d} | {min(ratios):.1f} to {max(ratios):.1f} |"


def show_sounding(wave: Waveform, ads: Sequence[AdSpan]) -> tuple[int, int]:
    """Of stretches of the show that are compared with the rest of it as an ad would be: how many have a reason."""
    found = tried = 0
    for start in np.arange(0.0, wave.duration - WINDOW_S, WINDOW_S):
        window = Span(float(start), float(start) + WINDOW_S)
        if not any(window.overlap(ad) > 0 for ad in ads):
            tried += 1
            found += bool(sound_reasons(wave, [window, *ads])[0])
    return found, tried


def encoded(samples: np.ndarray, rate: int) -> Waveform:
    """The sound after another encoder."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "again.mp3"
        raw = ["-f", "f32le", "-ar", str(rate), "-ac", "1", "-i", "pipe:", "-b:a", f"{KBPS}k", str(file)]
        command = [ffmpeg_program(), "-nostdin", "-loglevel", "error", *raw]
        subprocess.run(command, input=samples.astype("<f4").tobytes(), check=True)
        return decode(file)


def main() -> None:
    cases = load(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("out/ablation"))
    print("| evidence | reads found | ad words left in | show lost, s an episode | worst | edges in silence |")
    print("|---|---|---|---|---|---|")
    rows = {
        "words, voices, sound": (True, True),
        "without voices": (False, True),
        "without sound": (True, False),
        "words alone": (False, False),
    }
    for name, (voices, sound) in rows.items():
        print(f"| {name} | {row(cases, voices=voices, sound=sound)} |")
    print("\n| ads that sound like none of the show | stretches of the show that do | ratio, each show left out |")
    print(f"|---|---|---|\n{sounding(cases)}")
    print("\n| heard again in another show, quieter, encoded anew | edges, median | recognised where it is not |")
    print(f"|---|---|---|\n{heard_again(cases)}")


if __name__ == "__main__":
    main()
