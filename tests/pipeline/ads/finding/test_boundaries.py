from pipeline.ads.finding.boundaries import SNAP_WORDS, snap
from pipeline.timeline import Word


def spoken(text: str) -> list[Word]:
    return [Word(n, n + 1, word) for n, word in enumerate(text.split())]


def test_an_edge_moves_to_the_nearest_end_of_a_sentence() -> None:
    words = spoken("It was late. Go to acme dot com. Back to the show")
    assert [snap(words, edge) for edge in (2, 4, 7, 9)] == [3, 3, 8, 8]


def test_ends_of_the_episode_stay() -> None:
    words = spoken("It was late. Go to acme dot com")
    assert snap(words, 0) == 0 and snap(words, len(words)) == len(words)


def test_without_stops_an_edge_stays() -> None:
    words = spoken("word " * (4 * SNAP_WORDS))
    assert snap(words, 2 * SNAP_WORDS) == 2 * SNAP_WORDS


def test_a_sentence_that_an_ad_begins_in_the_middle_of_is_the_ads() -> None:
    words = spoken("It was late. And a big thank you, as I always say, to our friends at Acme Tools, who made this.")
    assert snap(words, words.index(next(word for word in words if word.text == "to"))) == 3
