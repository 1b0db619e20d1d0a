"""The stage in which a run turns speech into words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pipeline.errors import AudioError
from pipeline.ports import Progress, Transcriber
from pipeline.recording import Recording, Sound
from pipeline.result import Warning
from pipeline.timeline import Diarization, Transcript
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
    speech = diarization.speech
    again = partial(transcriber.transcribe, sound.wave)
    first = again(speech, language=language, progress=progress)
    # The second time there are only seconds to go by: the language is the episode's, not detected anew.
    transcript, warnings = audit_words(first, speech, transcribe=partial(again, language=first.language))
    if not transcript.words:
        raise AudioError(recording.path, "no words were recognised in it; is the language right (--language)?")
    return Heard(transcript, warnings)
