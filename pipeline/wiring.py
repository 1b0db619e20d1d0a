"""The one file that knows all three rooms: it wires the edges' adapters to what the shell needs.

Everything heavy is imported when a tool is first used, so that the command line starts at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

from pipeline.cache import EpisodeFolder
from pipeline.code_version import code_hash
from pipeline.doctor import Machine
from pipeline.library.names import slug
from pipeline.ports import LanguageModel
from pipeline.timeline import Episode
from pipeline.tools import FindAds, Tool, Tools

Engine = Literal["auto", "faster-whisper", "openai-whisper"]
SEGMENTATION, EMBEDDING, ENCODER = "segmentation-3.0", "campplus", "minilm"
LOCAL_DIARIZER = f"{SEGMENTATION}+{EMBEDDING}"


@dataclass(frozen=True, slots=True)
class Choices:
    """Which networks a user wants, and where they run."""

    model: str = "base"
    engine: Engine = "auto"
    device: str = "auto"
    diarizer: str = LOCAL_DIARIZER


def tools_for(choices: Choices) -> Tools:
    """The adapters of a run; nothing is loaded until it is used."""
    return Tools(
        decode=Tool(code_hash("audio.decode"), _decode),
        cut_audio=Tool(code_hash("audio.cut"), _cut_audio),
        audition=Tool(code_hash("audio.audition"), _audition),
        diarizer=_diarizer(choices),
        transcriber=_transcriber(choices),
        encoder=Tool(f"{ENCODER} {_weights(ENCODER)} {code_hash('models.encoder')}", _encoder),
        find_ads=find_ads_tool(),
    )


Endpoint = tuple[str, str]
"""Address and model of a language model."""


def with_models(tools: Tools, *, adviser: Endpoint | None, rewriter: Endpoint | None) -> Tools:
    """The tools with the language models that the user named; EndpointError when an address is none."""
    return replace(tools, adviser=language_model(adviser), rewriter=language_model(rewriter))


def language_model(endpoint: Endpoint | None) -> Tool[LanguageModel] | None:
    """The model at an address; None for none. EndpointError when it is no address."""
    if endpoint is None:
        return None
    from models.chat import ChatEndpoint

    model = ChatEndpoint(*endpoint)
    return Tool(f"{model.url} {model.name} {code_hash('models.chat')}", lambda: model)


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


def folder_for(episode: Episode, out: Path, *, show_folder: str = "") -> EpisodeFolder:
    """Where an episode's outputs go: another recording of the same title gets a folder of its own."""
    show = out / (show_folder or slug(episode.show, otherwise="episodes"))
    folder = EpisodeFolder(show / episode.id)
    owner = folder.owner()
    if owner is None or episode.source == owner.get("source") or episode.sha256 == owner.get("sha256"):
        return folder
    return EpisodeFolder(show / f"{episode.id}-{episode.sha256[:8]}")


def _decode() -> Any:
    from audio.decode import decode

    return decode


def _cut_audio() -> Any:
    from audio.cut import cut_audio

    return cut_audio


def _audition() -> Any:
    from audio.audition import write_audition

    return write_audition


def _diarizer(choices: Choices) -> Tool[Any]:
    def make() -> Any:
        from models.diarization.diarizer import PyannoteDiarizer

        return PyannoteDiarizer(choices.diarizer, device=_device(choices.device))

    local = choices.diarizer == LOCAL_DIARIZER
    weights = f"{_weights(SEGMENTATION)} {_weights(EMBEDDING)}" if local else choices.diarizer
    return Tool(f"pyannote {weights} {choices.device} {code_hash('models.diarization.diarizer')}", make)


def check_language(language: str) -> None:
    """Raises CleancastError for a language that Whisper does not know: before the work, not in the middle of it."""
    from models.whisper.transcription import language_code

    language_code(language)


def _device(wanted: str) -> str:
    """The device that ``auto`` stands for."""
    if wanted != "auto":
        return wanted
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _transcriber(choices: Choices) -> Tool[Any]:
    engine = engine_for(choices)
    name = choices.model

    def make() -> Any:
        if engine == "openai-whisper":
            from models.whisper.openai_engine import OpenaiWhisperTranscriber

            return OpenaiWhisperTranscriber(name, device=choices.device)
        from models.whisper.ctranslate2_engine import FasterWhisperTranscriber

        return FasterWhisperTranscriber(name, device=choices.device)

    module = f"models.{engine.replace('-', '_')}_transcriber"
    return Tool(f"{engine} {name} {_weights(f'whisper-{name}')} {code_hash(module)}", make)


def engine_for(choices: Choices) -> str:
    """The engine that ``auto`` stands for: CTranslate2 on a CPU, openai-whisper on a GPU."""
    if choices.engine != "auto":
        return choices.engine
    return "openai-whisper" if choices.device.startswith("cuda") else "faster-whisper"


def _encoder() -> Any:
    from models.encoder import MiniLmEncoder

    return MiniLmEncoder()


def _ad_model() -> str:
    """The hash of the trained ad model, which lies in the repository."""
    from models.ads.model import ARTIFACT

    return hashlib.sha256(ARTIFACT.read_bytes()).hexdigest()[:16]


def find_ads_tool() -> Tool[FindAds]:
    """The ad detector: it reads words, with the layers of the sentence encoder that it is built on."""
    key = f"{_ad_model()} {_weights(ENCODER)} {code_hash('models.ads.model', 'pipeline.ads.find')}"
    return Tool(key, _find_ads)


def _find_ads() -> Any:
    from models.ads.model import TrainedAdModel
    from pipeline.ads.find import find_ads

    return partial(find_ads, model=TrainedAdModel.load())


def _weights(name: str) -> str:
    """What stands for a set of weights in a stage's key: their name and hashes."""
    from models.weights.installed import fingerprint

    return fingerprint(name)


NEEDED = ("whisper-base", SEGMENTATION, EMBEDDING, ENCODER)
"""What `cleancast run` uses when nothing else is asked for."""


def pull_weights(names: list[str]) -> None:
    """Fetch weights, saying what comes; every one that a run needs if none is named."""
    from models.weights.installed import pull
    from pipeline.batch.progress import reporting

    for name in names or NEEDED:
        with reporting(f"weights {name}", fetch=1.0) as reporter, reporter.stage("fetch") as progress:
            folder = pull(name, progress)
        print(f"{name}: {folder}")


def weights_table() -> str:
    """A line for each set of weights: whether it is here, its size, licence and role."""
    from models.weights.installed import list_weights

    rows = [
        f"{'here' if shelf.present else '-':5} {shelf.weights.name:18} {_megabytes(shelf.size):>7}  "
        f"{shelf.weights.licence:12} {shelf.weights.role}"
        for shelf in list_weights()
    ]
    return "\n".join(rows)


def _megabytes(size: int) -> str:
    """A size in bytes, for people; nothing where only the hub knows it."""
    return f"{size / 1e6:.0f} MB" if size else ""


def verify_weights(names: list[str]) -> int:
    """Check the files that are here against their hashes; 1 if one is not what it should be."""
    import sys

    from models.weights.installed import list_weights, verify
    from pipeline.errors import WeightsError

    status = 0
    for name in names or [shelf.weights.name for shelf in list_weights() if shelf.present]:
        try:
            verify(name)
            print(f"{name}: good")
        except WeightsError as error:
            print(f"cleancast: {error}", file=sys.stderr)
            status = 1
    return status


def this_machine() -> Machine:
    """How `cleancast doctor` asks the other rooms."""
    from audio.examine import examine_ffmpeg
    from models.weights.installed import cache_folder

    return Machine(weights=_weights_here, ffmpeg=examine_ffmpeg, device=_device_here, cache=cache_folder())


def _weights_here() -> Iterator[tuple[str, str]]:
    """Every set of weights that is here or needed, with what is wrong with it, if anything."""
    from models.weights.installed import list_weights, verify
    from pipeline.errors import WeightsError

    here = [shelf.weights.name for shelf in list_weights() if shelf.present]
    for name in dict.fromkeys((*NEEDED, *here)):
        try:
            verify(name)
            yield name, ""
        except WeightsError as error:
            yield name, error.reason.partition("; fetch")[0]


def _device_here() -> str:
    import torch

    if torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name(0)})"
    return "cpu"


def scripted_tools(case: Path) -> Tools:
    """The tools of a run that hears what a case folder says: no weights, the same way through every stage.

    Reads ``words.json`` and, where they are there, ``reference.rttm`` and ``ads.json``.
    """
    import json

    from models.scripted import ScriptedDiarizer, ScriptedEncoder, ScriptedTranscriber
    from pipeline.formats.captions.words_json import parse_words
    from pipeline.formats.records.rttm import parse_rttm
    from pipeline.timeline import AdSpan, Evidence, Turn

    words = parse_words((case / "words.json").read_text(encoding="utf-8")).words
    rttm, marked = case / "reference.rttm", case / "ads.json"
    turns = parse_rttm(rttm.read_text()) if rttm.exists() else (Turn(words[0].start, words[-1].end, "Speaker 1"),)
    spans = json.loads(marked.read_text())["ads"] if marked.exists() else []
    ads = tuple(AdSpan(a, b, 1.0, "sponsor", (Evidence("model", "scripted"),)) for a, b in spans)
    identity = f"scripted {case} {code_hash('pipeline.wiring')}"
    return Tools(
        decode=Tool(code_hash("audio.decode"), _decode),
        cut_audio=Tool(code_hash("audio.cut"), _cut_audio),
        audition=Tool(code_hash("audio.audition"), _audition),
        diarizer=Tool(identity, lambda: ScriptedDiarizer(turns)),
        transcriber=Tool(identity, lambda: ScriptedTranscriber(words)),
        encoder=Tool(identity, ScriptedEncoder),
        find_ads=Tool(identity, lambda: cast(FindAds, lambda _words, **_evidence: ads)),
    )


def weights_in_use(choices: Choices) -> dict[str, str]:
    """Name and hash of every set of weights that a run with these choices uses."""
    names = [f"whisper-{choices.model}", ENCODER]
    names += [SEGMENTATION, EMBEDDING] if choices.diarizer == LOCAL_DIARIZER else []
    return {name: _weights(name) for name in names}
