"""Which mentions are one person, and how that person is written."""

from models.scripted import ScriptedLanguage
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.people import People, list_people


def people_of(*turns: str, description: str = "") -> People:
    texts = ScriptedLanguage().analyse([description, *turns])
    return list_people(find_mentions(texts), texts[:1])


def test_a_given_name_in_the_sound_and_a_whole_name_in_the_metadata_are_one_person() -> None:
    people = people_of("well, Priya, what now?", description="with Priya Nair on rivers")
    assert people.meant["priya",] == (("priya", "nair"),)
    assert people.persons["priya", "nair"].form == "Priya Nair"


def test_the_metadata_knows_how_a_misheard_name_is_written() -> None:
    people = people_of("this is Pria Nayr, hello", description="with Priya Nair on rivers")
    assert [person.form for person in people.persons.values()] == ["Priya Nair"]


def test_a_given_name_that_the_tagger_does_not_know_is_that_of_the_only_whole_name() -> None:
    people = people_of("with us is Ysolde Karr here", "thanks, Ysolde, go on")
    assert people.meant["ysolde",] == (("ysolde", "karr"),)


def test_a_short_form_is_the_person_of_the_metadata() -> None:
    people = people_of("so, Dan, where next?", description="with Daniel Ek-Holm on rivers")
    assert people.meant["dan",] == (("daniel", "ek", "holm"),)


def test_a_given_name_that_is_said_with_the_family_name_once_is_the_metadatas_person() -> None:
    people = people_of("a post from PT Nair", "so, PT, where next?", description="with Priya Nair on rivers")
    assert people.meant["pt", "nair"] == people.meant["pt",] == (("priya", "nair"),)


def test_a_nickname_in_quotes_is_its_bearer() -> None:
    people = people_of("so, Duke, where next?", description='with Ann "Duke" Ellery on rivers')
    assert people.meant["duke",] == (("ann", "ellery"),)


def test_one_given_name_of_two_people_may_mean_either() -> None:
    people = people_of("so, Ian, what now?", "like Ian Holt and like Ian Marsh and Ian Marsh")
    assert people.meant["ian",] == (("ian", "marsh"), ("ian", "holt"))


def test_two_people_with_like_family_names_stay_two() -> None:
    people = people_of("like Ada Mendez and Ada Mendoza")
    assert len(people.persons) == 2
