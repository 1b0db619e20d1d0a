"""The one file that knows all three rooms: it wires the edges' adapters to what the shell needs.

Everything heavy is imported when a tool is first used, so that the command line starts at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pipeline.code_version import code_hash
from pipeline.names import slug
from pipeline.store import EpisodeFolder
from pipeline.timeline import Episode
from pipeline.tools import Tool, Tools

Engine = Literal["auto", "faster-whisper", "openai-whisper"]
SEGMENTATION, EMBEDDING, ENCODER = "segmentation-3.0", "campplus", "minilm"


@dataclass(frozen=True, slots=True)
class Choices:
    """Which networks a user wants, and where they run."""

    model: str = "base"
    engine: Engine = "auto"
    device: str = "auto"
    diarizer: str = SEGMENTATION


def tools_for(choices: Choices) -> Tools:
    """The adapters of a run; nothing is loaded until it is used."""
    return Tools(
        decode=_decode,
        cut_audio=Tool(code_hash("audio.cut"), _cut_audio),
        diarizer=_diarizer(choices),
        transcriber=_transcriber(choices),
        encoder=Tool(f"{ENCODER} {_weights(ENCODER)} {code_hash('models.minilm')}", _encoder),
        find_ads=Tool(f"{_weights(ENCODER)} {code_hash('models.ad_model', 'pipeline.stages.find_ads')}", _find_ads),
    )


def describe_source(path: Path, *, title: str = "", show: str = "", description: str = "") -> Episode:
    """What is known of a recording before it is heard; what the user says wins over the file's own tags.

    Raises AudioError when it is not a readable sound file.
    """
    from audio.decode import hash_file
    from audio.probe import probe

    found = probe(path)
    tags = {key.lower(): value for key, value in found.tags.items()}
    title = title or tags.get("title") or re.sub(r"[_\s]+", " ", path.stem).strip()
    return Episode(
        id=slug(title, otherwise="episode"),
        source=str(path),
        duration=found.duration,
        sha256=hash_file(path),
        title=title,
        show=show or tags.get("album") or tags.get("show") or tags.get("artist") or "",
        description=description or tags.get("description") or tags.get("comment") or tags.get("synopsis") or "",
        published=tags.get("date", ""),
        tags=found.tags,
        chapters=found.chapters,
    )


def folder_for(episode: Episode, out: Path) -> EpisodeFolder:
    """Where an episode's outputs go: another recording of the same title gets a folder of its own."""
    show = out / slug(episode.show, otherwise="episodes")
    folder = EpisodeFolder(show / episode.id)
    owner = folder.owner()
    if owner is None or episode.source == owner.get("source") or episode.sha256 == owner.get("sha256"):
        return folder
    return EpisodeFolder(show / f"{episode.id}-{episode.sha256[:8]}")


def _decode(path: Path, progress: Any) -> Any:
    from audio.decode import decode

    return decode(path, progress=progress)


def _cut_audio() -> Any:
    from audio.cut import cut_audio

    return cut_audio


def _diarizer(choices: Choices) -> Tool[Any]:
    def make() -> Any:
        from models.pyannote_diarizer import PyannoteDiarizer

        return PyannoteDiarizer(source=choices.diarizer, device=choices.device)

    weights = (
        f"{_weights(SEGMENTATION)} {_weights(EMBEDDING)}" if choices.diarizer == SEGMENTATION else choices.diarizer
    )
    return Tool(f"pyannote {weights} {code_hash('models.pyannote_diarizer')}", make)


def _transcriber(choices: Choices) -> Tool[Any]:
    engine = engine_for(choices)
    name = choices.model

    def make() -> Any:
        if engine == "openai-whisper":
            from models.openai_whisper_transcriber import OpenaiWhisperTranscriber

            return OpenaiWhisperTranscriber(name, device=choices.device)
        from models.faster_whisper_transcriber import FasterWhisperTranscriber

        return FasterWhisperTranscriber(name, device=choices.device)

    module = f"models.{engine.replace('-', '_')}_transcriber"
    return Tool(f"{engine} {name} {_weights(f'whisper-{name}')} {code_hash(module)}", make)


def engine_for(choices: Choices) -> str:
    """The engine that ``auto`` stands for: CTranslate2 on a CPU, openai-whisper on a GPU."""
    if choices.engine != "auto":
        return choices.engine
    return "openai-whisper" if choices.device.startswith("cuda") else "faster-whisper"


def _encoder() -> Any:
    from models.minilm import MiniLmEncoder

    return MiniLmEncoder()


def _find_ads() -> Any:
    from models.ad_model import load_ad_model
    from pipeline.stages.find_ads import find_ads

    return partial(find_ads, model=load_ad_model(), encoder=_encoder())


def _weights(name: str) -> str:
    """What stands for a set of weights in a stage's key: their name and hashes."""
    from models.weights import fingerprint

    return fingerprint(name)
