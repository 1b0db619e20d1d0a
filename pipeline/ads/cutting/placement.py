"""Where exactly to cut: in the silence that parts the ad from the show, as far as there is one.

Words are heard a tenth or two of a second beside where they are, and know nothing of the sting before an ad or the
music after it; silence does. Sound that nobody speaks goes with the ad if it is short; longer is the show's theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.ads.cutting.silence import Pauses
from pipeline.timeline import Seconds, Span, Word

STING_S = 4.0  # of music between an ad's words and the silence that ends it
SLACK_S = 0.12  # how far a word's heard edge may lie inside its sound: never cut a kept word further in than that
AD_SLACK_S = 0.4  # the same for the ad's own words, of which nothing is lost
SPEECH_S = 0.25  # less of it between silence and ad is the diarizer's edge, not somebody speaking
BEFORE_S, AFTER_S = 1.0, 0.5  # of the silence before and after a break that stay: the breath between two parts
GUARD_S = 0.05  # from the ad's own sound


@dataclass(frozen=True, slots=True)
class Quiet:
    """What the sound says about edges: its silences, and where anybody speaks."""

    pauses: Pauses
    speech: tuple[Span, ...] = ()

    def start_before(self, ad: Word, show: Word) -> Seconds | None:
        """Where to begin the cut of an ad whose first word this is, after that last word of the show; or None."""
        low, high = max(show.end - SLACK_S, show.middle), min(ad.start + AD_SLACK_S, ad.middle)
        found = [
            pause
            for pause in self.pauses.between(low, high)
            if pause.end >= ad.start - STING_S and self._unspoken(pause.end, ad.start)
        ]
        return min(found[0].start + BEFORE_S, max(found[0].middle, found[0].end - GUARD_S)) if found else None

    def end_after(self, ad: Word, show: Word) -> Seconds | None:
        """Where to end the cut of an ad whose last word this is, before that first word of the show; or None."""
        low, high = max(ad.end - AD_SLACK_S, ad.middle), min(show.start + SLACK_S, show.middle)
        found = [
            pause
            for pause in self.pauses.between(low, high)
            if pause.start <= ad.end + STING_S and self._unspoken(ad.end, pause.start)
        ]
        return max(found[-1].end - AFTER_S, min(found[-1].middle, found[-1].start + GUARD_S)) if found else None

    def _unspoken(self, start: Seconds, end: Seconds) -> bool:
        return end <= start or speech_in(self.speech, Span(start, end)) < SPEECH_S


def speech_in(speech: Sequence[Span], span: Span) -> Seconds:
    """Seconds of speech in a stretch."""
    return sum(part.overlap(span) for part in speech)
