"""Any audio file as the mono 16 kHz signal that the networks take: a stream, so that ten hours fit into memory once."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import ffmpeg
import numpy as np

from audio.ffmpeg import INPUT_LIMITS, Run, check_readable, ffmpeg_program, file_url, is_short, running
from audio.listening.streams import choose_stream
from audio.memory import free_memory
from audio.mixdown import Mixdown
from audio.probe import Probe, probe
from pipeline.digits import whole_number
from pipeline.errors import AudioError, ProgramError
from pipeline.formats.clock import clock
from pipeline.ports import Progress, silent
from pipeline.recording import hash_file
from pipeline.timeline import Seconds, Waveform

SAMPLE_RATE = 16_000
BLOCK_S = 10  # read at a time
LOST_S = 1.0  # a claimed length may exceed the decoded one by this much before it is called a loss
LOST_SHARE = 0.01
LONGEST_S = 24 * 3600.0  # a small file can hold years of silence
ERRORS_AT_AN_END = 3
"""Lines that ffmpeg says at most of a file that only lacks its end (mp3, m4a, ogg, opus, flac and wav, cut at three
places each: 0 to 3); one damaged in the middle gives an error a packet."""
HARMLESS = re.compile(r"chapter end time|^\[(?:a?png|mjpeg|gif|bmp|tiff|webp)\b", re.IGNORECASE)
"""What ffmpeg calls an error and is none of the sound."""
MOST_OF_FREE = 0.8  # of the free memory; the rest is for what comes next


def decode(
    path: str | Path, *, progress: Progress = silent, warn: Callable[[str], None] = lambda _text: None
) -> Waveform:
    """The sound of the file: float32, shape (n,), mono, 16 kHz, finite, -1..1.

    What can be decoded of a damaged file is returned, and ``warn`` is told in a sentence what is missing; a file
    without any decodable sound is an AudioError. Channels in opposite phase do not cancel (see audio/mixdown.py).
    A decoder that was killed, hung, or gave less than the file holds is a ProgramError.
    """
    path = check_readable(path)
    claims = probe(path)
    if claims.streams > 1:
        chosen = f"stream {choose_stream(path) + 1} of its {claims.streams} audio streams is used"
        warn(f"{chosen}, which sounds most of speech; --stream takes another")
    # ffmpeg's own resampler; WAV on the pipe because its header says how many channels follow.
    with running(_arguments(path, "pipe:", format="wav", acodec="pcm_f32le")) as run:
        channels = _read_wav_header(run)
        samples = _read_samples(path, run, channels, claims.duration, progress) if channels else np.empty(0, np.float32)
    if run.killed:
        raise ProgramError(path, f"could not be decoded ({run.killed}); run again")
    if not len(samples):
        raise AudioError(path, _first_error(run.talk))
    _check_whole(path, run, len(samples) / SAMPLE_RATE, claims)
    _report_losses(len(samples) / SAMPLE_RATE, claims, run, warn)
    progress(1.0)
    return Waveform(samples, SAMPLE_RATE)


def _arguments(path: Path, target: str, **options: object) -> list[str]:
    """How the sound of a file is decoded; a share of damaged packets is no failure (``max_error_rate``)."""
    sound = ffmpeg.input(file_url(path), **INPUT_LIMITS)[f"a:{choose_stream(path)}"]
    stream = sound.output(target, ar=SAMPLE_RATE, **options)
    stream = stream.global_args("-nostdin", "-hide_banner", "-loglevel", "error", "-max_error_rate", "1")
    return list(stream.compile(cmd=ffmpeg_program()))


def _check_whole(path: Path, run: Run, decoded_s: float, claims: Probe) -> None:
    """Raise ProgramError where the decoder gave less of the file than there is to decode.

    Damage and false headers look the same at first, so in doubt the file is decoded once more, and counted.
    """
    if not run.code and claims.duration > 0 and not is_short(decoded_s, claims.duration):
        return
    whole_s = measure(path)
    if is_short(decoded_s, whole_s) or is_short(whole_s, decoded_s) or (run.code and not run.talk):
        told = f"; {run.fault}" if run.code else ""
        raise ProgramError(path, f"only {decoded_s:.0f} s of its {whole_s:.0f} s were decoded{told}; run again")


def measure(path: str | Path) -> Seconds:
    """How long a file is, decoded and counted, whatever it says itself. Raises ProgramError where that fails."""
    path = check_readable(path)
    arguments = _arguments(path, "file:/dev/null", format="u8", acodec="pcm_u8", ac=1)
    with running([*arguments, "-nostats", "-progress", "pipe:1", "-y"]) as run:
        count = _count_samples(run)
    if run.killed:
        raise ProgramError(path, f"could not be decoded ({run.killed}); run again")
    return count / SAMPLE_RATE


def _count_samples(run: Run) -> int:
    """Samples that were written, one byte each, from what ``-progress`` says."""
    assert run.process.stdout is not None
    count = 0
    for line in run.process.stdout:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if name == "total_size" and (now := whole_number(value) or 0) > count:
            count = now
            run.moved()
    return count


def hash_recording(path: str | Path) -> str:
    """The SHA-256 of a recording's bytes, in hexadecimal. Raises AudioError when it cannot be read."""
    return hash_file(check_readable(path))


def _read_wav_header(run: Run) -> int:
    """The number of channels, with the pipe left at the first sample; 0 where no sound follows."""
    if len(run.read(12)) < 12:
        return 0
    channels = 0
    while len(head := run.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            return channels
        body = run.read(size + size % 2)
        if name == b"fmt ":
            channels = int(struct.unpack_from("<H", body, 2)[0])
    return 0


def _read_samples(path: Path, run: Run, channels: int, expected_s: float, progress: Progress) -> np.ndarray:
    mixdown = Mixdown(channels)
    kept = np.empty(0, dtype=np.float32)
    size = 0
    while data := run.read(BLOCK_S * SAMPLE_RATE * channels * 4):
        whole = len(data) // (4 * channels) * 4 * channels
        mono = mixdown.mix(np.frombuffer(data[:whole], dtype="<f4").reshape(-1, channels))
        if size + len(mono) > len(kept):
            grown = max(size + len(mono), len(kept) * 5 // 4)
            _check_room(path, size / SAMPLE_RATE, (grown - len(kept)) * kept.itemsize)
            kept.resize(grown, refcheck=False)  # grows in place, never copied twice
        kept[size : size + len(mono)] = mono
        size += len(mono)
        if expected_s > 0:
            progress(min(0.99, size / SAMPLE_RATE / expected_s))
    kept.resize(size, refcheck=False)
    return kept


def _check_room(path: Path, decoded_s: float, more_bytes: int) -> None:
    """Refuse what does not fit before the system ends the program for it; only sound that is there counts."""
    if decoded_s > LONGEST_S:
        raise AudioError(path, f"is over {LONGEST_S / 3600:.0f} hours long; cut it into parts")
    free = free_memory()
    if free and more_bytes > MOST_OF_FREE * free:
        raise AudioError(
            path,
            f"does not fit into memory: {free / 1e9:.1f} GB are left after {clock(round(decoded_s))} of it; "
            "close other programs, run fewer --jobs, or cut it into parts",
        )


def _report_losses(decoded_s: float, claims: Probe, run: Run, warn: Callable[[str], None]) -> None:
    lost_s = claims.duration - decoded_s
    errors = [line for line in run.talk if not HARMLESS.search(line)]
    told = f"{'1 error' if len(errors) == 1 else f'{len(errors)} errors, the first'}: {_first_error(errors)}"
    if not claims.guessed and lost_s > max(LOST_S, LOST_SHARE * claims.duration):
        cause = "probably truncated" if len(errors) <= ERRORS_AT_AN_END else f"damaged or truncated ({told})"
        warn(
            f"the file says it lasts {clock(round(claims.duration))} but only {clock(round(decoded_s))} can be "
            f"decoded: {clock(round(lost_s))} are missing, so the file is {cause}"
        )
    elif errors:
        warn(f"parts of the file are damaged ({told})")


def _first_error(talk: Sequence[str]) -> str:
    first = talk[0] if talk else "nothing could be decoded"
    return f"cannot be decoded ({first.split('] ', 1)[-1].strip()})"
