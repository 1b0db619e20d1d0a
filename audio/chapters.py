"""Chapters, a cover and comments into a finished mp3 (ID3v2 CHAP, CTOC, APIC, COMM) or m4a (``chpl``, ``covr``).

ID3: "ID3v2 Chapter Frame Addendum" 1.0. Times are on the file's own clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from audio.ffmpeg import FORMATS, ffmpeg_program, file_url, run_quietly
from pipeline.children import fault_of, signal_of
from pipeline.errors import ProgramError
from pipeline.formats.records.chapters_json import Mark
from pipeline.result import Chapter

if TYPE_CHECKING:
    from mutagen.id3 import ID3

ID3_HEADER = FRAME_HEADER = 10  # bytes before the frames of a tag, and before the content of a frame
NOT_SAID = 0xFFFFFFFF  # milliseconds; what ID3 has where nothing is said
MOST_CHAPTERS = 255  # CTOC counts them in one byte
FRONT = 3  # the kind of picture, in ID3's list
PNG = b"\x89PNG"
LYRICS = "lyrics-"  # what libav calls a USLT frame, with its language behind
NO_LANGUAGE = "XXX"  # ID3v2.4: the language of a text is not known


def write_chapters(path: Path, chapters: Sequence[Chapter], *, duration: float) -> None:
    """Replace the chapters of ``path``; those beyond ``duration`` are cut to it or left out."""
    ordered = sorted(chapters, key=lambda chapter: chapter.start)
    inside = [Chapter(c.start, min(c.end, duration), c.title, c.url) for c in ordered if 0 <= c.start < duration]
    if path.suffix.lower() == ".mp3":
        _write_id3(path, inside[:MOST_CHAPTERS])
    else:
        _write_mp4(path, inside)


def add_cover(path: Path, cover: Path) -> None:
    """Add the picture, a JPEG or PNG, to a file that has none; its chapters stay in order."""
    data = cover.read_bytes()
    if path.suffix.lower() == ".mp3":
        _add_to_id3(path, data)
    else:
        _add_to_mp4(path, data)


def name_texts(path: Path) -> None:
    """Put the comment and the lyrics of an mp3 where players look for them: ffmpeg writes both as frames of its own."""
    from mutagen.id3 import COMM, ID3, USLT, Encoding

    tags = ID3(path)
    for frame in tags.getall("TXXX"):
        text = "\n".join(map(str, frame.text))
        if frame.desc == "comment":
            tags.add(COMM(encoding=Encoding.UTF16, lang=NO_LANGUAGE, desc="", text=[text]))
        elif frame.desc.startswith(LYRICS):
            language = frame.desc.removeprefix(LYRICS)
            language = language if len(language) == len(NO_LANGUAGE) and language.isascii() else NO_LANGUAGE
            tags.add(USLT(encoding=Encoding.UTF16, lang=language, desc="", text=text))
        else:
            continue
        tags.delall(frame.HashKey)
    save_id3(tags, path)


def _add_to_id3(path: Path, data: bytes) -> None:
    from mutagen.id3 import APIC, ID3, Encoding, ID3NoHeaderError

    try:
        tags = ID3(path)
    except ID3NoHeaderError:
        tags = ID3()
    mime = "image/png" if data.startswith(PNG) else "image/jpeg"
    tags.add(APIC(encoding=Encoding.LATIN1, mime=mime, type=FRONT, desc="", data=data))
    save_id3(tags, path)


def _add_to_mp4(path: Path, data: bytes) -> None:
    from mutagen.mp4 import MP4, MP4Cover

    file = MP4(path)
    if file.tags is None:
        file.add_tags()
    kind = MP4Cover.FORMAT_PNG if data.startswith(PNG) else MP4Cover.FORMAT_JPEG
    file["covr"] = [MP4Cover(data, imageformat=kind)]
    file.save()


def read_id3_chapters(path: Path) -> tuple[Mark, ...]:
    """The chapters of a file's ID3 tags (CHAP frames), nested ones among the others; none where it has no such tags.

    ffmpeg leaves out those whose end was not filled in; here such an end is unknown.
    """
    from mutagen import MutagenError
    from mutagen.id3 import ID3

    try:
        frames = ID3(path).getall("CHAP")
    except (MutagenError, OSError, ValueError):
        return ()
    marks = []
    for frame in frames:
        title = next((str(text) for name in ("TIT2", "TIT3") for text in frame.sub_frames.getall(name)), "")
        url = next((link.url for link in frame.sub_frames.getall("WXXX")), "")
        start, end = frame.start_time / 1000, frame.end_time / 1000
        if frame.start_time < NOT_SAID:
            marks.append(Mark(start, title, end if start < end < NOT_SAID / 1000 else None, url))
    return tuple(marks)


def _write_id3(path: Path, chapters: Sequence[Chapter]) -> None:
    from mutagen.id3 import CHAP, CTOC, ID3, TIT2, WXXX, CTOCFlags, Encoding, ID3NoHeaderError

    try:
        tags = ID3(path)
    except ID3NoHeaderError:
        tags = ID3()
    tags.delall("CHAP")
    tags.delall("CTOC")
    names = [f"chp{number}" for number in range(len(chapters))]
    for name, chapter in zip(names, chapters, strict=True):
        inner: list[TIT2 | WXXX] = [TIT2(encoding=Encoding.UTF16, text=[chapter.title])]
        if chapter.url:
            inner.append(WXXX(encoding=Encoding.UTF16, desc="chapter url", url=chapter.url))
        times = {"start_time": round(chapter.start * 1000), "end_time": round(chapter.end * 1000)}
        tags.add(CHAP(element_id=name, **times, sub_frames=inner))  # offsets default to "use the times"
    flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    tags.add(
        CTOC(
            element_id="toc",
            flags=flags,
            child_element_ids=names,
            sub_frames=[TIT2(encoding=Encoding.UTF16, text=["Chapters"])],
        )
    )
    save_id3(tags, path)


def save_id3(tags: ID3, path: Path) -> None:
    """Write the tags into the file, as ID3v2.3, which every player reads, with the chapters in order."""
    tags.save(path, v2_version=3)
    with path.open("r+b") as file:
        head = file.read(ID3_HEADER)
        size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(head[6:10])))
        frames = file.read(size)
        file.seek(ID3_HEADER)
        file.write(order_chapters(frames))


def order_chapters(frames: bytes) -> bytes:
    """The frames of an ID3v2.3 tag, its chapters by their start: mutagen writes frames of a kind by their size.

    Players that do not read the table of contents take chapters in the order in which they stand in the file.
    """
    parts: list[bytes] = []
    at = 0
    while frames[at : at + 4].strip(b"\0"):
        end = at + FRAME_HEADER + int.from_bytes(frames[at + 4 : at + 8])
        parts.append(frames[at:end])
        at = end
    places = [place for place, part in enumerate(parts) if part[:4] == b"CHAP"]
    by_start = sorted((parts[place] for place in places), key=_start_of)
    for place, part in zip(places, by_start, strict=True):
        parts[place] = part
    return b"".join(parts) + frames[at:]


def _start_of(frame: bytes) -> int:
    """The start of a CHAP frame in milliseconds: four bytes after its name, which ends in a zero."""
    after = frame.index(b"\0", FRAME_HEADER) + 1
    return int.from_bytes(frame[after : after + 4])


def _write_mp4(path: Path, chapters: Sequence[Chapter]) -> None:
    """A copy with the chapters, moved over the original: mutagen reads MP4 chapters but does not write them."""
    listed = path.with_name(path.name + ".chapters")
    copy = path.with_name(path.stem + ".chaptered" + path.suffix)
    listed.write_text(print_ffmetadata(chapters), "utf-8")
    limits = ["-protocol_whitelist", "file", "-format_whitelist"]
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    command += [
        *limits,
        FORMATS,
        "-i",
        file_url(path),
        *limits,
        "ffmetadata",
        "-f",
        "ffmetadata",
        "-i",
        file_url(listed),
    ]
    command += ["-map", "0:a", "-map", "0:v?", "-c", "copy", "-disposition:v", "attached_pic"]
    command += ["-map_metadata", "0", "-map_chapters", "1", file_url(copy)]
    try:
        code, _, talk = run_quietly(command)
        if code:
            reason = fault_of("ffmpeg", code) if signal_of(code) or not talk else talk[-1]
            raise ProgramError(path, f"its chapters could not be written ({reason})")
        copy.replace(path)
    finally:
        listed.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)


def print_ffmetadata(chapters: Sequence[Chapter]) -> str:
    """The chapters in ffmpeg's own metadata format, milliseconds."""
    lines = [";FFMETADATA1"]
    for chapter in chapters:
        title = "".join("\\" + sign if sign in "=;#\\\n" else sign for sign in chapter.title)
        lines += [
            "[CHAPTER]",
            "TIMEBASE=1/1000",
            f"START={round(chapter.start * 1000)}",
            f"END={round(chapter.end * 1000)}",
        ]
        lines.append(f"title={title}")
    return "\n".join(lines) + "\n"
