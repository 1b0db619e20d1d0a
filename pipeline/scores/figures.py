"""What each figure is, in one sentence, and where the measure comes from: printed in the report beside the figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """``key`` is the figure's name in report.json."""

    key: str
    label: str
    sentence: str
    source: str


DEFINITIONS = (
    Definition(
        "wer_raw",
        "WER raw",
        "Substituted, deleted and inserted words of everything that was heard, divided by the words of the whole "
        "reference, after Whisper's normaliser has unified spelling, numbers and contractions on both sides.",
        "NIST SCTK (sclite); Radford et al. 2022, appendix C; alignment as in jiwer",
    ),
    Definition(
        "wer_masked",
        "WER masked",
        "The same, with the reference's ads out of bounds on both sides: how well the show itself was heard, whatever "
        "became of the ads.",
        "NIST SCTK, IGNORE_TIME_SEGMENT_IN_SCORING; at the edges the alignment decides instead of the clock",
    ),
    Definition(
        "wer_pipeline",
        "WER pipeline",
        "The words that are published, ads cut, against the reference without its ads: an ad left in counts as "
        "inserted words, a piece of the show cut away as deleted ones.",
        "this project",
    ),
    Definition(
        "joined",
        "compounds joined",
        "A second figure beside each WER, in which up to four words that written together are one word of the other "
        'side ("open ai", "openai") count as right; the words of the reference stay as many as they were.',
        "this project; the idea is the Open ASR Leaderboard's",
    ),
    Definition(
        "interval",
        "interval",
        "The middle 95 % of 2,000 corpora drawn with replacement from the episodes (from passages of 50 words where "
        "there are fewer than five episodes, which says nothing about other shows).",
        "Bisani and Ney, ICASSP 2004",
    ),
    Definition(
        "agreement",
        "agreement",
        "Where the reference was itself made by a machine, a rate is agreement, not accuracy: with a reference that is "
        "wrong at rate r, a measured rate d leaves a true rate between |d - r| and d + r.",
        "the triangle inequality of edit distance",
    ),
    Definition(
        "cer",
        "CER",
        "The edits, character by character, between everything that was heard and the whole reference, divided by the "
        "characters of the reference; texts are normalised as for WER, one space between words (none in languages that "
        "do not divide words by spaces).",
        "Levenshtein distance; as in jiwer",
    ),
    Definition(
        "cpwer",
        "cpWER",
        "The WER of each speaker's words put end to end, under the pairing of speakers that gives the fewest errors: a "
        "right word under the wrong speaker counts twice.",
        "Watanabe et al. 2020 (CHiME-6); computed by meeteval",
    ),
    Definition(
        "tcpwer",
        "tcpWER",
        "cpWER in which two words match only if they are at most five seconds apart.",
        "von Neumann et al. 2023; computed by meeteval, collar 5 s",
    ),
    Definition(
        "wder",
        "WDER",
        "Of the words that were heard rightly or wrongly (not of those inserted or missed), the share that bears the "
        "wrong speaker.",
        "El Shafey et al., Interspeech 2019",
    ),
    Definition(
        "der",
        "DER",
        "Seconds of speech that were missed, invented or given to the wrong voice, divided by the seconds of speech; "
        "no collar around turns, overlapped speech scored.",
        "NIST RT-09 evaluation plan; computed by pyannote.metrics",
    ),
    Definition(
        "jer",
        "JER",
        "One minus the overlap of each reference voice with its found voice, averaged over voices, so that a guest of "
        "ten seconds weighs as much as the host.",
        "DIHARD II evaluation plan; computed by pyannote.metrics",
    ),
    Definition("speakers", "voices", "How many voices the output has, and how many the reference has.", "counted"),
    Definition(
        "ads",
        "ads F1, F0.5",
        "An ad found is right when its overlap with a marked ad, divided by their union, is at least 0.5, one to one, "
        "ads less than 15 s apart being one; F1 weighs precision and recall alike, F0.5 precision more.",
        "the rules of the MinusPod benchmark",
    ),
    Definition(
        "ad_seconds",
        "ads in seconds, in words",
        "Precision (of what was found, the share that is ad) and recall (of the ads, the share that was found), by the "
        "second over the ads found and by the word over what was cut.",
        "counted",
    ),
    Definition(
        "ad_words",
        "ad words removed",
        "Of the words heard inside the reference's ads, the share that is not published.",
        "counted",
    ),
    Definition(
        "content_lost",
        "content lost",
        "Words heard outside the reference's ads that were cut all the same, and the seconds of the show cut.",
        "counted",
    ),
    Definition(
        "ad_edges", "ad edges", "Mean distance of the starts and ends of the ads found from the true ones.", "counted"
    ),
    Definition(
        "rtf",
        "RTF",
        "Seconds of computing per second of audio, all stages: 0.1 is ten times faster than listening.",
        "clock",
    ),
    Definition(
        "names",
        "names",
        "People named as speakers who do speak (right), who do not (wrong), and speakers left unnamed (missed).",
        "counted against a given list",
    ),
    Definition(
        "chapters",
        "chapters",
        "Chapter starts within ten seconds of a given one (F1), and the share of windows, each half a chapter long, in "
        "which the two divisions have different numbers of starts (WindowDiff, 0 is best).",
        "Pevzner and Hearst 2002",
    ),
    Definition(
        "summary",
        "summary",
        "How much of what the show's own description tells of the episode (its notices and links left out) stands in "
        "the summary that opens the notes: the longest common word sequence as a share of the description's words "
        "(ROUGE-L recall) and of both texts (F1), and the cosine of their embeddings. The description is not read when "
        "notes are written; being like a blurb is not being good.",
        "Lin 2004; Reimers and Gurevych 2019",
    ),
)
