"""After the cut: what is heard at the joins of the seed's clean sound is the show on both sides, and no click."""

import re

import numpy as np
import pytest

from audio.cut import cut_audio
from audio.decode import decode
from models.weights.installed import locate
from pipeline.ads.cutting.cuts import plan_cuts
from pipeline.ads.cutting.placement import Quiet
from pipeline.ads.cutting.silence import find_pauses
from pipeline.errors import WeightsError
from pipeline.formats.captions.words_json import parse_words
from pipeline.formats.records.ads_json import parse_ads
from pipeline.timeline import CutList, Span, Waveform, Word
from tests.paths import SEED

AROUND_S = 6.0
LEVEL_STEP = 0.05  # of full scale, from one sample to the next: speech at 16 kHz stays below, a click does not


@pytest.fixture(scope="module")
def seed(tmp_path_factory) -> tuple[tuple[Word, ...], CutList, Waveform]:
    """The words of the seed as they are known by construction, what was cut out of it, and the clean sound."""
    source = SEED / "audio.mp3"
    words = parse_words((SEED / "words.json").read_text()).words
    ads = parse_ads((SEED / "ads.json").read_text())
    wave = decode(source)
    quiet = Quiet(find_pauses(wave), tuple(Span(w.start, w.end) for w in words))
    cuts = plan_cuts(ads, words, duration_s=wave.duration, quiet=quiet)
    target = tmp_path_factory.mktemp("clean") / "clean.mp3"
    cut_audio(source, cuts, target)
    return words, cuts, decode(target)


def joins(cuts: CutList) -> list[float]:
    return [cuts.to_clean(cut.start) for cut in cuts.removed]


@pytest.mark.slow
def test_the_cut_map_leaves_every_word_of_the_show_and_none_of_an_ad(seed):
    words, cuts, clean = seed
    ads = parse_ads((SEED / "ads.json").read_text())
    for word in words:
        inside = any(ad.start <= word.middle < ad.end for ad in ads)
        removed = sum(word.overlap(cut) for cut in cuts.removed)
        assert removed == pytest.approx(word.duration if inside else 0.0, abs=1e-6), word
    assert clean.duration == pytest.approx(cuts.clean_duration, abs=0.1)


@pytest.mark.slow
def test_no_sample_jumps_at_a_join(seed):
    _, cuts, clean = seed
    assert len(joins(cuts)) == 2
    for join in joins(cuts):
        near = clean.slice(Span(join - 0.03, join + 0.03)).samples
        assert np.abs(np.diff(near)).max() < LEVEL_STEP


@pytest.mark.slow
@pytest.mark.weights
def test_what_is_heard_at_the_joins_is_the_show(seed):
    from models.whisper.ctranslate2_engine import FasterWhisperTranscriber

    try:
        locate("whisper-base")
    except WeightsError as error:
        pytest.skip(str(error))
    words, cuts, clean = seed
    network = FasterWhisperTranscriber("base")
    for cut, join in zip(cuts.removed, joins(cuts), strict=True):
        sound = clean.slice(Span(join - AROUND_S, join + AROUND_S))
        heard = plain(w.text for w in network.transcribe(sound, [Span(0.0, sound.duration)], language="en").words)
        before = [w for w in words if cut.start - AROUND_S + 1 < w.middle < cut.start]
        after = [w for w in words if cut.end < w.middle < cut.end + AROUND_S - 1]
        for side in (before[-3:], after[:3]):
            assert plain(w.text for w in side) in heard, heard
        gone = [w for w in words if cut.contains(w.middle)]
        for three in (gone[:3], gone[-3:]):
            assert plain(w.text for w in three) not in heard, heard


def plain(texts) -> str:
    return re.sub(r"[^a-z0-9 ]", "", " ".join(texts).lower())
