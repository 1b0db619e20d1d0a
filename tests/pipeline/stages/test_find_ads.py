from collections.abc import Sequence

import numpy as np
import pytest

from models.ad_model import ARTIFACT, TrainedAdModel
from pipeline.ports import SentenceEncoder
from pipeline.stages.ad_units import Unit
from pipeline.stages.find_ads import find_ads, hold_over_budget
from pipeline.timeline import AdSpan, Word

SHOW = (
    "So the river had been low all summer and nobody could remember a year like it. My grandfather used to say"
    " that the fish knew before we did. We walked along the bank for about an hour that day and we did not "
    "talk much. She told me later that she had already decided to leave, and that the walk was her way of "
    "saying goodbye to the place. "
)
AD = (
    "This episode is brought to you by Zestora. Zestora makes meal planning easy, with fresh ingredients "
    "delivered right to your door. Get fifty percent off your first box when you go to zestora.com slash river"
    " and use code RIVER. That's zestora.com slash river, code RIVER. Terms and conditions apply. "
)


def spoken(text: str) -> list[Word]:
    return [Word(i * 0.37, i * 0.37 + 0.35, t) for i, t in enumerate(text.split())]


class SaysAd:
    """A model that knows one word of advertising."""

    switch_cost = 2.0

    def score(self, units: Sequence[Unit], words: Sequence[Word], encoder: SentenceEncoder | None) -> np.ndarray:
        return np.array([3.0 if "zestora" in unit.tokens else -1.0 for unit in units])


@pytest.fixture(scope="module")
def model() -> TrainedAdModel:
    if not ARTIFACT.exists():
        pytest.fail(f"{ARTIFACT} is part of the repository and is missing")
    return TrainedAdModel.load()


@pytest.mark.parametrize("plain", [False, True], ids=["as written", "no case, no punctuation"])
def test_the_trained_model_finds_an_ad_and_leaves_the_show(model: TrainedAdModel, plain: bool) -> None:
    text = SHOW * 6 + AD + SHOW * 6
    if plain:
        text = "".join(c for c in text.lower() if c.isalnum() or c in " '")
        text = text.replace("zestoracom", "zestora dot com")
    words = spoken(text)
    first = next(i for i, w in enumerate(words) if w.text.lower().startswith("this") and words[i + 1].text == "episode")
    last = max(i for i, w in enumerate(words) if w.text.lower().startswith("apply"))
    (ad,) = find_ads(words, model=model)
    assert abs(ad.start - words[first].start) < 20 and abs(ad.end - words[last].end) < 20
    assert ad.sponsor.lower() == "zestora"
    assert any("code" in reason.text for reason in ad.evidence)


def test_a_show_without_ads_has_none(model: TrainedAdModel) -> None:
    assert find_ads(spoken(SHOW * 12), model=model) == ()


def test_no_words_no_ads() -> None:
    assert find_ads([], model=SaysAd()) == ()


def test_the_same_words_give_the_same_ads() -> None:
    words = spoken(SHOW + AD + SHOW)
    assert find_ads(words, model=SaysAd()) == find_ads(words, model=SaysAd())


def test_more_ad_than_is_believable_is_held() -> None:
    ads = [AdSpan(0, 500, 0.9), AdSpan(600, 900, 0.9)]
    held = hold_over_budget(ads, duration_s=1000.0)
    assert {ad.verdict for ad in held} == {"hold"}
    assert "80%" in held[0].evidence[-1].text
    assert hold_over_budget(ads[:1], duration_s=1000.0) == tuple(ads[:1])
