"""What a file says about itself."""

import subprocess

import pytest

from audio.decode import decode
from audio.ffmpeg import ffmpeg_program
from audio.probe import Probe, _parse_banner, _parse_metadata, probe
from pipeline.errors import AudioError
from pipeline.formats.records.chapters_json import Mark
from tests.audio.made import convert, tone, write_wav

TAGS = ["-metadata", "title=A = B; #1\\2\\", "-metadata", "artist=Zoë", "-metadata", "album=The Show"]


@pytest.mark.parametrize(
    ("ending", "codec"), [("mp3", "mp3"), ("m4a", "aac"), ("opus", "opus"), ("ogg", "vorbis"), ("flac", "flac")]
)
def test_rate_channels_codec_and_tags(tmp_path, ending, codec):
    source = write_wav(tmp_path / "x.wav", tone(2.0, rate=48_000), 48_000)
    found = probe(convert(source, tmp_path / f"x.{ending}", "-ac", "2", *TAGS))
    assert (found.codec, found.sample_rate, found.channels) == (codec, 48_000, 2)
    assert found.duration == pytest.approx(2.0, abs=0.1)
    assert found.bit_rate > 0
    assert (found.tags["title"], found.tags["artist"], found.tags["album"]) == ("A = B; #1\\2\\", "Zoë", "The Show")
    assert not found.has_cover


@pytest.mark.parametrize(("first", "second"), [(0, 1500), (3500, 5000)], ids=["from the sound", "from the clock"])
def test_chapters_of_a_sound_that_starts_late(tmp_path, first, second):
    meta, source, target = tmp_path / "meta", write_wav(tmp_path / "x.wav", tone(2.0)), tmp_path / "x.mka"
    marks = (
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={a}\nEND={b}\ntitle=T\n"
        for a, b in ((first, second), (second, first + 2000))
    )
    meta.write_text(";FFMETADATA1\n" + "".join(marks))
    command = [
        ffmpeg_program(),
        "-nostdin",
        "-loglevel",
        "error",
        "-itsoffset",
        "3.5",
        "-i",
        str(source),
        "-i",
        str(meta),
    ]
    subprocess.run([*command, "-map", "0:a", "-map_chapters", "1", str(target)], check=True)
    assert [(c.start, round(c.end, 1)) for c in probe(target).chapters] == [(0.0, 1.5), (1.5, 2.0)]


@pytest.mark.parametrize("ending", ["mp3", "m4a", "mkv"])
def test_chapters(tmp_path, ending):
    meta = tmp_path / "meta"
    meta.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=Intro\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=2000\ntitle=Q\\=A\n"
    )
    source = write_wav(tmp_path / "x.wav", tone(2.0))
    found = probe(convert(source, tmp_path / f"x.{ending}", "-i", str(meta), "-map_metadata", "1"))
    assert [c.title for c in found.chapters] == ["Intro", "Q=A"]
    assert found.chapters[1].start == pytest.approx(1.5, abs=0.08)  # mp3: less the encoder's delay


def test_a_cover_is_seen_and_is_no_sound(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(1.0))
    cover = convert(source, tmp_path / "c.png", "-filter_complex", "color=red:s=64x64", "-frames:v", "1", "-an")
    mp3 = convert(
        source, tmp_path / "x.mp3", "-i", str(cover), "-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic"
    )
    assert probe(mp3).has_cover
    with pytest.raises(AudioError, match="is not an audio file"):
        probe(cover)


def test_a_film_without_sound_is_told(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(1.0))
    film = convert(source, tmp_path / "x.mkv", "-filter_complex", "color=red:s=64x64:d=1", "-an", "-c:v", "mpeg4")
    with pytest.raises(AudioError, match="has no audio stream"):
        probe(film)


def test_the_banner_of_an_old_ffmpeg():
    banner = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/x.m4a':
  Duration: 01:02:03.50, start: 0.000000, bitrate: 133 kb/s
    Stream #0:0(eng): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, 5.1(side), fltp, 128 kb/s (default)
    Stream #0:1: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg), 600x600 [SAR 72:72 DAR 1:1], 90k tbr (attached pic)
"""
    assert _parse_banner(banner, {}) == Probe(
        3723.5, 44_100, 6, "aac", 128_000, "mov,mp4,m4a,3gp,3g2,mj2", has_cover=True, language="eng"
    )


def test_absurd_chapters_are_passed_over():
    text = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/0\nSTART=0\nEND=1\n[CHAPTER]\nSTART=9\nEND=3\n[CHAPTER]\nSTART=x\n"
    assert _parse_metadata(text) == ({}, (Mark(9 * 0.001, "", None),))


def test_chapters_without_an_end_last_until_the_next(tmp_path):
    from mutagen.id3 import CHAP, ID3, TIT2

    path = convert(write_wav(tmp_path / "x.wav", tone(12.0)), tmp_path / "x.mp3")
    tags = ID3()
    for number, (start, end) in enumerate([(8000, 0), (0, 0), (4000, 0xFFFFFFFF), (4500, 5000)]):
        frame = {"element_id": f"c{number}", "start_time": start, "end_time": end}
        tags.add(CHAP(**frame, sub_frames=[TIT2(encoding=3, text=[f"at {start}"])]))
    tags.save(path)
    found = probe(path)
    assert [(c.start, c.title) for c in found.chapters] == [
        (0.0, "at 0"),
        (4.0, "at 4000"),
        (4.5, "at 4500"),
        (8.0, "at 8000"),
    ]
    assert [round(c.end) for c in found.chapters] == [4, 4, 5, 12]
    said = []
    decode(path, warn=said.append)
    assert said == []


def test_a_file_whose_sound_begins_late_is_whole(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(4.0))
    late = convert(source, tmp_path / "x.mkv", "-af", "asetpts=PTS+3.5/TB", "-copyts")
    said = []
    assert decode(late, warn=said.append).duration == pytest.approx(4.0, abs=0.1)
    assert probe(late).duration == pytest.approx(4.0, abs=0.1)
    assert said == []


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_tags_and_chapters_of_any_length_hide_nothing(tmp_path, ending):
    chapters = "".join(f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={n}\nEND={n + 1}\ntitle=No {n}\n" for n in range(300))
    lyrics = "\\\n".join(f"  Stream #0:9: Video: line {n}" for n in range(1000))
    (tmp_path / "meta").write_text(f";FFMETADATA1\ntitle=T\ncomment={lyrics}\n{chapters}")
    source = write_wav(tmp_path / "x.wav", tone(2.0))
    options = ("-i", str(tmp_path / "meta"), "-map_metadata", "1", "-ac", "2", "-ar", "44100")
    found = probe(convert(source, tmp_path / f"x.{ending}", *options))
    assert (found.sample_rate, found.channels, found.tags["title"]) == (44_100, 2, "T")
    assert len(found.chapters) == (255 if ending == "mp3" else 300) or len(found.chapters) > 200
    assert found.duration == pytest.approx(2.0, abs=0.1) and not found.has_cover
