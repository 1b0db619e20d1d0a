"""The page: one file, complete, and safe whatever the texts say."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from pipeline.scores.figures import DEFINITIONS
from pipeline.scores.report.differences import align_rows, count_confusions
from pipeline.scores.report.document import build_report
from pipeline.scores.report.page import print_report_html
from pipeline.scores.report.picture import draw_errors, draw_lanes, draw_ticks
from pipeline.scores.scoring import score_case
from pipeline.timeline import Span, Turn, Word
from tests.pipeline.scores.report.test_document import full_case
from tests.pipeline.scores.strategies import case, reference, result

VOID = {"meta", "input", "br", "link", "rect"}


class Checker(HTMLParser):
    """Every tag is closed by its own end, every anchor leads somewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.targets, self.outside = [], set(), set(), []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in known:
            assert known["id"] not in self.ids
            self.ids.add(known["id"])
        if known.get("href", "").startswith("#"):
            self.targets.add(known["href"][1:])
        self.outside += [known[name] for name in ("src", "href") if known.get(name, "#")[0] != "#"]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def page(*scored, audio=None):
    scores = [score_case(*one) for one in scored]
    return print_report_html(build_report(scores), scores, audio=audio)


def spoken_words(text, speaker=None):
    return [Word(float(t), t + 0.9, word, 1.0, speaker) for t, word in enumerate(text.split())]


def checked(html):
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert checker.targets <= checker.ids
    return checker


def test_the_page_is_one_whole_file():
    html = page(full_case())
    assert checked(html).outside == []
    assert "url(" not in html
    assert "@import" not in html
    assert "synthetic rendering" in html
    for definition in DEFINITIONS:
        assert f'id="how-{definition.key}"' in html


def test_many_cases_stand_as_rows_and_have_their_own_figures():
    html = page(*[full_case()] * 6)
    checked(html)
    assert html.count("The words, side by side") == 6
    assert "All 6 together" in html
    assert "draws of 6 episodes" in html


def test_what_moved_since_the_baseline_is_on_the_page():
    known, heard = full_case()
    scores = [score_case(known, heard)]
    before = build_report([score_case(known, result(heard.transcript.words, turns=heard.turns))])
    html = print_report_html(build_report(scores, baseline=before), scores)
    checked(html)
    assert ">better</span>" in html
    assert "none moved" in print_report_html(build_report(scores, baseline=build_report(scores)), scores)


def test_a_case_without_references_still_has_a_page():
    checked(page((case(), result([Word(0, 1, "hello")]))))
    checked(page((case(turns=()), result())))


def test_words_cannot_break_out_of_the_page():
    nasty = "</script><script>alert(1)</script>\"'&<b>"
    said = [Word(0.0, 1.0, nasty, 1.0, nasty), Word(1.0, 2.0, "hello", 1.0, nasty)]
    known = replace(case(said, turns=(Turn(0, 2, nasty),), ads=(Span(0, 1),)), id=nasty)
    html = page((known, result([*said, Word(2.0, 3.0, nasty)], turns=[Turn(0, 2, nasty)])))
    assert "alert(1)</script>" not in html
    assert html.count("<script>") == 1


def test_times_play_the_recording_where_there_is_one():
    html = page(full_case(), audio={"full": "../runs/full/clean audio.mp3"})
    assert checked(html).outside == ["../runs/full/clean audio.mp3"]
    assert "<audio" not in page(full_case())


def test_rows_say_what_became_of_ads_and_who_was_mistaken():
    said = [
        Word(float(t), t + 0.9, text, 1.0, "S1")
        for t, text in enumerate(["the", "memo", "was", "red", "visit", "bank"])
    ]
    heard = [replace(word, speaker="S2") if word.start == 3 else word for word in said]
    known = case(said, ads=(Span(4, 6),))
    rows = align_rows(score_case(known, result(heard, cuts=[(2, 3), (5, 6)])))
    assert [row.remark for row in rows] == ["", "show, cut", "", "ad, kept", "ad, cut"]
    assert " ".join(piece.found for row in rows for piece in row.pieces) == "the memo was red visit bank"
    assert rows[2].mistaken_for == "S2"
    assert rows[0].mistaken_for == ""


def test_every_word_of_the_transcript_is_in_the_rows_once():
    known, heard = full_case()
    rows = align_rows(score_case(known, heard))
    shown = " ".join(piece.found for row in rows for piece in row.pieces)
    assert shown == heard.transcript.text
    assert sum(row.errors for row in rows) == 1


def test_confusions_are_counted_as_phrases():
    said = [
        Word(float(t), t + 0.9, text) for t, text in enumerate(["the", "gpt", "model", "beat", "the", "gpt", "model"])
    ]
    heard = [
        Word(float(t), t + 0.9, text)
        for t, text in enumerate(["the", "g", "p", "t", "model", "beat", "the", "g", "p", "t", "model"])
    ]
    known = replace(case(), words=reference(said))
    (confusion,) = count_confusions(score_case(known, result(heard)))
    assert (confusion.reference, confusion.found, confusion.count) == ("gpt", "g p t", 2)
    assert confusion.at == (1.0, 7.0)


def test_the_picture_pairs_voices_and_shows_ads():
    known, heard = full_case()
    scores = score_case(known, heard)
    assert [(lane.label, lane.found) for lane in draw_lanes(scores)] == [
        ("ann", False),
        ("as S1", True),
        ("ads marked", False),
        ("ads found", True),
        ("cut", True),
    ]
    ad = draw_lanes(scores)[2].bars[0]
    assert (round(ad.left, 2), round(ad.width, 2)) == (8.33, 5.0)
    strip = draw_errors(scores, [(0.0, "row")])
    assert re.findall(r'class="(\w+)" x="([\d.]+)%"', strip) == [("substitution", "4.444")]
    assert [tick.label for tick in draw_ticks(scores)] == ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50"]
