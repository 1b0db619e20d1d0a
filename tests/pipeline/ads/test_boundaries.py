from pipeline.ads.boundaries import announced_reads, end_at_closer, start_at_lead
from pipeline.timeline import Span, Turn, Word


def spoken(text: str, start: float = 0.0) -> list[Word]:
    """Words at an even pace; "|" is a breath of half a second."""
    words, time = [], start
    for token in text.split():
        if token == "|":
            time += 0.5
        else:
            words.append(Word(time, time + 0.3, token))
            time += 0.35
    return words


def said(words: list[Word], span: Span) -> str:
    return " ".join(word.text for word in words if span.contains(word.middle))


READ = "Suunto builds dive computers. Get started at suunto.com, slash podcast"


def ended(text: str) -> str:
    words = spoken(text)
    return said(words, Span(0.0, end_at_closer(Span(0.0, words[-1].end), words)))


def test_the_shows_next_sentence_is_not_in_the_read():
    assert ended(f"{READ} | what does the failure mode look like?") == READ
    assert ended(f"{READ} today. | Here's the proposition.") == f"{READ} today."


def test_what_still_sells_stays():
    for rest in ("use code DIVE for ten percent off", "Suunto. It's time to go down", "get started today"):
        assert ended(f"{READ} | {rest}") == f"{READ} | {rest}".replace(" |", "")


def test_without_a_breath_or_an_address_nothing_is_known():
    for text in (f"{READ} what does it look like?", "It was dark down there. | Nobody spoke for a while."):
        assert ended(text) == text.replace(" |", "")


def test_a_read_begins_where_its_speaker_turns_to_the_sponsor():
    words = spoken("so that is how it works. before we go on head over to our sponsor's website | We'll be right back")
    turns = [Turn(0.0, words[5].end, "guest"), Turn(words[6].start, words[-1].end, "host")]
    back = Span(words[-4].start, words[-1].end)
    assert start_at_lead(back, words, turns) == words[6].start
    assert start_at_lead(back, words, [Turn(0.0, 99.0, "host")]) == words[0].start
    assert start_at_lead(back, words, []) == back.start


def test_a_turn_that_speaks_of_other_things_is_no_lead():
    words = spoken("the river was low all summer and we walked along the bank for an hour | We'll be right back")
    back = Span(words[-4].start, words[-1].end)
    assert start_at_lead(back, words, [Turn(0.0, 99.0, "host")]) == back.start


def test_a_read_that_announces_itself_ends_at_its_address():
    text = "great to be back. Today's episode is sponsored by Adobe. Adobe makes the tools that photographers of all "
    words = spoken(text + "kinds rely on every single day. Try adobe.com today | before we get into it let me say this")
    (read,) = announced_reads(words)
    assert said(words, read).startswith("Today's episode is sponsored")
    assert said(words, read).endswith("adobe.com today")


def test_a_sponsor_that_is_only_spoken_of_is_no_read():
    assert announced_reads(spoken("the team was sponsored by Adobe and we went to adobe.com once or twice")) == ()
    assert announced_reads(spoken("this episode is sponsored by nobody at all. " + "we talk about birds. " * 60)) == ()
    assert announced_reads([]) == ()
