"""Sound files made by accident or by an enemy: a waveform, or one clear error, soon; and nothing else is touched."""

import http.server
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from audio.cut import cut_audio
from audio.decode import SAMPLE_RATE, decode
from audio.ffmpeg import MEMORY_BYTES, STDERR_LINES_KEPT, ffmpeg_program, run_quietly, running
from audio.probe import probe
from pipeline.errors import AudioError
from pipeline.result import Chapter
from pipeline.timeline import CutList, Span
from tests.audio.made import convert, level, tone, write_wav

LOSSY_SECONDS = 4.0


def wav_bytes(samples, *, rate=16_000, channels=1, claimed=None, kind=1, bits=16):
    """A WAV file by hand, so that its header can lie."""
    body = samples.tobytes()
    claimed = len(body) if claimed is None else claimed
    block = channels * bits // 8
    head = struct.pack("<4sI4s4sI", b"RIFF", (claimed + 36) & 0xFFFFFFFF, b"WAVE", b"fmt ", 16)
    head += struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, bits)
    return head + struct.pack("<4sI", b"data", claimed) + body


def pcm(samples):
    return (np.clip(samples, -1, 1) * 32767).astype("<i2")


def assert_sound(wave):
    assert wave.sample_rate == SAMPLE_RATE
    assert wave.samples.ndim == 1
    assert wave.samples.dtype == np.float32
    assert np.isfinite(wave.samples).all()
    assert np.abs(wave.samples).max(initial=0) <= 1.0


@pytest.mark.parametrize(
    "samples",
    [
        tone(1 / 16_000),
        tone(0.01),
        np.zeros(16_000),
        np.random.default_rng(1).uniform(-1, 1, 16_000),
        np.sign(tone(1.0)),
        np.full(16_000, 0.9),
    ],
    ids=["one sample", "10 ms", "silence", "noise", "clipped", "direct current"],
)
def test_odd_sounds_are_sounds(tmp_path, samples):
    (tmp_path / "x.wav").write_bytes(wav_bytes(pcm(samples)))
    wave = decode(tmp_path / "x.wav")
    assert_sound(wave)
    assert len(wave.samples) == len(samples)


def test_a_header_without_a_sample_is_an_error(tmp_path):
    (tmp_path / "x.wav").write_bytes(wav_bytes(pcm(np.zeros(0))))
    with pytest.raises(AudioError, match=r"x\.wav: "):
        decode(tmp_path / "x.wav")


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 96_000, 192_000])
def test_every_sample_rate(tmp_path, rate):
    (tmp_path / "x.wav").write_bytes(wav_bytes(pcm(tone(1.0, rate=rate)), rate=rate))
    wave = decode(tmp_path / "x.wav")
    assert wave.duration == pytest.approx(1.0, abs=0.01)
    assert level(wave.samples[2_000:14_000]) == pytest.approx(level(tone(1.0)), rel=0.05)


@pytest.mark.parametrize("channels", range(2, 9))
def test_any_number_of_channels_half_of_them_upside_down(tmp_path, channels):
    voice = tone(1.0)
    signs = np.where(np.arange(channels) % 2 == 0, 1.0, -1.0)
    (tmp_path / "x.wav").write_bytes(wav_bytes(pcm(voice[:, None] * signs), channels=channels))
    wave = decode(tmp_path / "x.wav")
    assert_sound(wave)
    assert level(wave.samples) == pytest.approx(level(voice), rel=0.05)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e38])
def test_absurd_floats(tmp_path, bad):
    samples = tone(1.0).astype("<f4")
    samples[4_000:4_100] = bad
    (tmp_path / "x.wav").write_bytes(wav_bytes(samples, kind=3, bits=32))
    wave = decode(tmp_path / "x.wav")
    assert_sound(wave)
    assert level(wave.samples[8_000:]) == pytest.approx(level(tone(1.0)), rel=0.05)


def test_a_header_that_claims_a_hundred_hours(tmp_path):
    (tmp_path / "x.wav").write_bytes(wav_bytes(pcm(tone(2.0)), rate=8_000, claimed=4_294_967_000))
    told = []
    wave = decode(tmp_path / "x.wav", warn=told.append)
    assert wave.duration == pytest.approx(4.0, abs=0.01)
    assert all("4" in text for text in told)  # ffmpeg itself may know better than the header


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same four seconds in every format."""
    folder = tmp_path_factory.mktemp("whole")
    source = write_wav(folder / "x.wav", tone(LOSSY_SECONDS))
    return {e: convert(source, folder / f"x.{e}").read_bytes() for e in ("mp3", "m4a", "ogg", "flac")}


@pytest.mark.parametrize("ending", ["mp3", "m4a", "ogg", "flac"])
@pytest.mark.parametrize("damage", ["cut off", "flipped"])
@pytest.mark.parametrize("places", [6, pytest.param(200, marks=pytest.mark.slow)])
def test_damage_anywhere_gives_sound_or_one_sentence(whole, tmp_path, ending, damage, places):
    random = np.random.default_rng(hash_of(ending, damage))
    path = tmp_path / f"x.{ending}"
    heard = 0
    for place in random.integers(0, len(whole[ending]), places):
        data = bytearray(whole[ending])
        if damage == "cut off":
            del data[place:]
        else:
            data[place] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        try:
            wave = decode(path)
        except AudioError as error:
            assert "\n" not in str(error)
        else:
            assert_sound(wave)
            assert wave.duration < 2 * LOSSY_SECONDS
            heard += 1
    assert heard > 0 or (ending, damage) == ("m4a", "cut off")  # its table of contents stands at the end


def hash_of(*parts):
    return list("/".join(parts).encode())


@pytest.mark.parametrize("quality", ["0", "9"])
def test_variable_bit_rate_without_a_table_says_nothing_false(tmp_path, quality):
    silence_then_noise = np.concatenate([np.zeros(80_000), np.random.default_rng(2).uniform(-0.5, 0.5, 80_000)])
    source = write_wav(tmp_path / "x.wav", silence_then_noise)
    told = []
    vbr = convert(source, tmp_path / "x.mp3", "-q:a", quality, "-write_xing", "0")
    assert decode(vbr, warn=told.append).duration == pytest.approx(10.0, abs=0.2)
    assert told == []


def test_the_sound_of_a_film(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(2.0))
    picture = ["-filter_complex", "color=red:s=64x64:d=2", "-c:v", "mpeg4", "-c:a", "aac"]
    film = convert(source, tmp_path / "x.mp4", *picture)
    wave = decode(film)
    assert wave.duration == pytest.approx(2.0, abs=0.1)
    assert level(wave.samples[4_000:28_000]) == pytest.approx(level(tone(1.0)), rel=0.1)
    cut_audio(film, CutList.of([Span(0.5, 1.0)], duration=2.0), tmp_path / "clean.m4a")
    a_frame_s = 1024 / SAMPLE_RATE  # ffmpeg before 6 keeps what pads the last one
    assert decode(tmp_path / "clean.m4a").duration == pytest.approx(wave.duration - 0.5, abs=a_frame_s)
    assert not probe(tmp_path / "clean.m4a").has_cover


def test_chapters_beyond_the_end_are_read_and_do_no_harm(tmp_path):
    (tmp_path / "meta").write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=1\nEND=360000\ntitle=Long\n")
    source = write_wav(tmp_path / "x.wav", tone(2.0))
    told = []
    path = convert(source, tmp_path / "x.mp3", "-i", str(tmp_path / "meta"), "-map_metadata", "1")
    assert decode(path, warn=told.append).duration == pytest.approx(2.0, abs=0.05)
    assert isinstance(probe(path).chapters[0], Chapter)
    assert told == []


class _Witness(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012

    def do_GET(self):
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def witness():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Witness)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _Witness.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}", _Witness.asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["x.m3u8", "x.mp3", "x.mp4", "x.ffconcat"])
@pytest.mark.parametrize(
    "script",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{secret}'\n",
        "ffconcat version 1.0\nfile '{url}/b.wav'\n",
        "ffconcat version 1.0\nfile secret.wav\n",
        "concat:{secret}|{secret}",
        "{url}/c.mp3\n",
    ],
    ids=[
        "playlist, file",
        "playlist, address",
        "script, file",
        "script, address",
        "script, file beside",
        "concat",
        "address",
    ],
)
def test_a_file_that_names_others_reaches_none(tmp_path, witness, script, name):
    url, asked = witness
    secret = write_wav(tmp_path / "secret.wav", tone(1.0))
    (tmp_path / name).write_text(script.format(secret=secret, url=url))
    with pytest.raises(AudioError, match=r"is not an audio file|is truncated before its index"):
        decode(tmp_path / name)
    assert asked == []


NAMES = ["-version", "a:b.wav", "http:x.wav", "concat:y.wav", "a b'\"$(touch z);.wav", "%03d.wav", "ü🎧.wav"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_nothing_but_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(wav_bytes(pcm(tone(1.0))))
    assert decode(Path(name)).duration == pytest.approx(1.0)
    cut_audio(Path(name), CutList.of([], duration=1.0), Path(f"{name}.mp3"))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, f"{name}.mp3"])


def test_a_run_that_stands_still_is_ended():
    command = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    with running(command, stall_s=0.5) as run:
        while run.read(1 << 10):
            pass
    assert run.stalled
    assert run.fault == "ffmpeg stopped responding and was ended"


def test_a_run_that_is_left_is_ended():
    command = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    with pytest.raises(KeyboardInterrupt), running(command) as run:
        raise KeyboardInterrupt
    assert run.process.poll() is not None


def test_a_talkative_run_is_not_kept_whole():
    code, _, talk = run_quietly([sys.executable, "-c", "import sys; [print(i, file=sys.stderr) for i in range(5000)]"])
    assert code == 0
    assert len(talk) == STDERR_LINES_KEPT
    assert (talk[0], talk[-1]) == ("0", "4999")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("hours", [0.5, pytest.param(10, marks=pytest.mark.slow)])
def test_hours_fit_into_memory_once(tmp_path, hours):
    long = tmp_path / "long.flac"
    command = [
        ffmpeg_program(),
        "-nostdin",
        "-loglevel",
        "error",
        "-f",
        "lavfi",
        "-i",
        f"sine=300:r=8000:d={hours * 3600}",
    ]
    subprocess.run([*command, "-ac", "2", "-compression_level", "0", str(long)], check=True)
    # Not getrusage: a child's peak there begins with its parent's, and pytest is large by now.
    code = (
        "import re, sys; from audio.decode import decode; wave = decode(sys.argv[1]);"
        "print(wave.duration, re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(long)], capture_output=True, text=True, check=True)
    duration, kilobytes = (float(part) for part in done.stdout.split())
    assert duration == pytest.approx(hours * 3600, abs=1)
    samples_kilobytes = hours * 3600 * SAMPLE_RATE * 4 / 1024
    assert kilobytes < 1.1 * samples_kilobytes + 100_000  # the second: Python, numpy and one block


def test_sound_that_does_not_fit_into_memory_is_refused_in_words(tmp_path, monkeypatch):
    path = write_wav(tmp_path / "x.wav", tone(30.0))
    monkeypatch.setattr("audio.decode.free_memory", lambda: 500_000)
    with pytest.raises(AudioError, match=r"x\.wav: does not fit into memory: .* cut it into parts"):
        decode(path)
    monkeypatch.setattr("audio.decode.free_memory", lambda: 0)  # a system that does not say
    assert decode(path).duration == pytest.approx(30.0)


def test_years_of_silence_in_a_small_file_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("audio.decode.LONGEST_S", 20.0)
    path = convert(write_wav(tmp_path / "x.wav", np.zeros(60 * 16_000)), tmp_path / "x.flac")
    with pytest.raises(AudioError, match="hours long; cut it into parts"):
        decode(path)


def test_memory_of_the_program_is_limited():
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    _, out, _ = run_quietly([sys.executable, "-c", code])
    assert int(out) == MEMORY_BYTES


def test_absurd_floats_are_cut_like_any_sound(tmp_path):
    samples = np.stack([tone(6.0), tone(6.0, 300.0)], axis=1).astype("<f4")
    for at, bad in ((20_000, np.nan), (50_000, -np.inf), (60_000, 1e38)):
        samples[at : at + 100, at // 20_000 % 2] = bad
    (tmp_path / "x.wav").write_bytes(wav_bytes(samples, kind=3, bits=32, channels=2))
    cut_audio(tmp_path / "x.wav", CutList.of([Span(1.0, 2.0)], duration=6.0), tmp_path / "x.mp3")
    wave = decode(tmp_path / "x.mp3")
    assert wave.duration == pytest.approx(5.0, abs=0.05)
    assert level(wave.samples[70_000:]) == pytest.approx(level(decode(tmp_path / "x.wav").samples[86_000:]), rel=0.1)
