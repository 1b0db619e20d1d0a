"""The stage in which a run turns speech into words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pipeline.errors import AudioError
from pipeline.ports import Progress, Transcriber
from pipeline.recording import Recording, Sound
from pipeline.result import Warning
from pipeline.timeline import Diarization, Span, Transcript, Waveform
from pipeline.words.audit import audit_words


@dataclass(frozen=True, slots=True)
class Heard:
    """The words as the transcriber gave them and the audit left them."""

    transcript: Transcript
    warnings: tuple[Warning, ...]


def transcribe(
    recording: Recording,
    sound: Sound,
    diarization: Diarization,
    language: str | None,
    transcriber: Transcriber,
    progress: Progress,
) -> Heard:
    """The words of all speech; doubtful ones and passages without words are transcribed a second time.

    Raises AudioError when no words are recognised.
    """
    heard = hear(sound.wave, diarization.speech, language, transcriber, progress)
    if not heard.transcript.words:
        raise AudioError(recording.path, "no words were recognised in it; is the language right (--language)?")
    return heard


def hear(
    wave: Waveform, speech: tuple[Span, ...], language: str | None, transcriber: Transcriber, progress: Progress
) -> Heard:
    """The words of some speech, doubtful ones and passages without words heard a second time; none where none are."""
    again = partial(transcriber.transcribe, wave)
    first = again(speech, language=language, progress=progress)
    # The second time there are only seconds to go by: the language is the episode's, not detected anew.
    return Heard(*audit_words(first, speech, transcribe=partial(again, language=first.language)))
