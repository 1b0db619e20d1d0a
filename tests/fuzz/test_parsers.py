"""Any bytes are a document or one clear sentence, soon: a few seconds of what `make fuzz` does for longer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.formats.captions.cues import words_of_cues
from pipeline.formats.captions.srt import parse_srt
from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.captions.words_json import parse_words
from pipeline.formats.records.seed import parse_seed
from tests.fuzz.targets import HASTE_S, TARGETS, Target

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


TOKENS = re.compile(rb"[0-9][0-9.:,]*|[A-Za-z]+|\s+|[^A-Za-z0-9\s]")


def changed(target: Target) -> st.SearchStrategy[bytes]:
    """A good file in which a few tokens (numbers, words, signs) were replaced by pieces of its format or by noise."""
    piece = st.one_of(st.sampled_from(target.pieces), st.binary(max_size=4), st.just(b""))
    edit = st.tuples(st.integers(0, 1 << 16), st.integers(0, 3), piece, st.sampled_from((1, 1, 1, 2, 50)))

    def apply(seed: bytes, edits: list[tuple[int, int, bytes, int]]) -> bytes:
        tokens = TOKENS.findall(seed)
        for at, gone, put, times in edits:
            at %= len(tokens) + 1
            tokens[at : at + gone] = [put * times]
        return b"".join(tokens)

    return st.builds(apply, st.sampled_from(target.seeds), st.lists(edit, min_size=1, max_size=4))


@pytest.mark.parametrize("name", TARGETS)
def test_good_files_are_read(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].read(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files_are_read_or_refused_in_a_sentence(name: str) -> None:
    target = TARGETS[name]

    @given(changed(target))
    @QUICK
    def holds(data: bytes) -> None:
        target.check(data)

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_noise_is_read_or_refused_in_a_sentence(name: str) -> None:
    target = TARGETS[name]

    @given(st.binary(max_size=300))
    @settings(parent=QUICK, max_examples=40)
    def holds(data: bytes) -> None:
        target.check(data)

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_no_piece_of_a_format_takes_more_than_a_moment_however_often_it_comes(name: str) -> None:
    target = TARGETS[name]
    common = (b"<", b">", b"&", b"[", b"{", b"(", b'"', b"\\", b" ", b"\n", b"1", b":", b"-", b"A ", b"a.", b"\t", b",")
    for piece in (*target.pieces, *common):
        for seed in target.seeds:
            half = len(seed) // 2
            block = piece * (100_000 // len(piece))
            for data in (block, seed + block, seed[:half] + block + seed[half:]):
                began = time.process_time()
                target.check(data)
                took_s = time.process_time() - began
                assert took_s < HASTE_S, f"{took_s:.1f} s for {piece[:20]!r} over and over"


def _vtt(text: str) -> list[str]:
    return [word.text for word in words_of_cues(parse_vtt(f"WEBVTT\n\n00:01.000 --> 59:00.000\n{text}\n"))]


def _srt(text: str) -> list[str]:
    return [word.text for word in words_of_cues(parse_srt(f"1\n00:00:01,000 --> 00:59:00,000\n{text}\n"))]


def _words(text: str) -> list[str]:
    listed = [[i / 10, i / 10 + 0.1, word] for i, word in enumerate(text.split())]
    return [word.text for word in parse_words(json.dumps({"words": listed})).words]


def _seed(text: str) -> list[str]:
    return parse_seed(f"Speaker 1 {text}").text.split()


READERS = (_vtt, _srt, _words, _seed)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "text",
    [
        "今日は潮の話をします。船は潮に従います。",
        "สวัสดีครับวันนี้เราจะพูดถึงน้ำขึ้นน้ำลง",
        "family 👨‍👩‍👧‍👦 and 🏳️‍🌈 flags 🇩🇪 done",
        "שלום לכולם היום נדבר על הגאות",
        "e\u0301 combining \u200dmarks \u00adsoft",
    ],
    ids=["Japanese", "Thai", "emoji", "Hebrew", "combining"],
)
def test_no_script_loses_a_word(read: Callable[[str], list[str]], text: str) -> None:
    assert read(text) == text.split()


@pytest.mark.parametrize("read", READERS)
def test_a_line_of_a_hundred_thousand_words_is_read_whole_and_soon(read: Callable[[str], list[str]]) -> None:
    text = " ".join(f"word{n}" for n in range(100_000))
    began = time.process_time()
    assert read(text) == text.split()
    assert time.process_time() - began < HASTE_S


def test_a_word_of_a_million_letters_is_one_word() -> None:
    for read in READERS:
        assert read("a" * 1_000_000) == ["a" * 1_000_000]
