"""What the tables of naming count: names that other episodes of a show pass on, and roles that the metadata tells."""

from models.scripted import ScriptedEncoder, ScriptedLanguage
from models.speakers.corpus import PublishedEpisode, Truth, talk_of
from models.speakers.examples import Example, collect, read_example, role_table
from models.speakers.fitting import LEAST_NAME
from models.speakers.validation import Answer, reasons, with_memory
from pipeline.speakers.profiles import AGREED, SURE

TRUTH = {
    "Speaker 1": Truth(("Ada",), "Ada Holt", "host", "full"),
    "Speaker 2": Truth(("Bo Lind",), "Bo Lind", "guest", "full"),
}


def example(title: str) -> Example:
    turns = (("Speaker 1", "Hello, with me is Bo Lind."), ("Speaker 2", "Hello, Ada Holt."))
    episode = PublishedEpisode("waters", title, "Waters", "Ada Holt talks to Bo Lind", turns, TRUTH)
    return read_example(episode, talk_of(episode, ScriptedLanguage()), ScriptedEncoder())


FIRST, SECOND, THIRD = example("One"), example("Two"), example("Three")


def test_a_voice_without_a_name_gets_the_one_that_another_episode_is_sure_of() -> None:
    sure = Answer(FIRST, "Speaker 1", "Ada Holt", SURE, 0.5, "right")
    none = Answer(SECOND, "Speaker 1", "", 0.0, 0.5, "none")
    assert [answer.verdict for answer in with_memory([sure, none])] == ["right", "right"]
    assert with_memory([none]) == [none]


def test_two_episodes_that_agree_need_not_be_sure() -> None:
    one = Answer(FIRST, "Speaker 1", "Ada Holt", AGREED, 0.5, "right")
    other = Answer(THIRD, "Speaker 1", "Ada Holt", AGREED, 0.5, "right")
    none = Answer(SECOND, "Speaker 1", "", 0.0, 0.5, "none")
    assert with_memory([one, none])[1] == none
    assert with_memory([one, none, other])[1].verdict == "right"


def test_a_name_that_is_not_sure_or_is_worn_by_another_voice_is_not_passed_on() -> None:
    less = Answer(FIRST, "Speaker 1", "Ada Holt", SURE - 0.01, 0.5, "right")
    sure = Answer(FIRST, "Speaker 1", "Ada Holt", SURE, 0.5, "right")
    none = Answer(SECOND, "Speaker 1", "", 0.0, 0.5, "none")
    worn = Answer(SECOND, "Speaker 2", "Ada Holt", 0.9, 0.5, "wrong")
    assert with_memory([less, none])[1] == none
    assert with_memory([sure, none, worn])[1] == none


def test_roles_are_asked_of_whom_the_metadata_names_without_the_names_themselves() -> None:
    table = role_table(collect([FIRST]))
    named = [FIRST.written[index].person for _, index in table.place.tolist()]
    asked = dict(zip(named, table.answer.tolist(), strict=True))
    assert asked == {("ada", "holt"): 1, ("bo", "lind"): 0}
    assert not any(column.startswith("tagged") for column in table.columns)


def test_why_a_voice_has_no_right_name_is_counted() -> None:
    sure = Answer(FIRST, "Speaker 1", "Ada Holt", LEAST_NAME, 0.5, "right")
    less = Answer(FIRST, "Speaker 2", "Bo Lind", LEAST_NAME - 0.01, 0.5, "right")
    other = Answer(SECOND, "Speaker 1", "Bo Lind", LEAST_NAME - 0.01, 0.5, "wrong")
    none = Answer(SECOND, "Speaker 2", "", 0.0, 0.5, "none")
    assert reasons([sure, less, other, none]) == {
        "printed right": 1,
        "the right one ahead, not printed": 1,
        "another ahead, not printed": 1,
        "nobody from 0.5": 1,
    }
