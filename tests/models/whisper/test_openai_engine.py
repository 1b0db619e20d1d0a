"""The batched engine against openai-whisper's own functions: a random tiny network always, real weights if present."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import whisper

from models.whisper.decoding.greedy import repeats
from models.whisper.network import DecodingOptions, find_whisper
from models.whisper.openai_engine import OpenaiWhisperTranscriber, TorchNetwork
from models.whisper.transcription import GREEDY, log_mel, tokenizer_for
from pipeline.timeline import Span, Waveform
from tests.models.whisper.test_ctranslate2_engine import check_order, load
from tests.paths import SEED
from tests.weights import need

DIMS = {"n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 16, "n_audio_head": 2, "n_audio_layer": 1}
DIMS |= {"n_vocab": 51865, "n_text_ctx": 448, "n_text_state": 16, "n_text_head": 2, "n_text_layer": 2}
TOKENS = tokenizer_for(51865, "en")
PROMPT = [*TOKENS.sot_sequence, TOKENS.no_timestamps]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> TorchNetwork:
    torch.manual_seed(3)
    model = whisper.model.Whisper(whisper.model.ModelDimensions(**DIMS))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    path = tmp_path_factory.mktemp("toy") / "toy.pt"
    torch.save({"dims": DIMS, "model_state_dict": model.state_dict()}, path)
    return TorchNetwork(path, "cpu", precision="float32")


def sounds(count: int) -> np.ndarray:
    return np.random.default_rng(5).normal(0, 0.5, (count, 80, 3000)).astype(np.float32)


def stock_tokens(network: TorchNetwork, mel: np.ndarray) -> tuple[int, ...]:
    options = whisper.DecodingOptions(language="en", without_timestamps=True, fp16=False)
    result = whisper.decode(network.network, torch.from_numpy(mel), options)
    return tuple(token for token in result.tokens if token < TOKENS.eot)


def stock_starts(network: TorchNetwork, mel: np.ndarray, text: tuple[int, ...]) -> list[float]:
    """What ``whisper.timing.find_alignment`` measures, without numba, which leaves its threads in torch's way."""
    from whisper import timing

    from models.whisper.alignment import cheapest_path

    stock_dtw, timing.dtw = timing.dtw, lambda cost: cheapest_path(cost.numpy())
    try:
        found = timing.find_alignment(network.network, TOKENS, list(text), torch.from_numpy(mel), 2000)
    finally:
        timing.dtw = stock_dtw
    return [word.start for word in found]


def our_starts(network: TorchNetwork, mels: np.ndarray) -> list[tuple[tuple[int, ...], list[float]]]:
    encoded = network.encode(mels)
    decoded = network.decode(encoded, PROMPT, GREEDY)
    aligned = network.align(encoded, TOKENS.sot_sequence, [d.tokens for d in decoded], [2000] * len(mels))
    rows = []
    for result, times in zip(decoded, aligned, strict=True):
        _, pieces = TOKENS.split_to_word_tokens([*result.tokens, TOKENS.eot])
        firsts = np.cumsum([0, *(len(piece) for piece in pieces)])[: len(pieces) - 1]
        rows.append((result.tokens, [float(times.starts[first]) for first in firsts]))
    return rows


def test_a_batch_says_what_stock_whisper_says_of_each_window(toy: TorchNetwork) -> None:
    mels = sounds(3)
    for mel, (tokens, starts) in zip(mels, our_starts(toy, mels), strict=True):
        stock = stock_tokens(toy, mel)
        assert tokens == stock[: len(tokens)] and len(tokens) > 0
        if len(stock) == len(tokens):
            assert starts == pytest.approx(stock_starts(toy, mel, tokens), abs=0.021)


def test_reading_a_text_through_gives_the_times_of_decoding_it(toy: TorchNetwork) -> None:
    mels = sounds(2)
    encoded = toy.encode(mels)
    texts = [d.tokens for d in toy.decode(encoded, PROMPT, GREEDY)]
    kept = toy.align(encoded, TOKENS.sot_sequence, texts, [2000, 2000])
    again = toy.align(toy.encode(mels), TOKENS.sot_sequence, texts, [2000, 2000])
    for one, other in zip(kept, again, strict=True):
        assert np.abs(one.starts - other.starts).max() <= 0.021
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)


def test_a_window_of_no_words_has_no_times(toy: TorchNetwork) -> None:
    aligned = toy.align(toy.encode(sounds(1)), TOKENS.sot_sequence, [()], [2000])
    assert len(aligned[0].probabilities) == 0


def test_no_run_of_tokens_comes_twice_when_forbidden(toy: TorchNetwork) -> None:
    (result,) = toy.decode(toy.encode(sounds(1)), PROMPT, DecodingOptions(beams=5, no_repeat=3))
    runs = [result.tokens[i : i + 3] for i in range(len(result.tokens) - 2)]
    assert len(set(runs)) == len(runs)


def test_attention_head_by_head_is_the_encoder(toy: TorchNetwork) -> None:
    from models.whisper.openai_engine import _encode

    sound = torch.from_numpy(sounds(2))
    with torch.inference_mode():
        assert torch.allclose(_encode(toy.network.encoder, sound), toy.network.encoder(sound), atol=1e-4)


def test_what_would_repeat_is_known() -> None:
    assert repeats([1, 2, 3, 1, 2], 3) == [3]
    assert repeats([1, 2], 3) == []
    assert repeats([4, 5], 1) == [4, 5]


@pytest.mark.weights
@pytest.mark.slow
def test_real_windows_are_those_of_stock_whisper() -> None:
    need("whisper-tiny.en")
    wave = load("ted_60.m4a")
    network = TorchNetwork(find_whisper("tiny.en"), "cpu", precision="float32")
    tokenizer = tokenizer_for(network.n_vocab, "en")
    windows = [Span(0.0, 20.0), Span(20.0, 40.0)]
    mels = np.stack([log_mel(wave, window, 80) for window in windows])
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    for mel, result in zip(mels, network.decode(network.encode(mels), prompt, GREEDY), strict=True):
        options = whisper.DecodingOptions(language="en", without_timestamps=True, fp16=False)
        stock = whisper.decode(network.network, torch.from_numpy(mel), options)
        assert result.tokens == tuple(stock.tokens)
        assert result.mean_log_probability == pytest.approx(stock.avg_logprob, abs=0.01)


@pytest.mark.weights
def test_a_famous_sentence_is_heard_with_times() -> None:
    need("whisper-tiny.en")
    wave = load("jfk.flac")
    speech = [Span(0.3, 2.3), Span(3.25, 4.4), Span(5.3, 7.7), Span(8.1, 10.6)]
    transcript = OpenaiWhisperTranscriber("tiny.en", "cpu").transcribe(wave, speech)
    assert "my fellow Americans" in transcript.text
    check_order(transcript, wave)
    ask = next(word for word in transcript.words if word.text.lower() == "ask")
    assert 3.2 < ask.start < 3.6


@pytest.mark.weights
@pytest.mark.slow
def test_both_engines_hear_the_same_seed() -> None:
    """The word error rates of the two engines, same weights, are within half a point on part of the seed."""
    need("whisper-base")
    import json

    from audio.decode import decode
    from models.whisper.ctranslate2_engine import FasterWhisperTranscriber
    from pipeline.scores.words.alignment import align_words
    from pipeline.timeline import merge_spans

    truth = [Span(*row[:2]) for row in json.loads((SEED / "words.json").read_text())["words"] if row[1] < 120]
    text = " ".join(row[2] for row in json.loads((SEED / "words.json").read_text())["words"] if row[1] < 120)
    whole = decode(SEED / "audio.mp3")
    wave = Waveform(whole.samples[: 16000 * 120], 16000)
    speech = merge_spans(truth, gap_s=0.3)
    engines = [FasterWhisperTranscriber("base", "cpu"), OpenaiWhisperTranscriber("base", "cpu")]
    rates = [
        align_words(text.split(), e.transcribe(wave, speech, language="en").text.split()).errors.rate for e in engines
    ]
    assert abs(rates[0] - rates[1]) <= 0.005, rates
