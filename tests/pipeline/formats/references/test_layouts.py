"""One talk in every layout: what was said is read, and nothing else; and what is not understood is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.records.seed import parse_seed
from tests.pipeline.formats.references.layouts import NAMED, UNNAMED

PEOPLE = ["Ada Holm", "Bo van Dam", "ELENI PARK", "Jean-Luc O'Neil"]
CUES = ["", "\n\n(SOUNDBITE OF MUSIC)", "\n\n[laughs]"]
passages = st.lists(
    st.tuples(
        st.from_regex(r"[A-Z][a-z]{1,7},", fullmatch=True),
        st.lists(st.from_regex(r"[a-z]{1,8}|[0-9]{1,3}", fullmatch=True), min_size=1, max_size=8),
        st.sampled_from([".", "?", ", at 10:30.", ": two & three.", " <3."]),
    ).map(lambda parts: " ".join([parts[0], *parts[1]]) + parts[2]),
    min_size=4,
    max_size=9,
)


def heard(text):
    return [(p.speaker, p.text) for p in parse_seed(text).paragraphs]


@pytest.mark.parametrize("layout", NAMED, ids=lambda layout: layout.__name__)
def test_what_was_meant_is_what_is_read(layout):
    @given(passages, st.permutations(PEOPLE))
    @settings(max_examples=5, deadline=None)
    def law(texts, people):
        said = [(people[i % 3 % 2], text) for i, text in enumerate(texts)]
        runs = []
        for name, text in said:
            if runs and runs[-1][0] == name:
                runs[-1] = (name, f"{runs[-1][1]} {text}")
            else:
                runs.append((name, text))
        found = []
        for speaker, text in heard(layout(said)):
            if found and found[-1][0] == speaker:
                found[-1] = (speaker, f"{found[-1][1]} {text}")
            elif (speaker, text) != (None, "Speaker Text"):
                found.append((speaker, text))
        assert found == runs

    law()


@pytest.mark.parametrize("layout", UNNAMED, ids=lambda layout: layout.__name__)
@given(texts=passages)
@settings(max_examples=5, deadline=None)
def test_nobody_is_made_up(layout, texts):
    assert " ".join(text for _, text in heard(layout([("", text) for text in texts]))) == " ".join(texts)


@pytest.mark.parametrize("cue", CUES)
def test_two_passages_are_enough(cue):
    text = f"Ada Holm: Hello you.{cue}\n\nBo Day: Hello."
    assert [speaker for speaker, _ in heard(text)][-1] == "Bo Day"
    assert heard(text)[0] == ("Ada Holm", "Hello you.")


def test_a_surname_alone_is_the_same_person():
    text = "ADA HOLM, HOST: Hello.\n\nBO DAY, BYLINE: Hi.\n\nHOLM: Well?\n\nDAY: Yes."
    assert [speaker for speaker, _ in heard(text)] == ["ADA HOLM", "BO DAY", "ADA HOLM", "BO DAY"]


def test_names_in_small_letters_above_what_they_say():
    text = "ada holm\n\nFrom the coast, this is it.\n\nbo day\n\nHello.\n\nada holm\n\nGo on.\n\nbo day\n\nThat was it."
    assert [speaker for speaker, _ in heard(text)] == ["ada holm", "bo day", "ada holm", "bo day"]


@pytest.mark.parametrize(
    "text",
    [
        "There are two rules: water and mulch.\n\nRemember this: never at noon.\n\nMonday: rain.\n\nAnd so on.",
        "10:30 is when we start.\n\nIt was 9:15 then.\n\nHello.",
        "So we went - and that was it.\n\nYes.\n\nNo - not that.",
        "Hello World\n\nThis is it.\n\nSo it goes on and on.\n\nGood.",
        "We said: wait.\n\nTip: water early.\n\nThen it grew.\n\nTip: mulch.\n\nGoodbye.",
        "The <template> element and List<String> are types.\n\nx < y > z.",
        "Salt & pepper, AT&T, and 5 * 3 * 2.",
    ],
)
def test_sentences_are_words(text):
    assert " ".join(said for _, said in heard(text)).split() == text.split()
    assert {speaker for speaker, _ in heard(text)} == {None}


def test_openings_that_come_again_and_are_no_labels_are_said():
    text = "\n\n".join(f"vo. {n % 2} » and so on, number {n}." for n in range(6)).replace("vo. 0", "vo")
    assert parse_seed(text).remarks == () or "open with" in parse_seed(text).remarks[0]
    told = parse_seed(
        "\n\n".join(f"note > and so on, number {n}." if n % 2 else "Well, well." for n in range(8))
    ).remarks
    assert told == ("4 lines open with 'note': that was not taken for a label, and is counted as words",)
