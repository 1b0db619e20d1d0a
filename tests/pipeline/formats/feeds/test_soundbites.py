from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from pipeline.formats.feeds.soundbites import LONGEST_S, SHORTEST_S, find_soundbites
from pipeline.formats.transcripts.clean_transcript import clean_sentences
from pipeline.result import Notes, Quote, Result


def test_a_quote_is_given_enough_around_it(kitchen: Result):
    (bite,) = find_soundbites(kitchen)
    quote = kitchen.notes.quotes[0]
    assert bite.start == kitchen.cuts.to_clean(quote.start)
    assert SHORTEST_S <= bite.duration <= LONGEST_S
    assert bite.title == quote.text
    assert any(abs(s.end - bite.start - bite.duration) < 0.002 for s in clean_sentences(kitchen))


def test_soundbites_do_not_overlap_and_stay_inside(kitchen: Result):
    quotes = tuple(Quote(t.start, t.end, "x", t.speaker) for t in kitchen.turns)
    bites = find_soundbites(replace(kitchen, notes=Notes(quotes=quotes)))
    assert bites
    assert all(a.start + a.duration <= b.start for a, b in pairwise(bites))
    assert all(b.start >= 0 and b.start + b.duration <= kitchen.cuts.clean_duration for b in bites)


def test_a_recording_that_is_too_short_has_none(kitchen: Result):
    short = replace(kitchen, transcript=replace(kitchen.transcript, words=kitchen.transcript.words[:5]))
    assert find_soundbites(short) == ()
