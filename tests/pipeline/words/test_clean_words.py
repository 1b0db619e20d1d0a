"""The clean file, heard again: its words are where ``transcript.vtt`` says, and none of an ad is left at the joins."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from statistics import median

import pytest

from audio.cut import cut_audio
from audio.decode import decode
from audio.probe import probe
from pipeline.ads.cutting.cuts import plan_cuts
from pipeline.errors import WeightsError
from pipeline.formats.captions.vtt import parse_vtt, print_vtt
from pipeline.formats.captions.words_json import parse_words
from pipeline.result import AdSpan, Episode, Result
from pipeline.timeline import CutList, Span, Transcript
from tests.paths import SEED

ROUND_S = 16.0
"""Of the show that is kept on either side of the first ad break; the rest is cut too, so that hearing it is quick."""
NEAR_S = 0.5
"""A recogniser places single words this well; the median is far nearer."""


@pytest.mark.weights
def test_a_word_after_a_cut_plays_where_the_captions_say(tmp_path):
    transcriber = pytest.importorskip("models.whisper.ctranslate2_engine")
    try:
        hear = transcriber.FasterWhisperTranscriber("tiny.en").transcribe
    except WeightsError as missing:
        pytest.skip(str(missing))
    words = parse_words((SEED / "words.json").read_text()).words
    first, last = json.loads((SEED / "ads.json").read_text())["ads"][0]
    duration = probe(SEED / "audio.mp3").duration
    ad = plan_cuts((AdSpan(first, last, 1.0),), words, duration_s=duration).removed[0]
    outside = (Span(0.0, ad.start - ROUND_S), Span(ad.end + ROUND_S, duration))
    cuts = CutList.of([ad, *outside], duration=duration)
    cut_audio(SEED / "audio.mp3", cuts, tmp_path / "clean.mp3")
    wave = decode(tmp_path / "clean.mp3")
    assert wave.duration == pytest.approx(cuts.clean_duration, abs=0.05)

    heard = hear(wave, (Span(0.0, wave.duration),), language="en").words
    result = Result(Episode("e", "e.mp3", duration, ""), Transcript(words, "en", "base"), (), (), (), cuts)
    kept = [w for w in words if not cuts.removes(w.middle)]
    waiting = iter(kept)
    for cue in parse_vtt(print_vtt(result)):
        said = [next(waiting) for _ in cue.text.split()]
        assert " ".join(word.text for word in said) == cue.text
        assert cue.start == pytest.approx(cuts.to_clean(said[0].start), abs=0.002)
    assert next(waiting, None) is None

    blocks = SequenceMatcher(None, [_plain(w.text) for w in kept], [_plain(w.text) for w in heard], autojunk=False)
    pairs = [(kept[b.a + i], heard[b.b + i]) for b in blocks.get_matching_blocks() for i in range(b.size)]
    after = [(cuts.to_clean(one.start), other.start) for one, other in pairs if one.start > ad.end]
    assert len(pairs) > 0.85 * len(kept) and len(after) > 15, "the clean file says something else"
    assert median(abs(one - other) for one, other in after) < 0.2
    assert sum(abs(one - other) > NEAR_S for one, other in after) <= 1
    foreign = {_plain(w.text) for w in words if ad.contains(w.middle) and len(w.text) > 5} - {
        _plain(w.text) for w in kept
    }
    assert not foreign & {_plain(w.text) for w in heard}, "a word of the ad is left"


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
