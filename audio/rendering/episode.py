"""From the seed's paragraphs to one performance: who speaks when, over what, and the truth about it.

Rates and pauses vary around each voice's own, drawn from the recipe's seed. A paragraph that ends in the middle of a
sentence flows into the next one of its speaker. The truth is taken from the dry voices, before room, line and music.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from audio.rendering import sound
from audio.rendering.kokoro import MOST_PHONEMES, SAMPLE_RATE, Kokoro
from audio.rendering.spoken import Chunk, place_words, spoken_chunks, to_phonemes
from pipeline.formats.records.seed import AdMark, SeedTranscript, in_ads
from pipeline.timeline import Span, Turn, Word

BEST_PHONEMES = 260  # longer breaths make the voices hurry
TURN_GAP_S = 0.3  # pauses from here on end a turn; NIST's Rich Transcription evaluations used the same
RATE_SPREAD = 0.05
LEAD_S, TAIL_S = 0.8, 1.5
EDGE_S = 0.5  # between show and break: from the last word to the sting, and from the spot's end to the show


@dataclass(frozen=True, slots=True)
class Voice:
    """How one speaker sounds; see the recipe."""

    voice: str
    language: str
    rate: float
    level_db: float
    wet_db: float | None = None
    decay_s: float = 0.05
    low_hz: float | None = None
    high_hz: float = 11_000.0
    drive: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """Paragraphs ``first`` to ``last`` (both included) said in one go, at ``rates``: one for each possible breath."""

    first: int
    last: int
    speaker: str
    text: str
    voice: Voice
    rate: float
    pauses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance's dry voice; ``words`` in seconds from its own start."""

    utterance: Utterance
    samples: np.ndarray
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Performance:
    """The whole episode: samples float32, shape (n,), 24 kHz, and what is true about them."""

    samples: np.ndarray
    turns: tuple[Turn, ...]
    words: tuple[Word, ...]
    ads: tuple[Span, ...]


def utterances_of(seed: SeedTranscript, voices: dict[str, Voice], random: np.random.Generator) -> tuple[Utterance, ...]:
    """The paragraphs as breaths of speech; draws the same numbers whatever the text of the others."""
    groups: list[list[int]] = []
    for index, paragraph in enumerate(seed.paragraphs):
        before = seed.paragraphs[index - 1]
        flows = index > 0 and before.speaker == paragraph.speaker and not re.search(r"[.?!:][\"']?$", before.text)
        if flows:
            groups[-1].append(index)
        else:
            groups.append([index])
    made = []
    for group in groups:
        speaker = seed.paragraphs[group[0]].speaker or ""
        text = " ".join(seed.paragraphs[index].text for index in group)
        rate = voices[speaker].rate * float(1 + np.clip(random.normal(0, RATE_SPREAD), -0.1, 0.1))
        pauses = tuple(float(p) for p in random.gamma(6.0, 0.06, size=20))
        made.append(Utterance(group[0], group[-1], speaker, text, voices[speaker], round(rate, 3), pauses))
    return tuple(made)


def speak(utterance: Utterance, kokoro: Kokoro, respellings: dict[str, str]) -> Spoken:
    """The utterance's dry voice with the time of every word."""

    def phonemize(text: str) -> str:
        return kokoro.phonemize(text, language=utterance.voice.language)

    parts: list[np.ndarray] = []
    words: list[Word] = []
    offset = 0.0
    for number, chunks in enumerate(breaths(spoken_chunks(utterance.text, respellings), phonemize)):
        phonemes = to_phonemes(" ".join(chunk.spoken for chunk in chunks), phonemize)
        samples, times = kokoro.say(phonemes, voice=utterance.voice.voice, rate=utterance.rate)
        stretches = sound.voiced_stretches(samples, gap_s=60.0) or ((0.0, len(samples) / SAMPLE_RATE),)
        start, end = stretches[0]
        if number:
            pause = sound.silence(utterance.pauses[number % len(utterance.pauses)])
            parts.append(pause)
            offset += len(pause) / SAMPLE_RATE
        body = sound.fade(samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)], in_s=0.005, out_s=0.01)
        for begun, ended, text in place_words(chunks, phonemes, times, phonemize):
            begun, ended = (offset + min(max(t - start, 0.0), end - start) for t in (begun, ended))
            words.append(Word(begun, ended, text, speaker=utterance.speaker))
        parts.append(body)
        offset += len(body) / SAMPLE_RATE
    return Spoken(utterance, np.concatenate(parts), tuple(words))


def breaths(chunks: Sequence[Chunk], phonemize: Any) -> tuple[tuple[Chunk, ...], ...]:
    """The chunks cut after sentences, and after commas where a sentence is too long for the network."""
    sizes = [len(to_phonemes(chunk.spoken, phonemize)) + 1 for chunk in chunks]
    sentences = _cut(chunks, sizes, r"[.?!][\"']?$")
    groups: list[tuple[list[Chunk], int]] = []
    for sentence, size in sentences:
        if size > MOST_PHONEMES - 40:
            groups += _joined(_cut(sentence, [len(to_phonemes(c.spoken, phonemize)) + 1 for c in sentence], r"[,;:]$"))
        else:
            groups.append((list(sentence), size))
    return tuple(tuple(group) for group, _ in _joined(groups))


def _cut(chunks: Sequence[Chunk], sizes: Sequence[int], ending: str) -> list[tuple[list[Chunk], int]]:
    groups: list[tuple[list[Chunk], int]] = [([], 0)]
    for chunk, size in zip(chunks, sizes, strict=True):
        held, total = groups[-1]
        groups[-1] = ([*held, chunk], total + size)
        if re.search(ending, chunk.written[-1]):
            groups.append(([], 0))
    return [group for group in groups if group[0]]


def _joined(groups: Sequence[tuple[list[Chunk], int]]) -> list[tuple[list[Chunk], int]]:
    joined: list[tuple[list[Chunk], int]] = []
    for chunks, size in groups:
        if joined and joined[-1][1] + size <= BEST_PHONEMES:
            joined[-1] = (joined[-1][0] + list(chunks), joined[-1][1] + size)
        else:
            joined.append((list(chunks), size))
    return joined


def perform(
    spoken: Sequence[Spoken],
    seed: SeedTranscript,
    marks: Sequence[AdMark],
    recipe: dict[str, Any],
    random: np.random.Generator,
) -> Performance:
    """All utterances placed in time, in their rooms, with music; and the truth."""
    starts, stings, ads, total = _lay_out(spoken, seed, marks, recipe["episode"]["sting_s"], random)
    mix = sound.silence(total)
    turns: list[Turn] = []
    words: list[Word] = []
    for part, start in zip(spoken, starts, strict=True):
        sound.add(mix, _in_character(part, random), start)
        for begun, ended in sound.voiced_stretches(part.samples, gap_s=TURN_GAP_S):
            turns.append(Turn(start + begun, start + ended, part.utterance.speaker))
        words += [word.shifted(start) for word in part.words]
    for number, at in enumerate(stings):
        chords = recipe["episode"]["sting_chords"]
        sound.add(mix, sound.sting(recipe["episode"]["sting_s"], tuple(chords[number % len(chords)])), at)
    for bed in recipe.get("beds", ()):
        _underlay(mix, bed, spoken, starts)
    mix += sound.room_tone(len(mix) / SAMPLE_RATE, random, recipe["episode"]["room_tone_db"])[: len(mix)]
    limited = np.tanh(mix / 0.89) * 0.89  # -1 dB, bent rather than clipped
    return Performance(limited.astype(np.float32), tuple(turns), tuple(words), ads)


def _lay_out(
    spoken: Sequence[Spoken],
    seed: SeedTranscript,
    marks: Sequence[AdMark],
    sting_s: float,
    random: np.random.Generator,
) -> tuple[list[float], list[float], tuple[Span, ...], float]:
    """Start of each utterance, start of each sting, the breaks, the length of all.

    A break lasts from the first sample of its sting to the last of its last spot's voice.
    """
    starts: list[float] = []
    stings: list[float] = []
    ads: list[Span] = []
    now, opened = LEAD_S, 0.0
    for number, part in enumerate(spoken):
        first = part.utterance.first
        inside = in_ads(marks, first)
        was_inside = number > 0 and in_ads(marks, spoken[number - 1].utterance.first)
        if number:
            same = spoken[number - 1].utterance.speaker == part.utterance.speaker
            now += float(random.gamma(5.0, 0.07)) + (0.1 if same else 0.05)
        if inside and not was_inside:
            opened = now + EDGE_S
            stings.append(opened)
            now = opened + sting_s
        elif inside and seed.paragraphs[first].speaker != seed.paragraphs[first - 1].speaker:
            now += EDGE_S
        elif was_inside and not inside:
            ads.append(Span(opened, starts[-1] + len(spoken[number - 1].samples) / SAMPLE_RATE))
            now += EDGE_S
        starts.append(now)
        now += len(part.samples) / SAMPLE_RATE
    if spoken and in_ads(marks, spoken[-1].utterance.last):
        ads.append(Span(opened, now))
    return starts, stings, tuple(ads), now + TAIL_S


def _in_character(part: Spoken, random: np.random.Generator) -> np.ndarray:
    voice = part.utterance.voice
    samples = part.samples
    if voice.wet_db is not None:
        padded = np.concatenate([samples, sound.silence(3 * voice.decay_s)])  # the echo outlasts the voice
        samples = sound.in_room(padded, random, wet_db=voice.wet_db, decay_s=voice.decay_s)
    if voice.drive is not None:
        samples = sound.pressed(samples, voice.drive)
    if voice.low_hz is not None:
        samples = sound.band(samples, voice.low_hz, voice.high_hz)
    wobble_db = float(np.clip(random.normal(0, 0.7), -1.5, 1.5))  # nobody keeps one distance from the microphone
    return sound.to_level(samples, voice.level_db + wobble_db)


def _underlay(mix: np.ndarray, bed: dict[str, Any], spoken: Sequence[Spoken], starts: Sequence[float]) -> None:
    chosen = [i for i, part in enumerate(spoken) if bed["first"] <= part.utterance.first <= bed["last"]]
    start = starts[chosen[0]] - 0.3
    end = starts[chosen[-1]] + len(spoken[chosen[-1]].samples) / SAMPLE_RATE
    music = sound.bed(end - start, tuple(tuple(chord) for chord in bed["chords"]), beat_s=bed["beat_s"])
    sound.add(mix, sound.fade(sound.to_level(music, bed["level_db"]), in_s=0.3, out_s=0.8), start)
