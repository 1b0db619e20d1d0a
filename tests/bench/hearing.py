"""One transcription by one tool, measured: ``python -m tests.bench.hearing TOOL SECONDS`` prints one line of JSON.

Loading the network is outside the measured time, everything from samples to words is inside. Ours gets the boundaries
of speech from the diarizer, as in the pipeline, where the diarizer pays for them; the others find speech themselves.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import numpy as np

from models.weights.installed import locate
from models.whisper.choice import Engine
from models.whisper.layout import read_weights
from pipeline.cache import cache_folder
from pipeline.scores.words.alignment import align_words
from pipeline.timeline import Span, Waveform
from tests.bench.measured import clocked
from tests.paths import SEED

THREADS = os.cpu_count() or 1
MODEL = "base"

Hear = Callable[[], str]


def samples(seconds: float) -> Waveform:
    """The beginning of the seed rendering, decoded once and kept."""
    kept = cache_folder() / "bench" / "seed.npy"
    if not kept.exists():
        from audio.decode import decode

        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, decode(SEED / "audio.mp3").samples)
    whole = np.load(kept)
    return Waveform(whole[: int(min(seconds * 16000, len(whole)))], 16000)


def speech_of(wave: Waveform) -> list[Span]:
    """Where the diarizer hears speech, kept beside the samples."""
    kept = cache_folder() / "bench" / f"speech-{round(wave.duration)}.json"
    if not kept.exists():
        from models.diarization.diarizer import PyannoteDiarizer

        found = PyannoteDiarizer().diarize(wave).speech
        kept.write_text(json.dumps([[span.start, span.end] for span in found]))
    return [Span(start, end) for start, end in json.loads(kept.read_text())]


def stock_whisper(wave: Waveform, *, word_times: bool, device: str = "cpu") -> Hear:
    """openai-whisper's own ``transcribe`` with its defaults, the same weights."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    weights = read_weights(locate(f"whisper-{MODEL}"))
    network = Whisper(ModelDimensions(**weights.dims))
    network.load_state_dict({k: torch.from_numpy(np.array(v, dtype=np.float32)) for k, v in weights.state.items()})
    mask = torch.zeros(weights.dims["n_text_layer"], weights.dims["n_text_head"], dtype=torch.bool)
    for layer, head in weights.alignment_heads or ():
        mask[layer, head] = True
    network.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    network.to(device)

    def hear() -> str:
        fp16 = device != "cpu"
        heard = network.transcribe(wave.samples, language="en", fp16=fp16, word_timestamps=word_times)
        return str(heard["text"])

    return hear


def faster_whisper(wave: Waveform, *, batched: bool, beams: int, word_times: bool) -> Hear:
    """faster-whisper as its README shows it, int8."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    network = WhisperModel(str(locate(f"whisper-{MODEL}")), device="cpu", compute_type="int8", cpu_threads=THREADS)
    options = {"language": "en", "beam_size": beams, "word_timestamps": word_times}

    def hear() -> str:
        if batched:
            segments, _ = BatchedInferencePipeline(network).transcribe(wave.samples, batch_size=8, **options)
        else:
            segments, _ = network.transcribe(wave.samples, vad_filter=True, **options)
        return " ".join(segment.text.strip() for segment in segments)

    return hear


def ours(wave: Waveform, *, engine: Engine) -> Hear:
    """This project's engines, word times included, as the pipeline calls them."""
    from pipeline.settings import Settings
    from pipeline.wiring import tools_for

    speech = speech_of(wave)
    transcriber = tools_for(Settings(model=MODEL, engine=engine, device="cpu")).transcriber()
    transcriber.transcribe(Waveform(np.zeros(16000, dtype=np.float32), 16000), [Span(0.0, 1.0)], language="en")
    return lambda: transcriber.transcribe(wave, speech, language="en").text


TOOLS: dict[str, Callable[[Waveform], Hear]] = {
    "openai-whisper, defaults": lambda wave: stock_whisper(wave, word_times=False),
    "openai-whisper, word times": lambda wave: stock_whisper(wave, word_times=True),
    "faster-whisper, sequential, beam 5": lambda wave: faster_whisper(wave, batched=False, beams=5, word_times=False),
    "faster-whisper, batched, greedy": lambda wave: faster_whisper(wave, batched=True, beams=1, word_times=False),
    "faster-whisper, batched, word times": lambda wave: faster_whisper(wave, batched=True, beams=1, word_times=True),
    "ours on faster-whisper, word times": lambda wave: ours(wave, engine="faster-whisper"),
    "ours on openai-whisper, word times": lambda wave: ours(wave, engine="openai-whisper"),
}


def measure(tool: str, seconds: float) -> dict[str, float]:
    """CPU and wall seconds per second of sound, word error rate against the rendered words, peak memory in MiB."""
    wave = samples(seconds)
    text, figures = clocked(TOOLS[tool](wave), seconds=wave.duration)
    rows = json.loads((SEED / "words.json").read_text(encoding="utf-8"))["words"]
    errors = align_words([row[2] for row in rows if row[1] < wave.duration], text.split()).errors
    return {**figures, "wer": errors.rate}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]))))
