from pipeline.notes.stage import ad_chances
from pipeline.result import AdSpan
from pipeline.timeline import Segment, Word


def sentence(start: float) -> Segment:
    return Segment(start, start + 4.0, (Word(start, start + 4.0, "word"),))


def test_a_sentence_has_the_chance_of_the_ad_it_lies_in_whatever_becomes_of_that() -> None:
    ads = (AdSpan(10.0, 20.0, 0.3, "sponsor", (), "hold"), AdSpan(40.0, 44.0, 0.9, "self", (), "keep"))
    sentences = [sentence(start) for start in (0.0, 8.0, 16.0, 20.0, 40.0)]
    assert ad_chances(sentences, ads) == (0.0, 0.3, 0.3, 0.0, 0.9)
