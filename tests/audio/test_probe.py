"""What a file says about itself."""

import subprocess

import pytest

from audio.decode import decode
from audio.ffmpeg import ffmpeg_program
from audio.listening.streams import count_streams
from audio.probe import probe
from pipeline.errors import AudioError
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
    subprocess.run([*command, "-map", "0:a", "-c:a", "flac", "-map_chapters", "1", str(target)], check=True)
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


def test_a_cover_is_seen_and_is_no_sound(tmp_path, monkeypatch):
    source = write_wav(tmp_path / "x.wav", tone(1.0))
    cover = convert(source, tmp_path / "c.png", "-filter_complex", "color=red:s=64x64", "-frames:v", "1", "-an")
    mp3 = convert(
        source, tmp_path / "x.mp3", "-i", str(cover), "-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic"
    )
    assert probe(mp3).has_cover
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AudioError, match=r"^c\.png: is not an audio file"):  # by the name that was given
        probe("c.png")


def test_a_film_without_sound_is_told(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(1.0))
    film = convert(source, tmp_path / "x.mkv", "-filter_complex", "color=red:s=64x64:d=1", "-an", "-c:v", "mpeg4")
    with pytest.raises(AudioError, match="has no audio stream"):
        probe(film)


def test_a_name_that_looks_like_ffmpegs_talk_says_nothing_of_the_sound(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(2.0))
    talk = "\n  Duration: 01:00:00.00, start: 9.0\n  Stream #0:0: Audio: opus, 8000 Hz, 7.1, 9 kb-s\n.wav"
    for name in (talk, "\udcff\udcfe.wav", "-i.wav", "concat:x|y.wav"):
        found = probe(source.rename(tmp_path / name))
        assert (found.duration, found.codec, found.streams) == (2.0, "pcm_s16le", 1)
        source = tmp_path / name


def test_a_wav_of_which_a_part_is_there_is_told(tmp_path):
    source = write_wav(tmp_path / "x.wav", tone(4.0))
    data, said = source.read_bytes(), []
    source.write_bytes(data[: len(data) // 2])
    assert probe(source).duration == 4.0 and decode(source, warn=said.append).duration == pytest.approx(2.0, abs=0.01)
    assert "probably truncated" in said[0]
    for unknown in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"):  # written to a pipe
        source.write_bytes(data[:40] + unknown + data[44:])
        assert probe(source).duration == pytest.approx(4.0, abs=0.01)


def test_a_file_damaged_in_its_middle_is_not_called_truncated_alone(tmp_path):
    path = convert(write_wav(tmp_path / "x.wav", tone(12.0)), tmp_path / "x.mp3")
    data, said = path.read_bytes(), []
    third = len(data) // 3
    path.write_bytes(data[:third] + bytes(range(256)) * (third // 256) + data[-third:])
    decode(path, warn=said.append)
    assert "damaged or truncated" in said[0] and "errors, the first" in said[0]


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


@pytest.mark.parametrize("ending", ["mp3", "m4a", "ogg", "mkv"])
def test_a_tag_that_looks_like_ffmpegs_talk_says_nothing_of_the_sound(tmp_path, ending):
    source = write_wav(tmp_path / "x.wav", tone(2.0))
    tags = ("Stream #0:7(englishenglish)=Audio: pcm, 8000 Hz, 7.1", "title=Estimating duration from bitrate")
    tags += (
        "comment=T\n[mp3 @ 0x1] moov atom not found\n  Duration: 09:00:00.00, start: 0.0\nStream #0:8: Audio: pcm",
    )
    found = probe(convert(source, tmp_path / f"x.{ending}", *(word for tag in tags for word in ("-metadata", tag))))
    assert (found.streams, found.channels, found.guessed) == (1, 1, False)
    assert found.duration == pytest.approx(2.0, abs=0.2) and count_streams(tmp_path / f"x.{ending}") == 1
