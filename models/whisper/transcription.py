"""What both Whisper engines share: speech in windows and batches through a network, and words out of it."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.lean_imports import without_numba
from models.whisper.network import (
    FRAME_S,
    FRAMES,
    MOST_TOKENS,
    Aligned,
    Decoded,
    DecodingOptions,
    Encoded,
    WhisperNetwork,
)
from models.whisper.words import fit_words, words_from_tokens
from pipeline.errors import CleancastError
from pipeline.language import language_code as code_of
from pipeline.ports import Progress, silent
from pipeline.timeline import Seconds, Span, Transcript, Waveform, Word, merge_spans
from pipeline.words.windows import plan_windows

if TYPE_CHECKING:
    from whisper.tokenizer import Tokenizer

QUIET_STEP_S = 0.05
"""How finely unbroken speech is searched for a quiet moment to cut it at."""

QUIET_SHARE = 0.01
"""A quiet moment has at most this share of the speech's mean energy (-20 dB): a pause, not a soft consonant."""

LOOP_RATIO = 2.4
"""Text that zlib shrinks by more than this is a loop (openai-whisper's own threshold)."""

UNSURE = -1.0
"""Mean log probability of a token below which a window is decoded again (openai-whisper's own threshold)."""

GREEDY = DecodingOptions()

LEAST_WINDOWS = 3
"""A step of decoding reads all weights, for one window as for three: a minute's two windows on a core each take the
other core from what is loaded meanwhile, and gain half a second."""

SURE = -0.3
"""Mean log probability from which a decoding is sure; sentences that are said twice were decoded at -0.08 (base)."""

FASTEST_WORDS_S = 9.0
"""Words a second that nobody speaks over ``FAST_RUN`` words: the copies of a loop have no sound of their own, and the
alignment squeezes them together."""

FAST_RUN = 8

SEARCH = DecodingOptions(beams=5)
"""How a failed window is decoded again: deterministic, where openai-whisper samples at rising temperatures."""

WITHOUT_REPEATING = DecodingOptions(beams=5, no_repeat=3)
"""The last resort against text that runs on and on: it forces errors into what is truly said twice."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One window's result."""

    window: Span
    words: tuple[Word, ...]
    decoded: Decoded


def transcribe_speech(
    network: WhisperNetwork,
    wave: Waveform,
    speech: Sequence[Span],
    *,
    language: str | None,
    model: str,
    batch: int,
    progress: Progress = silent,
) -> Transcript:
    """The words of all speech. Where the language is not given, it is detected in windows spread over the recording.

    Batches take every n-th window, so that the first one samples the whole episode. On a CPU each core has a batch of
    its own (``models/parallel.py``); peak memory is that of these. One that does not fit into a GPU's memory is halved.
    """
    from models.parallel import side_by_side, undivided

    spoken: Future[str] = Future()
    if language:
        spoken.set_result(language_code(language))
    speech = merge_spans(speech)
    quiet = find_quiet(wave, speech)
    windows = plan_windows(speech, duration_s=wave.duration, quiet=quiet)
    if not windows:
        progress(1.0)
        return Transcript((), spoken.result() if language else "en", model)
    number = count_batches(len(windows), batch, even=network.device.type == "cpu")
    batches = [windows[index::number] for index in range(number)]

    hear = _Hearing(network, wave, windows[0], spoken).hear
    words: list[Word] = []
    with undivided():  # an only batch is heard in this thread, so that the encoder has both cores
        heard = map(hear, batches) if number == 1 else side_by_side(hear, batches, device=network.device)
        for done, windows_heard in enumerate(heard, start=1):
            words.extend(word for window in windows_heard for word in window.words)
            progress(done / number)
    return Transcript(fit_words(words, speech, duration_s=wave.duration), spoken.result(), model)


@dataclass(frozen=True, slots=True)
class _Hearing:
    """Batches of windows to words; the one with the ``first`` window tells all others the language that is spoken."""

    network: WhisperNetwork
    wave: Waveform
    first: Span
    spoken: Future[str]

    def hear(self, chosen: Sequence[Span]) -> list[Heard]:
        """What is said in a batch of windows; in two halves where a GPU's memory does not hold it."""
        from torch import OutOfMemoryError

        try:
            return self._hear(chosen)
        except OutOfMemoryError as error:
            if len(chosen) == 1:
                self._tell(error)
                raise
        except BaseException as error:
            self._tell(error)
            raise
        half = len(chosen) // 2
        print(f"{len(chosen)} windows at once do not fit into the GPU's memory: trying {half}", file=sys.stderr)
        return self.hear(chosen[:half]) + self.hear(chosen[half:])

    def _hear(self, chosen: Sequence[Span]) -> list[Heard]:
        network = self.network
        encoded = network.encode(np.stack([log_mel(self.wave, window, network.n_mels) for window in chosen]))
        if chosen[0] == self.first and not self.spoken.done():
            self.spoken.set_result(_spoken(network, encoded))
        return _hear_batch(network, encoded, chosen, self.spoken.result())

    def _tell(self, error: BaseException) -> None:
        """Let no other batch wait for a language that does not come."""
        if not self.spoken.done():
            self.spoken.set_exception(error)


def count_batches(windows: int, most: int, *, even: bool) -> int:
    """How many batches of at most ``most`` windows; an even number of them keeps two cores busy to the end.

    Fewer than ``LEAST_WINDOWS`` are not worth a batch. It does not follow the number of cores, because what a window is
    decoded with changes the last digits.

    >>> [count_batches(number, 8, even=True) for number in (1, 5, 6, 8, 17, 33)]
    [1, 1, 2, 2, 4, 6]
    """
    number = -(-windows // most)
    return max(number, min(windows // LEAST_WINDOWS, number + number % 2)) if even else number


def _hear_batch(network: WhisperNetwork, encoded: Encoded, windows: Sequence[Span], language: str) -> list[Heard]:
    """Decodes and aligns the windows of a batch; those that fail are decoded again, together."""
    tokenizer = tokenizer_for(network.n_vocab, language)
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    decoded = network.decode(encoded, prompt, GREEDY)
    frames = [min(FRAMES, round(window.duration / FRAME_S)) for window in windows]
    doubtful = {
        row: alone
        for row, result in enumerate(decoded)
        if failed(tokenizer.decode(list(result.tokens)), result)
        and not (alone := Alone(network, encoded[row : row + 1], tokenizer, frames[row])).says_twice(result)
    }
    if doubtful:
        searched = network.decode(encoded[list(doubtful)], prompt, SEARCH)
        for (row, alone), second in zip(doubtful.items(), searched, strict=True):
            decoded[row] = _better(alone, prompt, decoded[row], second)
    aligned = network.align(encoded, tokenizer.sot_sequence, [result.tokens for result in decoded], frames)
    return [
        Heard(window, tuple(words_from_tokens(tokenizer, result.tokens, times, window.start)), result)
        for window, result, times in zip(windows, decoded, aligned, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Alone:
    """One window of a batch, to be decoded again."""

    network: WhisperNetwork
    encoded: Encoded
    tokenizer: Tokenizer
    frames: int

    def text(self, result: Decoded) -> str:
        return self.tokenizer.decode(list(result.tokens))

    def says_twice(self, result: Decoded) -> bool:
        """Whether a text that looks like a loop is a repetition that is heard: sure, and each word with its time."""
        return result.mean_log_probability >= SURE and not self.runs_on(result)

    def runs_on(self, result: Decoded) -> bool:
        """Whether a text is longer than the sound: all the tokens there can be, or words faster than anybody speaks."""
        if len(result.tokens) >= MOST_TOKENS:
            return True
        aligned = self.network.align(self.encoded, self.tokenizer.sot_sequence, [result.tokens], [self.frames])[0]
        starts = [word.start for word in words_from_tokens(self.tokenizer, result.tokens, aligned, 0.0)]
        return any(
            later - start < FAST_RUN / FASTEST_WORDS_S for start, later in zip(starts, starts[FAST_RUN:], strict=False)
        )


def _better(alone: Alone, prompt: list[int], first: Decoded, second: Decoded) -> Decoded:
    """The second decoding where it succeeds, or is the same again; else the likeliest that does not run on.

    Repetition is forbidden only where everything else runs on.
    """
    if not failed(alone.text(second), second) or alone.says_twice(second):
        return second
    results = [result for result in (first, second) if not alone.runs_on(result)]
    if results:
        straight = [result for result in results if compression_ratio(alone.text(result)) <= LOOP_RATIO]
        return max(straight or results, key=lambda result: result.mean_log_probability)
    return alone.network.decode(alone.encoded, prompt, WITHOUT_REPEATING)[0]


def failed(text: str, result: Decoded) -> bool:
    """Whether a decoding is a loop, or so unsure that it should be tried again."""
    return compression_ratio(text) > LOOP_RATIO or result.mean_log_probability < UNSURE


def compression_ratio(text: str) -> float:
    """How much shorter zlib makes the text: 1 for none, above 2.4 for loops."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def _spoken(network: WhisperNetwork, encoded: Encoded) -> str:
    """The language with the highest mean probability over the windows of a batch."""
    if network.n_vocab < 51865:
        return "en"
    rows = network.languages(encoded)
    total = {code: sum(row.get(code, 0.0) for row in rows) for code in rows[0]}
    return max(sorted(total), key=lambda code: total[code])


def language_code(language: str) -> str:
    """Whisper's code of a language given as a code ("en", "pt-BR") or by its English name."""
    with without_numba():
        from whisper.tokenizer import LANGUAGES, TO_LANGUAGE_CODE

    plain = language.strip().lower()
    code: str = plain if plain in LANGUAGES else TO_LANGUAGE_CODE.get(plain, code_of(language))
    if code not in LANGUAGES:
        raise CleancastError(f"Whisper does not know the language '{language}'; give a code such as en, de or pt")
    return code


def tokenizer_for(n_vocab: int, language: str) -> Tokenizer:
    """openai-whisper's tokenizer for a network's vocabulary and a language."""
    with without_numba():
        from whisper.tokenizer import get_tokenizer

    multilingual = n_vocab >= 51865
    languages = n_vocab - 51765 - int(multilingual)
    tokenizer: Tokenizer = get_tokenizer(multilingual, num_languages=languages, language=language, task="transcribe")
    return tokenizer


def suppressed_tokens(tokenizer: Tokenizer) -> list[int]:
    """What a transcript never contains: notes, brackets, and the tokens that steer the network."""
    steering = [tokenizer.transcribe, tokenizer.translate, tokenizer.sot, tokenizer.sot_prev, tokenizer.sot_lm]
    return sorted({*tokenizer.non_speech_tokens, *steering, tokenizer.no_speech})


def log_mel(wave: Waveform, window: Span, n_mels: int) -> np.ndarray:
    """The log-mel spectrogram of a window, padded with silence to 30 s: float32, shape (n_mels, 3000)."""
    import torch

    with without_numba():
        import whisper

    samples = torch.from_numpy(np.ascontiguousarray(wave.slice(window).samples[: FRAMES * 160]))
    mel: np.ndarray = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples), n_mels).numpy()
    return mel


def find_quiet(wave: Waveform, spans: Sequence[Span]) -> tuple[Seconds, ...]:
    """Moments inside speech, the quietest within a second around them and far below the speech: short breaths."""
    step = round(QUIET_STEP_S * wave.sample_rate)
    around = round(1.0 / QUIET_STEP_S)
    moments = []
    for span in spans:
        samples = wave.slice(span).samples
        count = len(samples) // step
        if count <= 2 * around:
            continue
        energy = np.square(samples[: count * step].reshape(count, step)).mean(axis=1)
        smooth = np.convolve(energy, np.ones(3) / 3, mode="same")
        lowest = np.lib.stride_tricks.sliding_window_view(smooth, 2 * around + 1).min(axis=1)
        inner = smooth[around : count - around]
        dips = (inner == lowest) & (inner < QUIET_SHARE * smooth.mean())
        moments += [span.start + (around + index + 0.5) * QUIET_STEP_S for index in np.flatnonzero(dips)]
    return tuple(moments)


def no_times(count: int) -> Aligned:
    """The alignment of nothing."""
    return Aligned(np.zeros(count + 1), np.zeros(count))
