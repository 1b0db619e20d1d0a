from pytest import approx

from pipeline.ads.cutting.placement import Quiet
from pipeline.ads.cutting.silence import Pauses
from pipeline.timeline import Span, Word

SHOW, AD = Word(9.0, 10.0, "show"), Word(13.0, 13.5, "buy")
LATER = Word(20.0, 20.5, "show")


def quiet(*pauses: tuple[float, float], speech: tuple[Span, ...] = ()) -> Quiet:
    return Quiet(Pauses(tuple(Span(*pause) for pause in pauses)), speech)


def test_the_sting_before_an_ad_goes_with_it():
    assert quiet((10.1, 11.1), (12.8, 12.95)).start_before(AD, SHOW) == approx(11.05)


def test_the_shows_theme_before_an_ad_stays():
    far = Word(33.0, 33.5, "buy")
    assert quiet((10.1, 11.1), (32.5, 32.9)).start_before(far, SHOW) == approx(32.85)


def test_what_somebody_says_between_is_no_sting_though_no_word_was_heard():
    spoken = (Span(11.1, 12.7),)
    assert quiet((10.1, 11.1), (12.8, 12.96), speech=spoken).start_before(AD, SHOW) == approx(12.91)


def test_music_after_the_ad_goes_with_it_up_to_the_silence():
    last = Word(17.0, 17.5, "now")
    assert quiet((17.6, 17.8), (19.0, 19.6)).end_after(last, LATER) == approx(19.1)
    assert quiet((17.6, 17.8)).end_after(last, LATER) == approx(17.65)


def test_a_word_heard_too_long_does_not_hide_the_silence():
    last = Word(18.9, 19.9, "now")
    assert quiet((19.6, 19.98)).end_after(last, LATER) == approx(19.65)


def test_without_silence_there_is_nothing_to_say():
    assert quiet().start_before(AD, SHOW) is None
    assert quiet((1, 2), (50, 60)).end_after(AD, LATER) is None
