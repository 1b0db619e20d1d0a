from collections.abc import Sequence

import numpy as np
import pytest

from models.ads.model import ARTIFACT, TrainedAdModel
from pipeline.ads.finding.find import find_ads
from pipeline.ads.finding.segments import KINDS, SegmentSettings, WordScores, nothing_read
from pipeline.ads.verdict import judge_ads
from pipeline.timeline import Turn, Word

SHOW = (
    "So the river had been low all summer and nobody could remember a year like it. My grandfather used to say "
    "that the fish knew before we did. We walked along the bank for about an hour that day and we did not talk "
    "much. She told me later that she had already decided to leave, and that the walk was her way of saying "
    "goodbye to the place. "
)
LATER = (
    "He kept every letter in a shoe box under the stairs. When the house was sold nobody thought to look there. The "
    "man who bought it was a carpenter from the next town, and he wrote to us that winter. I remember that his "
    "handwriting was very small. It took my sister a whole evening to read it out loud. There were names in it that "
    "none of us knew, and a date, and a drawing of a boat. My uncle turned the page over twice. Then he put on his "
    "coat and went out, and we heard the gate. That was the last time anybody in the family talked about the war. "
)
BEFORE = (
    "I grew up about a mile from the mill. In those years the whistle told everyone when to eat and when to sleep. My "
    "mother worked the night shift and she would come home with lint in her hair. The company owned the houses and "
    "the store, and it owned the doctor too. What changed everything was the flood in the spring of that year. The "
    "bridge went first. By noon the water was in the church, and the men were carrying benches out on their backs. "
    "A photographer from the city took one picture and that picture is still on the wall of the library today. "
)
AFTER = (
    "So when I went back there forty years later I expected to feel something. The mill is a parking lot. There is a "
    "sign with a date on it and that is all. An old man was feeding pigeons and I asked him whether he had known the "
    "Warrens. He looked at me for a long time before he answered. He said that he had married one of them. And then "
    "he told me a story about my mother that I had never heard from anyone, about a night on the roof of the school. "
)
AD = (
    "This episode is brought to you by Zestora. Zestora makes meal planning easy, with fresh ingredients "
    "delivered right to your door. Get fifty percent off your first box when you go to zestora.com slash river "
    "and use code RIVER. That's zestora.com slash river, code RIVER. Terms and conditions apply. "
)


def spoken(text: str) -> list[Word]:
    return [Word(i * 0.37, i * 0.37 + 0.35, t) for i, t in enumerate(text.split())]


class SaysAd:
    """A model that takes a sentence for advertising if it has one of two words."""

    settings = SegmentSettings()
    kind = "sponsor"

    def score(self, words: Sequence[Word]) -> WordScores:
        logits = np.zeros((len(words), len(KINDS)))
        sentence: list[int] = []
        for n, word in enumerate(words):
            sentence.append(n)
            if word.text.endswith("."):
                said = " ".join(words[k].text for k in sentence).lower()
                ad = "zestora" in said or "code" in said or "terms" in said
                logits[sentence, KINDS.index(self.kind) if ad else 0] = 6.0  # type: ignore[arg-type]
                sentence = []
        none = np.full(len(words), -1.0)
        kinds = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
        return WordScores(kinds, none, none, nothing_read(len(words)))

    def chance(self, score: float, words: int) -> float:
        return score


@pytest.fixture(scope="module")
def model() -> TrainedAdModel:
    assert ARTIFACT.exists(), f"{ARTIFACT} is part of the repository and is missing"
    return TrainedAdModel.load()


@pytest.mark.weights
@pytest.mark.parametrize("plain", [False, True], ids=["as written", "no case, no punctuation"])
def test_the_trained_model_finds_an_ad_to_the_clause(model: TrainedAdModel, plain: bool) -> None:
    text = BEFORE + SHOW + AD + LATER + AFTER
    if plain:
        text = "".join(c for c in text.lower() if c.isalnum() or c in " '")
        text = text.replace("zestoracom", "zestora dot com")
    words = spoken(text)
    first = next(i for i, w in enumerate(words) if w.text.lower() == "this" and words[i + 1].text == "episode")
    last = max(i for i, w in enumerate(words) if w.text.lower().startswith("apply"))
    (ad,) = find_ads(words, model=model).ads
    assert abs(ad.start - words[first].start) < 5 and abs(ad.end - words[last].end) < 5
    assert ad.sponsor == ("" if plain else "Zestora")  # without capitals nothing tells a name from a word
    assert ad.verdict == "cut"
    assert any("code" in reason.text for reason in ad.evidence)


@pytest.mark.weights
def test_a_show_without_ads_has_none(model: TrainedAdModel) -> None:
    assert find_ads(spoken(BEFORE + SHOW + LATER + AFTER), model=model).ads == ()


@pytest.mark.weights
def test_a_request_of_the_show_itself_is_not_cut(model: TrainedAdModel) -> None:
    ask = (
        "If you like the show please leave us a rating, it helps more than you think. And you can send us a voice "
        "note, we love hearing from you. "
    )
    words = spoken(BEFORE + SHOW + ask + LATER + AFTER)
    found = find_ads(words, model=model).ads
    assert not [ad for ad in judge_ads(found, duration_s=words[-1].end) if ad.verdict == "cut"]


def test_filler_without_words_changes_nothing() -> None:
    words = spoken(SHOW + AD + SHOW)
    dotted = [part for w in words for part in (w, Word(w.end, w.end, "."))]
    assert [(a.start, a.end) for a in find_ads(words, model=SaysAd()).ads] == [
        (a.start, a.end) for a in find_ads(dotted, model=SaysAd()).ads
    ]


def test_no_words_no_ads() -> None:
    assert find_ads([], model=SaysAd()).ads == ()
    assert find_ads([Word(0, 1, "...")], model=SaysAd()).ads == ()


def test_the_show_notes_are_a_reason() -> None:
    words = spoken(SHOW + AD + SHOW)
    ads = find_ads(words, model=SaysAd(), description="Thanks to https://www.zestora.com/river and youtube.com/us").ads
    assert "the show notes link to zestora" in [reason.text for ad in ads for reason in ad.evidence]


def test_a_voice_heard_only_in_the_ad_makes_it_a_spot() -> None:
    words = spoken(SHOW + AD + SHOW)
    (alone,) = find_ads(words, model=SaysAd()).ads
    turns = (Turn(0, alone.start, "A"), Turn(alone.start, alone.end, "B"), Turn(alone.end, words[-1].end, "A"))
    (ad,) = find_ads(words, model=SaysAd(), turns=turns).ads
    assert ad.kind == "spot" and ad.score == alone.score
    assert "voice" in {reason.kind for reason in ad.evidence}
    (host,) = find_ads(words, model=SaysAd(), turns=(Turn(0, words[-1].end, "A"),)).ads
    assert host == alone


class HalfSure(SaysAd):
    """A model that cannot tell."""

    def chance(self, score: float, words: int) -> float:
        return 0.5


def test_what_is_half_sure_is_held() -> None:
    assert [ad.verdict for ad in find_ads(spoken(SHOW + AD + SHOW), model=HalfSure()).ads] == ["hold"]


def test_without_a_sponsor_and_an_offer_or_call_nothing_is_cut() -> None:
    nameless = "we talked about what a code is and how a code is read by people who like a code more than most do. "
    assert [ad.verdict for ad in find_ads(spoken(SHOW + nameless + SHOW), model=SaysAd()).ads] == ["hold"]


class Own(SaysAd):
    kind = "self"


def test_the_shows_own_words_are_listed_and_kept() -> None:
    call = "Tell a friend about us with the code word of the week, and write to us about your river. "
    (own,) = find_ads(spoken(SHOW + call + SHOW), model=Own()).ads
    assert own.kind == "self"
    assert [ad.verdict for ad in judge_ads([own], duration_s=900)] == ["keep"]
