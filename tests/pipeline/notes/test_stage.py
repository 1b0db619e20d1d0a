from dataclasses import replace

from models.notes.artifact import load_notes_model
from models.scripted import ScriptedEncoder, ScriptedJudge, ScriptedLanguage
from pipeline.notes.material import read_material
from pipeline.notes.stage import ad_chances, describe
from pipeline.notes.summary import AD_CHANCE
from pipeline.result import AdSpan, FoundAds
from pipeline.timeline import CutList, Segment, Span, Word
from pipeline.words.sentences import group_segments


def sentence(start: float) -> Segment:
    return Segment(start, start + 4.0, (Word(start, start + 4.0, "word"),))


def test_a_sentence_has_the_chance_of_the_ad_it_lies_in_whatever_becomes_of_that() -> None:
    ads = (AdSpan(10.0, 20.0, 0.3, "sponsor", (), "hold"), AdSpan(40.0, 44.0, 0.9, "self", (), "keep"))
    sentences = [sentence(start) for start in (0.0, 8.0, 16.0, 20.0, 40.0)]
    assert ad_chances(sentences, ads) == (0.0, 0.3, 0.3, 0.0, 0.9)
    assert ad_chances(sentences, ads, [Span(3.0, 21.0)]) == (AD_CHANCE, 0.3, 0.3, AD_CHANCE, 0.9)


def test_what_an_ad_praises_is_no_topic_though_the_ad_is_kept() -> None:
    talk = "Bread needs yeast. Yeast likes water. Bread needs flour. Flour comes from rye. "
    spoken = (talk * 3 + "Mattresses need hubble. Hubble sells mattresses. " * 6).split()
    words = [Word(i * 0.5, i * 0.5 + 0.4, text, 1.0, "A") for i, text in enumerate(spoken)]
    encoder, model = ScriptedEncoder(), replace(load_notes_model(), judge=ScriptedJudge())
    material = read_material(group_segments(words), encoder=encoder, analysis=ScriptedLanguage())
    about, cuts = {"title": "", "show": "", "description": ""}, CutList((), words[-1].end)
    ad = AdSpan(words[len(talk.split()) * 3].start, words[-1].end, 0.9, "sponsor", (), "keep")

    def topics(*ads: AdSpan, doubtful: tuple[Span, ...] = ()) -> str:
        return describe(material, (), cuts, FoundAds(ads, doubtful), (), about, encoder, model).topics[0].text.lower()

    assert "hubble" in topics()
    for found in (topics(ad), topics(doubtful=(Span(ad.start, ad.end),))):
        assert "bread" in found and "hubble" not in found
