"""The stages of a run over separate tracks: nobody has to be told apart, and each voice is heard on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from pipeline.errors import AudioError
from pipeline.ports import Decode, NameSpeakers, Progress, Transcriber, silent
from pipeline.recording import Decoded, Recording
from pipeline.result import AdSpan, Speaker, Warning
from pipeline.speakers import stage as speakers
from pipeline.timeline import Diarization, Span, Transcript, Waveform, Word
from pipeline.tracks.activity import find_turns, levels_of
from pipeline.tracks.sheet import Track, read_sheet
from pipeline.words.published import Compared
from pipeline.words.stage import Heard, hear
from pipeline.words.windows import PAD_S


def diarize(recording: Recording, decoded: Decoded, decoder: Decode, progress: Progress) -> Diarization:
    """Who speaks when: each on the own track. Raises AudioError when nobody does."""
    tracks = read_sheet(recording.path)
    levels = []
    for number, track in enumerate(tracks):
        wave = _read(track, decoder)
        levels.append(levels_of(wave.samples, wave.sample_rate))
        progress((number + 1) / len(tracks))
    found = find_turns(levels, [track.label for track in tracks], duration_s=decoded.duration)
    if not found.speech:
        raise AudioError(recording.path, f"no speech was found on its {len(tracks)} tracks; are they the right files?")
    return found


def transcribe(
    recording: Recording,
    diarization: Diarization,
    language: str | None,
    transcriber: Transcriber,
    decoder: Decode,
    progress: Progress,
) -> Heard:
    """The words of all voices in order of time, each with its speaker, and a warning for a track without speech.

    A voice is heard where it speaks, with silence in between, so that nobody's words are heard twice. The language is
    that of whoever speaks most. Raises AudioError when no words are recognised.
    """
    tracks = read_sheet(recording.path)
    speech = {
        track.label: tuple(Span(t.start, t.end) for t in diarization.turns if t.speaker == track.label)
        for track in tracks
    }
    total = sum(_length(spans) for spans in speech.values())
    words: list[Word] = []
    warnings = [_silent(track, diarization) for track in tracks if not speech[track.label]]
    first: Transcript | None = None
    done = 0.0
    for track in sorted(tracks, key=lambda track: -_length(speech[track.label])):
        spans = speech[track.label]
        if not spans:
            continue
        spoken = language or (first.language if first else None)
        own = partial(_within, progress, done / total, (done + _length(spans)) / total)
        heard = hear(_alone(_read(track, decoder), spans), spans, spoken, transcriber, own)
        words += (replace(word, speaker=track.label) for word in heard.transcript.words)
        warnings += heard.warnings
        first = first or heard.transcript
        done += _length(spans)
    if not words or first is None:
        raise AudioError(recording.path, "no words were recognised in it; is the language right (--language)?")
    words.sort(key=lambda word: (word.start, word.end))
    warnings.sort(key=lambda warning: (warning.start, warning.end))
    return Heard(replace(first, words=tuple(words)), tuple(warnings))


def name(
    recording: Recording,
    transcript: Transcript,
    diarization: Diarization,
    judged: tuple[AdSpan, ...],
    compared: Compared,
    speaker_names: tuple[tuple[str, str], ...],
    about: Mapping[str, str],
    namer: NameSpeakers,
) -> tuple[Speaker, ...]:
    """Who speaks: the name of the track, unless the user gives another one; without any, as the episode itself says."""
    of_tracks = ((track.label, track.name) for track in read_sheet(recording.path) if track.name)
    return speakers.name(transcript, diarization, judged, compared, (*of_tracks, *speaker_names), about, namer)


def _alone(wave: Waveform, spans: tuple[Span, ...]) -> Waveform:
    """The sound of a track where its voice speaks, and silence elsewhere."""
    kept = np.zeros_like(wave.samples)
    for span in spans:
        first = max(0, round((span.start - PAD_S) * wave.sample_rate))
        last = round((span.end + PAD_S) * wave.sample_rate)
        kept[first:last] = wave.samples[first:last]
    return Waveform(kept, wave.sample_rate)


def _read(track: Track, decoder: Decode) -> Waveform:
    return decoder(track.path, progress=silent, warn=lambda _text: None)


def _silent(track: Track, diarization: Diarization) -> Warning:
    end = max(turn.end for turn in diarization.turns)
    who = track.name or track.label
    return Warning(0.0, end, "silent track", f"nobody speaks on the track of {who}")


def _length(spans: tuple[Span, ...]) -> float:
    return sum(span.duration for span in spans)


def _within(progress: Progress, low: float, high: float, share: float) -> None:
    progress(low + (high - low) * share)
