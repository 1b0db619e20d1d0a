"""The loop around a Whisper network, against a network that is told what it hears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.whisper.network import Aligned, Decoded, DecodingOptions, find_whisper
from models.whisper.transcription import (
    compression_ratio,
    find_quiet,
    language_code,
    tokenizer_for,
    transcribe_speech,
)
from pipeline.errors import CleancastError, WeightsError
from pipeline.timeline import Span, Waveform

pytest.importorskip("whisper")
TOKENS = tokenizer_for(51865, "en")


class ToldNetwork:
    """Says the next of ``texts`` for each window in order of batches; ``again`` is what a second try says."""

    device = torch.device("meta")  # not a CPU: batch after batch, in order
    n_mels, n_vocab = 80, 51865

    def __init__(self, texts: Sequence[str], again: str = "") -> None:
        self.texts, self.again = list(texts), again
        self.asked: list[DecodingOptions] = []
        self.batches: list[int] = []

    def encode(self, mels: np.ndarray) -> np.ndarray:
        assert mels.shape[1:] == (80, 3000) and mels.dtype == np.float32
        self.batches.append(len(mels))
        return mels

    def languages(self, encoded: np.ndarray) -> list[Mapping[str, float]]:
        return [{"en": 0.4, "de": 0.6 if row else 0.1} for row in range(len(encoded))]

    def decode(self, encoded: np.ndarray, prompt: Sequence[int], options: DecodingOptions) -> list[Decoded]:
        self.asked.append(options)
        texts = [self.again] if options.beams > 1 else [self.texts.pop(0) for _ in range(len(encoded))]
        return [Decoded(tuple(TOKENS.encode(text)), -0.2, 0.0) for text in texts]

    def align(
        self, encoded: np.ndarray, prompt: Sequence[int], tokens: Sequence[Sequence[int]], frames: Sequence[int]
    ) -> list[Aligned]:
        return [Aligned(np.linspace(0.3, 2.0, len(row) + 1), np.full(len(row), 0.9)) for row in tokens]


def noise(seconds: float) -> Waveform:
    return Waveform(np.random.default_rng(0).normal(0, 0.1, round(16000 * seconds)).astype(np.float32), 16000)


SPEECH = [Span(0.5, 20), Span(22, 45), Span(60, 80)]


def test_windows_come_out_in_order_whatever_the_batches() -> None:
    network = ToldNetwork([" first", " third", " second"])  # two batches: windows 0 and 2, then 1
    shares: list[float] = []
    transcript = transcribe_speech(
        network, noise(90), SPEECH, language="en", model="m", batch=2, progress=shares.append
    )
    assert transcript.text == "first second third"
    assert network.batches == [2, 1]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert (transcript.language, transcript.model) == ("en", "m")


def test_the_language_is_heard_over_a_whole_batch() -> None:
    network = ToldNetwork([" a", " b", " c"])
    assert transcribe_speech(network, noise(90), SPEECH, language=None, model="m", batch=8).language == "de"


def test_a_first_batch_that_fails_does_not_leave_the_others_waiting_for_its_language() -> None:
    network = ToldNetwork([" a"] * 3)
    network.device = torch.device("cpu")  # each batch on a core of its own

    def fail(encoded: np.ndarray) -> list[Mapping[str, float]]:
        raise MemoryError

    network.languages = fail  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        transcribe_speech(network, noise(90), SPEECH, language=None, model="m", batch=2)


def test_a_batch_that_a_gpu_cannot_hold_is_halved_until_it_can(capsys) -> None:
    network = ToldNetwork([" first", " second", " third"])
    encode = network.encode

    def encode_two(mels: np.ndarray) -> np.ndarray:
        if len(mels) > 1:
            raise torch.OutOfMemoryError
        return encode(mels)

    network.encode = encode_two  # type: ignore[method-assign]
    transcript = transcribe_speech(network, noise(90), SPEECH, language=None, model="m", batch=8)
    assert (transcript.text, transcript.language) == ("first second third", "en")
    assert network.batches == [1, 1, 1]
    assert "trying 1" in capsys.readouterr().err


def test_a_loop_is_decoded_again_in_another_manner() -> None:
    network = ToldNetwork([" one", " no no no no" * 20, " three"], again=" two")
    transcript = transcribe_speech(network, noise(90), SPEECH, language="en", model="m", batch=8)
    assert transcript.text == "one two three"
    assert [options.beams for options in network.asked] == [1, 5]


TWICE = " The harbour lies behind the second wall, and nobody who rows there looks back at the town." * 3


def told(again: str, *, log_probability: float, spread_s: float) -> ToldNetwork:
    """A network whose first text repeats itself, its words spread over so many seconds."""
    network = ToldNetwork([TWICE], again=again)
    plain = network.decode
    network.decode = lambda *given: [replace(d, mean_log_probability=log_probability) for d in plain(*given)]  # type: ignore[method-assign]
    network.align = lambda _e, _p, tokens, _f: [  # type: ignore[method-assign]
        Aligned(np.linspace(0.3, spread_s, len(row) + 1), np.full(len(row), 0.9)) for row in tokens
    ]
    return network


@pytest.mark.parametrize(
    ("again", "log_probability", "spread_s", "asked", "text"),
    [
        (" other", -0.1, 19.0, [(1, 0)], TWICE),  # sure, and every word has its time
        (" other", -0.1, 2.0, [(1, 0), (5, 0)], " other"),  # sure, but nobody speaks so fast
        (" other", -0.6, 19.0, [(1, 0), (5, 0)], " other"),  # another decoding that does not repeat
        (TWICE, -0.6, 19.0, [(1, 0), (5, 0)], TWICE),  # the same again
        (TWICE, -0.1, 2.0, [(1, 0), (5, 0), (5, 3)], TWICE),  # everything runs on: repeating is forbidden
    ],
)
def test_what_is_said_twice_is_kept_and_repeating_is_forbidden_last(again, log_probability, spread_s, asked, text):
    network = told(again, log_probability=log_probability, spread_s=spread_s)
    found = transcribe_speech(network, noise(21), [Span(0.5, 20)], language="en", model="m", batch=8)
    assert compression_ratio(TWICE) > 2.4
    assert [(options.beams, options.no_repeat) for options in network.asked] == asked
    assert found.text.split() == text.split()


def test_no_speech_no_words() -> None:
    assert transcribe_speech(ToldNetwork([]), noise(3), [], language=None, model="m", batch=8).words == ()


def test_a_loop_compresses() -> None:
    assert compression_ratio("no no no no " * 20) > 2.4 > compression_ratio("a sentence that says one thing once")
    assert compression_ratio("") == 0.0


def test_a_dip_in_the_sound_is_found() -> None:
    samples = noise(10).samples.copy()
    samples[16000 * 5 : 16000 * 5 + 3200] *= 0.01
    assert any(abs(t - 5.1) < 0.1 for t in find_quiet(Waveform(samples, 16000), [Span(0, 10)]))


def test_an_unknown_size_lists_the_known() -> None:
    with pytest.raises(WeightsError, match=r"'huge'.*base.*turbo"):
        find_whisper("huge")


@pytest.mark.parametrize(("given", "code"), [("en", "en"), ("pt-BR", "pt"), ("German", "de"), ("zh_CN", "zh")])
def test_a_language_is_taken_as_people_write_it(given: str, code: str) -> None:
    assert language_code(given) == code


def test_an_unknown_language_is_one_sentence() -> None:
    with pytest.raises(CleancastError, match="does not know the language 'klingon'"):
        language_code("klingon")


def test_a_path_is_taken_as_it_is(tmp_path) -> None:
    assert find_whisper(str(tmp_path)) == tmp_path
