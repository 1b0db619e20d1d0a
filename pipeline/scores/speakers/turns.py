"""Who spoke when, against the reference: DER and JER (pyannote.metrics), and who was taken for whom.

Collar 0 and overlapped speech scored: no second of speech is forgiven, and figures compare only with figures made so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.formats.records.rttm import parse_rttm, print_rttm
from pipeline.timeline import Seconds, Span, Turn

MINUTE_S = 60

if TYPE_CHECKING:
    from pyannote.core import Annotation, Timeline


@dataclass(frozen=True, slots=True)
class TurnErrors:
    """Seconds of speech by how they were labelled; overlapped speech counts once for every voice in it.

    ``jaccard_sum`` is the sum over ``voices`` reference voices of one minus their Jaccard index. ``minutes`` are
    (wrong seconds, seconds of speech) of each minute of the recording, under the pairing of voices of the whole.
    """

    speech_s: Seconds = 0.0
    missed_s: Seconds = 0.0
    false_alarm_s: Seconds = 0.0
    confusion_s: Seconds = 0.0
    voices: int = 0
    jaccard_sum: float = 0.0
    minutes: tuple[tuple[Seconds, Seconds], ...] = ()

    @property
    def rate(self) -> float | None:
        """The diarization error rate; None where the reference holds no speech."""
        return self._share(self.missed_s + self.false_alarm_s + self.confusion_s)

    @property
    def jaccard(self) -> float | None:
        """The Jaccard error rate: the mean over the reference's voices, however little each of them says."""
        return self.jaccard_sum / self.voices if self.voices else None

    def __add__(self, other: TurnErrors) -> TurnErrors:
        return TurnErrors(
            self.speech_s + other.speech_s,
            self.missed_s + other.missed_s,
            self.false_alarm_s + other.false_alarm_s,
            self.confusion_s + other.confusion_s,
            self.voices + other.voices,
            self.jaccard_sum + other.jaccard_sum,
            self.minutes + other.minutes,
        )

    def figure(self) -> dict[str, float]:
        """Shares of the reference's speech for report.json, and the seconds behind them."""
        seconds = {
            "speech_s": self.speech_s,
            "missed_s": self.missed_s,
            "false_alarm_s": self.false_alarm_s,
            "confusion_s": self.confusion_s,
        }
        rates = {
            "rate": self.rate,
            "miss": self._share(self.missed_s),
            "false_alarm": self._share(self.false_alarm_s),
            "confusion": self._share(self.confusion_s),
        }
        return {name: value for name, value in rates.items() if value is not None} | seconds

    def _share(self, seconds: Seconds) -> float | None:
        return seconds / self.speech_s if self.speech_s > 0 else None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Seconds that each reference voice shares with each found voice; ``mapping`` pairs them as DER does."""

    reference: tuple[str, ...]
    found: tuple[str, ...]
    seconds: tuple[tuple[Seconds, ...], ...]
    mapping: tuple[tuple[str, str], ...]

    def figure(self) -> dict[str, Any]:
        """The matrix for report.json, to the hundredth of a second."""
        rows = [[round(seconds, 2) for seconds in row] for row in self.seconds]
        pairs = [list(pair) for pair in self.mapping]
        return {"reference": list(self.reference), "found": list(self.found), "seconds": rows, "pairs": pairs}


def score_turns(
    reference: Sequence[Turn], found: Sequence[Turn], *, scored: Sequence[Span] | None = None
) -> TurnErrors:
    """The errors of ``found`` as turns.rttm publishes it (times to the millisecond).

    ``scored`` are the only regions that count; None takes the whole recording.
    """
    from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

    truth, guess, region = _annotation(reference), _annotation(published(found)), _region(reference, found, scored)
    detail = DiarizationErrorRate(collar=0.0, skip_overlap=False)(truth, guess, uem=region, detailed=True)
    jaccard = JaccardErrorRate(collar=0.0, skip_overlap=False)(truth, guess, uem=region, detailed=True)
    return TurnErrors(
        speech_s=float(detail["total"]),
        missed_s=float(detail["missed detection"]),
        false_alarm_s=float(detail["false alarm"]),
        confusion_s=float(detail["confusion"]),
        voices=int(jaccard["speaker count"]),
        jaccard_sum=float(jaccard["speaker error"]),
        minutes=_by_minute(truth, guess, region),
    )


def confuse_turns(
    reference: Sequence[Turn], found: Sequence[Turn], *, scored: Sequence[Span] | None = None
) -> Confusion:
    """Which found voice speaks when which reference voice does: rows reference, columns found, most speech first."""
    from pyannote.metrics.diarization import DiarizationErrorRate

    truth, guess, region = _annotation(reference), _annotation(published(found)), _region(reference, found, scored)
    mapping = DiarizationErrorRate(collar=0.0, skip_overlap=False).optimal_mapping(truth, guess, uem=region)
    if scored is not None:
        truth, guess = truth.crop(region), guess.crop(region)
    rows = sorted(truth.labels(), key=lambda label: -truth.label_duration(label))
    columns = sorted(guess.labels(), key=lambda label: -guess.label_duration(label))
    seconds = tuple(
        tuple(float(truth.label_timeline(row).crop(guess.label_timeline(column)).duration()) for column in columns)
        for row in rows
    )
    return Confusion(tuple(rows), tuple(columns), seconds, tuple(sorted((ref, hyp) for hyp, ref in mapping.items())))


def published(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns as turns.rttm says them, so that a score is of the file that people get."""
    return parse_rttm(print_rttm(turns))


def count_voices(turns: Sequence[Turn]) -> int:
    return len({turn.speaker for turn in turns})


def _by_minute(truth: Annotation, guess: Annotation, region: Timeline) -> tuple[tuple[Seconds, Seconds], ...]:
    """Wrong seconds and seconds of speech of each minute: they add up to those of the whole."""
    from pyannote.core import Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate
    from pyannote.metrics.identification import IdentificationErrorRate

    mapping = DiarizationErrorRate(collar=0.0, skip_overlap=False).optimal_mapping(truth, guess, uem=region)
    alone = {label: f"(nobody) {label}" for label in guess.labels() if label not in mapping}
    named = guess.rename_labels(mapping={**mapping, **alone})
    metric = IdentificationErrorRate(collar=0.0, skip_overlap=False)
    minutes = []
    for start in range(0, int(region.extent().end) + 1, MINUTE_S):
        part = region.crop(Timeline([Segment(start, start + MINUTE_S)]))
        if part:
            detail = metric.compute_components(truth, named, uem=part)
            wrong = detail["missed detection"] + detail["false alarm"] + detail["confusion"]
            minutes.append((float(wrong), float(detail["total"])))
    return tuple(minutes)


def _annotation(turns: Sequence[Turn]) -> Annotation:
    from pyannote.core import Annotation, Segment

    annotation = Annotation()
    for track, turn in enumerate(turns):
        if turn.duration > 0:
            annotation[Segment(turn.start, turn.end), track] = turn.speaker
    return annotation


def _region(reference: Sequence[Turn], found: Sequence[Turn], scored: Sequence[Span] | None) -> Timeline:
    from pyannote.core import Segment, Timeline

    if scored is not None:
        return Timeline([Segment(span.start, span.end) for span in scored])
    end = max((turn.end for turn in (*reference, *found)), default=0.0)
    return Timeline([Segment(0.0, end + 1.0)])
