"""The stages in which a run finds out who speaks when, who says which word, and who the voices are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.errors import AudioError
from pipeline.formats.captions.cues import Cue, words_of_cues
from pipeline.ports import Diarizer, NameSpeakers, Progress
from pipeline.recording import Recording, Sound
from pipeline.result import OWN_KINDS, AdSpan, Speaker
from pipeline.speakers.attribution import assign_speakers
from pipeline.timeline import Diarization, Transcript, Word
from pipeline.words.published import Compared, compare_published, name_voices
from pipeline.words.punctuation import mend_punctuation
from pipeline.words.spelling import fix_spelling
from pipeline.words.stage import Heard

VOICE_DIGITS = 3
"""Decimals kept of a unit vector: moves a cosine by 1e-5, and hides that two runs differ by 1e-7 on one machine."""


def diarize(
    recording: Recording,
    sound: Sound,
    speaker_bounds: tuple[int | None, int | None],
    diarizer: Diarizer,
    progress: Progress,
) -> Diarization:
    """Who speaks when. Raises AudioError when nobody does."""
    found = diarizer.diarize(sound.wave, speakers=speaker_bounds, progress=progress)
    if not found.speech:
        reason = f"no speech was found in its {sound.wave.duration:.1f} s of sound; is it the right file?"
        raise AudioError(recording.path, reason)
    voices = {name: tuple(round(x, VOICE_DIGITS) for x in voice) for name, voice in found.voices.items()}
    return replace(found, voices=voices)


def compare(heard: Heard, diarization: Diarization, publisher_cues: tuple[Cue, ...]) -> Compared:
    """What was heard beside the publisher's own transcript."""
    words = _spoken(heard.transcript.words, diarization)
    return compare_published(words, words_of_cues(publisher_cues), language=heard.transcript.language)


def attribute(heard: Heard, diarization: Diarization, compared: Compared, about: Mapping[str, str]) -> Transcript:
    """The transcript, spelt as the episode's metadata spells its names, with a speaker on every word."""
    known = "\n".join((about["description"], *compared.spellings))
    spelt = fix_spelling(heard.transcript, title=about["title"], show=about["show"], description=known)
    spoken = _spoken(spelt.words, diarization)
    return replace(spelt, words=mend_punctuation(spoken, language=spelt.language))


def _spoken(words: tuple[Word, ...], diarization: Diarization) -> tuple[Word, ...]:
    """The words with their speakers; who was heard on a track of their own keep what they said."""
    return words if all(word.speaker for word in words) else assign_speakers(words, diarization.exclusive)


def name(
    transcript: Transcript,
    diarization: Diarization,
    judged: tuple[AdSpan, ...],
    compared: Compared,
    speaker_names: tuple[tuple[str, str], ...],
    about: Mapping[str, str],
    namer: NameSpeakers,
) -> tuple[Speaker, ...]:
    """Who speaks: as the episode itself says, its publisher, or the user, who is right."""
    others = [ad for ad in judged if ad.kind not in OWN_KINDS]  # who asks for a review says who is speaking
    found = namer(transcript.words, diarization.turns, others, about=about, spoken=transcript.language)
    chosen = dict(speaker_names)
    named = name_voices(found, compared.names)
    return tuple(replace(s, name=chosen[s.label], confidence=1.0) if s.label in chosen else s for s in named)
