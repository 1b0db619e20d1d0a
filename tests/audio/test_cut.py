"""Cuts where the list says, to the sample, in every format; and nothing half-written."""

import errno
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from mutagen import MutagenError
from mutagen.id3 import ID3

from audio.cut import FADE_MS, cut_audio
from audio.decode import decode
from audio.ffmpeg import ffmpeg_program
from audio.loudness import parse_measurement
from audio.probe import probe
from pipeline.errors import AudioError, ProgramError, StoreError
from pipeline.result import Chapter
from pipeline.timeline import CutList, Span
from tests.audio.made import convert, level, peak_hertz, tone, write_wav
from tests.paths import SEED

RATE = 44_100
SHOW, AD = 440.0, 2000.0
ADS = (Span(3.0, 5.0), Span(8.0, 9.5))
CUTS = CutList.of(ADS, duration=12.0)


def episode(rate=RATE):
    """Twelve seconds of show with two ads that sound an octave and more above it."""
    samples = tone(12.0, SHOW, rate=rate)
    for ad in ADS:
        first, last = round(ad.start * rate), round(ad.end * rate)
        samples[first:last] = tone(ad.duration, AD, rate=rate)
    return samples


def share_of(samples, hertz, rate=16_000):
    """How much of the power lies within 50 Hz of a frequency."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / rate) - hertz) < 50
    return float(power[near].sum() / power.sum())


def raw(path, rate):
    """Full-rate mono samples."""
    command = [ffmpeg_program(), "-nostdin", "-loglevel", "error", "-i", str(path)]
    done = subprocess.run([*command, "-ac", "1", "-ar", str(rate), "-f", "f32le", "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<f4")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_wav(tmp_path_factory.mktemp("cut") / "episode.wav", episode(), RATE)


@pytest.mark.parametrize(
    ("ending", "written"),
    [("mp3", "mp3"), ("m4a", "m4a"), ("opus", "mp3"), ("flac", "mp3"), ("wav", "mp3"), ("ogg", "mp3")],
)
def test_the_ads_are_gone_and_nothing_else(source, tmp_path, ending, written):
    compressed = convert(source, tmp_path / f"in.{ending}")
    found = probe(compressed)
    target = tmp_path / f"clean.{written}"
    cut_audio(compressed, CUTS, target)
    clean = decode(target)
    assert clean.duration == pytest.approx(CUTS.clean_duration, abs=0.05)
    assert share_of(clean.samples, SHOW) > 0.95
    assert share_of(clean.samples, AD) < 1e-4
    assert level(clean.samples[8_000:16_000]) == pytest.approx(level(tone(0.5, SHOW)), rel=0.1)
    assert (probe(target).sample_rate, probe(target).channels) == (found.sample_rate, found.channels)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({compressed.name, target.name})


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_no_click_at_a_seam(source, tmp_path, ending):
    target = tmp_path / f"clean.{ending}"
    cut_audio(source, CUTS, target)
    clean = raw(target, RATE)
    steepest = np.abs(np.diff(tone(1.0, SHOW, rate=RATE))).max()
    for seam in (3.0, 6.0):
        near = clean[round((seam - 0.05) * RATE) : round((seam + 0.05) * RATE)]
        assert np.abs(np.diff(near)).max() < 1.5 * steepest
        middle = clean[round((seam - 0.002) * RATE) : round((seam + 0.002) * RATE)]
        assert level(middle) < 0.3 * level(tone(1.0, SHOW))  # faded, not spliced


def test_a_sound_after_a_cut_plays_where_the_clean_clock_says(tmp_path):
    samples = episode(16_000)
    samples[160_000:160_080] = 0.9  # a mark at 10.0 s
    target = tmp_path / "clean.mp3"
    cut_audio(write_wav(tmp_path / "in.wav", samples), CUTS, target)
    loudest = float(np.argmax(np.abs(decode(target).samples))) / 16_000
    assert loudest == pytest.approx(CUTS.to_clean(10.0), abs=0.01)


@pytest.mark.parametrize(
    "removed",
    [[], [Span(0.0, 2.0)], [Span(11.0, 12.0)], [Span(0.0, 3.0), Span(9.0, 12.0)], [Span(1.0, 1.001)]],
    ids=["none", "at the start", "at the end", "both ends", "a millisecond"],
)
def test_cuts_at_the_edges(source, tmp_path, removed):
    cuts = CutList.of(removed, duration=12.0)
    cut_audio(source, cuts, tmp_path / "clean.mp3")
    assert decode(tmp_path / "clean.mp3").duration == pytest.approx(cuts.clean_duration, abs=0.05)


def test_an_episode_stitched_from_files_of_different_kinds(tmp_path):
    """Ads put in at download time may come at another rate and with other channels than the show."""
    parts = []
    for hertz, rate, channels in ((440.0, 44_100, 2), (1000.0, 22_050, 1), (1500.0, 48_000, 2)):
        part = write_wav(tmp_path / "part.wav", tone(5.0, hertz, rate=rate), rate)
        parts.append(convert(part, tmp_path / "part.mp3", "-ac", str(channels)).read_bytes())
    (tmp_path / "in.mp3").write_bytes(b"".join(parts))
    heard = decode(tmp_path / "in.mp3")
    cuts = CutList.of([Span(1.0, 3.0), Span(6.0, 8.0)], duration=heard.duration)
    cut_audio(tmp_path / "in.mp3", cuts, tmp_path / "clean.mp3")
    clean = decode(tmp_path / "clean.mp3")
    assert clean.duration == pytest.approx(cuts.clean_duration, abs=0.05)
    for time in (0.5, 4.5, 5.5, 9.0, 14.0):
        at, there = round(time * 16_000), round(cuts.to_clean(time) * 16_000)
        found = peak_hertz(clean.samples[there : there + 4_000])
        assert found == pytest.approx(peak_hertz(heard.samples[at : at + 4_000]), abs=5)


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_sound_that_starts_late_is_cut_where_the_networks_heard_it(tmp_path, ending):
    samples = tone(12.0, SHOW)
    samples[16_000 * 6 :] = tone(6.0, AD)
    wav = write_wav(tmp_path / "x.wav", samples)
    late = ["-itsoffset", "1.7", "-i", str(wav), "-map", "1:a", "-c:a", "aac"]
    source = convert(wav, tmp_path / f"in.{ending}", *late)
    heard = decode(source)
    change = _change(heard.samples)
    cuts = CutList.of([Span(1.0, 3.0)], duration=heard.duration)
    cut_audio(source, cuts, tmp_path / "clean.mp3")
    assert _change(decode(tmp_path / "clean.mp3").samples) == pytest.approx(cuts.to_clean(change), abs=0.01)


def _change(samples):
    """When the ad's tone begins, to the millisecond or so."""
    windows = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    crossings = (np.diff(np.signbit(windows), axis=1)).sum(axis=1)
    return float(np.argmax(crossings > 25)) / 100


def test_every_word_after_a_cut_of_the_seed_plays_where_the_clean_clock_says(tmp_path):
    """The waveform around each of some words, looked for in the clean file around its place on the clean clock."""
    start_s, length_s = 120.0, 110.0
    excerpt = tmp_path / "in.mp3"
    convert(SEED / "audio.mp3", excerpt, "-ss", str(start_s), "-t", str(length_s), "-c", "copy")
    heard = decode(excerpt)
    ads = [Span(a - start_s, b - start_s) for a, b in json.loads((SEED / "ads.json").read_text("utf-8"))["ads"]]
    cuts = CutList.of(ads, duration=heard.duration)
    assert 40 < heard.duration - cuts.clean_duration < 80
    cut_audio(excerpt, cuts, tmp_path / "clean.mp3")
    clean = decode(tmp_path / "clean.mp3")
    words = json.loads((SEED / "words.json").read_text("utf-8"))["words"]
    kept = [Span(a - start_s, b - start_s) for a, b, _ in words if start_s + 1 < a and b < start_s + length_s - 1]
    kept = [word for word in kept if not any(word.overlap(ad) for ad in ads) and word.duration > 0.2]
    assert len(kept) > 40
    lags = []
    for word in kept[::4]:
        piece = heard.slice(word).samples
        around = clean.slice(Span(cuts.to_clean(word.start) - 0.2, cuts.to_clean(word.end) + 0.2)).samples
        likeness = np.correlate(around, piece, "valid")
        likeness /= np.sqrt(np.convolve(around**2, np.ones(len(piece)), "valid")) + 1e-6
        lags.append(float(np.argmax(likeness)) / 16_000 - 0.2)
    assert np.abs(lags).max() < 0.005


def test_a_full_disk_is_told_and_leaves_nothing(source, tmp_path):
    code = (
        "import resource, sys; from audio.cut import cut_audio; from pipeline.timeline import CutList\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "cut_audio(sys.argv[1], CutList.of([], duration=12.0), sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(source), str(tmp_path / "clean.mp3")], capture_output=True, text=True
    )
    assert "ProgramError" in done.stderr
    assert "clean.mp3: could not be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_many_cuts(source, tmp_path):
    cuts = CutList.of([Span(at / 10, at / 10 + 0.05) for at in range(120)], duration=12.0)
    cut_audio(source, cuts, tmp_path / "clean.mp3")
    assert decode(tmp_path / "clean.mp3").duration == pytest.approx(6.0, abs=0.05)


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_tags_cover_and_chapters(source, tmp_path, ending):
    cover = convert(source, tmp_path / "c.png", "-filter_complex", "color=red:s=64x64", "-frames:v", "1", "-an")
    told = ["-metadata", "title=Émile = 1; #2", "-metadata", "artist=The Host", "-metadata", "album=The Show"]
    pictured = ["-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic"]
    full = convert(source, tmp_path / f"in.{ending}", "-i", str(cover), *pictured, *told)
    chapters = (Chapter(0.0, 2.5, "Start"), Chapter(2.5, 8.5, "R; #D = fun"), Chapter(99.0, 100.0, "beyond"))
    target = tmp_path / f"clean.{ending}"
    cut_audio(full, CUTS, target, chapters=chapters, tags={"comment": "ads removed"})
    found = probe(target)
    assert found.has_cover
    assert found.tags["title"] == "Émile = 1; #2"
    assert (found.tags["artist"], found.tags["album"], found.tags["comment"]) == ("The Host", "The Show", "ads removed")
    assert [chapter.title for chapter in found.chapters] == ["Start", "R; #D = fun"]
    assert found.chapters[1].start == pytest.approx(2.5, abs=0.08)
    assert decode(target).duration == pytest.approx(CUTS.clean_duration, abs=0.05)


def test_comment_and_lyrics_stay_where_players_look_for_them(source, tmp_path):
    from mutagen.id3 import COMM, ID3, TXXX, USLT

    tags = ID3()
    tags.add(COMM(encoding=3, lang="deu", desc="", text=["Über\nStürme"]))
    tags.add(USLT(encoding=3, lang="deu", desc="", text="Zeile 1\nZeile 2"))
    tags.add(TXXX(encoding=3, desc="mood", text=["calm"]))
    mp3 = convert(source, tmp_path / "in.mp3")
    tags.save(mp3)
    cut_audio(mp3, CUTS, tmp_path / "clean.mp3", chapters=(Chapter(0.0, 2.5, "Start"),))
    kept = ID3(tmp_path / "clean.mp3")
    for kind in ("COMM", "USLT"):
        assert [str(frame) for frame in kept.getall(kind)] == [str(frame) for frame in tags.getall(kind)]
    assert [frame.desc for frame in kept.getall("TXXX")] == ["mood"] and len(kept.getall("CHAP")) == 1
    before, after = (probe(file).tags for file in (mp3, tmp_path / "clean.mp3"))
    assert {name: after[name] for name in before} == before


def test_tags_that_find_no_room_are_said_and_leave_nothing(source, tmp_path, monkeypatch) -> None:
    def full(*_args, **_options) -> None:
        raise MutagenError from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ID3, "save", full)
    with pytest.raises(StoreError, match=r"clean\.mp3: cannot be written \(No space left"):
        cut_audio(source, CUTS, tmp_path / "clean.mp3", chapters=(Chapter(0.0, 2.5, "Start"),))
    assert not list(tmp_path.glob("*clean*"))


def test_id3_chapters_say_what_players_need(source, tmp_path):
    from mutagen.id3 import ID3

    target = tmp_path / "clean.mp3"
    cut_audio(
        source, CUTS, target, chapters=(Chapter(0.0, 2.5, "Start", "https://example.org"), Chapter(2.5, 8.5, "On"))
    )
    tags = ID3(target)
    assert tags["CTOC:toc"].child_element_ids == ["chp0", "chp1"]
    assert (tags["CHAP:chp1"].start_time, tags["CHAP:chp1"].end_time) == (2500, 8500)
    assert tags["CHAP:chp0"].sub_frames["WXXX:chapter url"].url == "https://example.org"


def test_id3_chapters_stand_in_the_file_in_the_order_of_time(source, tmp_path):
    titles = ["A title that is the longest of all of them", "B", "Third, and of middling length"]
    chapters = [Chapter(2.0 * place, 2.0 * place + 2.0, title) for place, title in enumerate(titles)]
    cut_audio(source, CUTS, tmp_path / "clean.mp3", chapters=chapters[::-1])
    data = (tmp_path / "clean.mp3").read_bytes()
    places = [data.index(title.encode("utf-16-le")) for title in titles]
    assert places == sorted(places)
    assert [chapter.title for chapter in probe(tmp_path / "clean.mp3").chapters] == titles


@pytest.mark.parametrize("picture", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/webp"])
def test_a_broken_cover_is_no_reason_to_publish_nothing(source, tmp_path, picture, kind):
    from mutagen.id3 import APIC, ID3

    mp3 = convert(source, tmp_path / "in.mp3")
    tags = ID3(mp3)
    tags.add(APIC(encoding=0, mime=kind, type=3, desc="", data=picture))
    tags.save(mp3)
    told = []
    decode(mp3, warn=told.append)
    assert told == [], "a picture is none of the sound"
    for ending in ("mp3", "m4a"):
        cut_audio(mp3, CUTS, tmp_path / f"clean.{ending}")
        assert decode(tmp_path / f"clean.{ending}").duration == pytest.approx(CUTS.clean_duration, abs=0.05)


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_source_without_a_cover_gets_the_one_that_is_given(source, tmp_path, ending, kind):
    red, blue = (
        convert(source, tmp_path / f"{colour}.{kind}", "-filter_complex", f"color={colour}:s=64x64", "-frames:v", "1")
        for colour in ("red", "blue")
    )
    chapters = (Chapter(0.0, 2.5, "The first of them, at length"), Chapter(2.5, 8.5, "On"))
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    cut_audio(source, CUTS, first, chapters=chapters, cover=red)
    assert probe(first).has_cover and pictures(first) == [red.read_bytes()]
    assert [chapter.title for chapter in probe(first).chapters] == [chapter.title for chapter in chapters]
    assert decode(first).duration == pytest.approx(CUTS.clean_duration, abs=0.05)
    cut_audio(first, CutList.of([], duration=CUTS.clean_duration), second, cover=blue)
    assert pictures(second) == [red.read_bytes()], "its own stays"


def pictures(path):
    from mutagen import File

    tags = File(path).tags
    return [frame.data for frame in tags.getall("APIC")] if path.suffix == ".mp3" else [bytes(c) for c in tags["covr"]]


def test_chapters_without_a_cover_in_m4a(source, tmp_path):
    cut_audio(source, CUTS, tmp_path / "clean.m4a", chapters=(Chapter(0.0, 4.0, "One"), Chapter(4.0, 8.5, "Two")))
    found = probe(tmp_path / "clean.m4a")
    assert [(c.start, c.title) for c in found.chapters] == [(0.0, "One"), (4.0, "Two")]
    assert not found.has_cover


def test_the_bit_rate_of_the_source_is_kept(source, tmp_path):
    stereo = convert(source, tmp_path / "in.mp3", "-b:a", "96k", "-ac", "2", "-ar", "22050")
    cut_audio(stereo, CUTS, tmp_path / "clean.mp3")
    found = probe(tmp_path / "clean.mp3")
    assert (found.bit_rate, found.channels, found.sample_rate) == (96_000, 2, 22_050)


@pytest.mark.parametrize("volume", [0.01, 0.9])
def test_loudness_is_set_when_asked(tmp_path, volume):
    noise = np.random.default_rng(3).standard_normal(12 * 16_000).astype(np.float32) * 0.1 * volume
    cut_audio(write_wav(tmp_path / "in.wav", noise), CUTS, tmp_path / "clean.mp3", loudness=-16.0)
    assert measured_lufs(tmp_path / "clean.mp3") == pytest.approx(-16.0, abs=1.0)
    assert probe(tmp_path / "clean.mp3").sample_rate == 16_000
    assert decode(tmp_path / "clean.mp3").duration == pytest.approx(8.5, abs=0.05)


def test_silence_stays_silence(tmp_path):
    cut_audio(write_wav(tmp_path / "in.wav", tone(12.0, level=0.0)), CUTS, tmp_path / "clean.mp3", loudness=-16.0)
    assert level(decode(tmp_path / "clean.mp3").samples) < 1e-4


def measured_lufs(path):
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-i", str(path)]
    done = subprocess.run(
        [*command, "-af", "loudnorm=print_format=json", "-f", "null", "-"], capture_output=True, check=True
    )
    return parse_measurement(done.stderr.decode().splitlines())["measured_I"]


def test_progress_ends_at_one_and_never_falls(source, tmp_path):
    for loudness in (None, -16.0):
        seen = []
        cut_audio(source, CUTS, tmp_path / "clean.mp3", loudness=loudness, progress=seen.append)
        assert seen[-1] == 1.0
        assert seen == sorted(seen)


def test_what_cannot_be_done_is_told_and_leaves_nothing(source, tmp_path):
    everything = CutList.of([Span(0.0, 12.0)], duration=12.0)
    with pytest.raises(AudioError, match="everything in it would be cut"):
        cut_audio(source, everything, tmp_path / "a.mp3")
    with pytest.raises(AudioError, match=r"\.mp3 or \.m4a"):
        cut_audio(source, CUTS, tmp_path / "a.wma")
    with pytest.raises(ProgramError, match=r"a\.mp3: could not be written"):
        cut_audio(source, CUTS, tmp_path / "none" / "a.mp3")
    with pytest.raises(AudioError, match="outside -70 to -5"):
        cut_audio(source, CUTS, tmp_path / "a.mp3", loudness=3.0)
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stands_until_the_new_one_is_whole(source, tmp_path):
    target = tmp_path / "clean.mp3"
    target.write_bytes(b"old")

    def interrupted(_share):
        assert target.read_bytes() == b"old"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_audio(source, CUTS, target, progress=interrupted)
    assert [path.name for path in tmp_path.iterdir()] == ["clean.mp3"]
    assert target.read_bytes() == b"old"


def test_a_fade_is_shorter_than_a_syllable():
    assert FADE_MS < 50
    assert peak_hertz(tone(1.0, SHOW)) == SHOW
