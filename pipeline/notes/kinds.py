"""What a proper name names: by its form, by the words around it, and by the examples it is nearest to in meaning.

Wrong is worse than missing: what is in doubt is ``other``, and is not printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from pipeline.notes.tagger import dictionary_tag
from pipeline.ports import SentenceEncoder
from pipeline.words.lists import listed

Kind = Literal["person", "organisation", "work", "place", "other"]

ORG_LAST = listed(
    """
    inc corp corporation company co llc ltd bank university college institute department association group
    foundation journal times post news magazine press committee council agency bureau party court congress senate
    ministry police school hospital church studios records labs laboratory partners holdings union league club
    society network museum commission administration service services authority army navy
    """
)
_ORG_LETTERS = listed(
    """
    fbi cia nsa nasa noaa cnn bbc npr pbs abc nbc cbs msnbc hbo espn cnbc wsj nato un eu who cdc fda irs sec ftc fcc epa
    ice doj dea atf dhs nih nsf mit ucla nyu ibm amd bmw nypd lapd nfl nba mlb nhl mls fifa uefa ioc nasdaq nyse opec
    imf wto aclu naacp pga ufc wwe gm ge hp lg tsmc asml sap kpmg ups usps aarp gop dnc rnc nhs
    """
)
GIVEN_NAMES = listed(
    """
    aaron abby abdul abigail adam adrian ahmed aisha alan albert alejandro alex alexander alexandra alice alicia
    alina allison amanda amber amy ana andre andrea andrew andy angela anita ann anna anne annie anthony antonio
    anya april arjun arnold arthur ashley audrey austin ava barbara beatrice becky ben benjamin bernard beth betty
    bill billy bob bobby boris brad bradley brandon brenda brent brett brian bridget britt brittany brooke bruce
    bryan caitlin cameron camila carl carla carlos carmen carol caroline carolyn catherine cathy cecilia chad
    charles charlie charlotte chelsea chen cheryl chloe chris christian christina christine christopher cindy claire
    clara claudia cody cole colin connor corey courtney craig crystal curtis cynthia daisy dale damon dan dana
    daniel daniela danielle danny darren dave david dean deborah dennis derek diana diane diego dmitri dominic
    donald donna doris dorothy doug douglas dylan eddie edgar eduardo edward eileen elaine eleanor elena eli elijah
    elizabeth ella ellen elliot elliott elon emily emma eric erica erik erin esther ethan eva evan evelyn fatima
    felix fernando fiona frances francis francisco frank fred gabriel gabriela gabrielle gary gavin george gerald
    gina giovanni glenn gloria gordon grace graham greg gregory gwen hannah harold harriet harrison harry harvey
    hassan heather hector heidi helen henry holly howard hugh hugo ian ibrahim igor ingrid irene isaac isabel
    isabella ivan jack jackie jackson jacob jacqueline jake james jamie jan jane janet jared jasmine jason javier
    jay jean jeff jeffrey jenna jennifer jenny jeremy jerry jesse jessica jessie jill jim jimmy joan joanna joe joel
    johan john johnny jon jonathan jordan jorge jose joseph josh joshua juan judith judy julia julian julie june
    justin kai karen karl kate katherine kathleen kathryn kathy katie keach keith kelly ken kenneth kevin kim
    kimberly kumar kurt kyle lance larry laura lauren lawrence lee lena leo leon leonard leslie liam lily linda lisa
    liz logan lois lopez lorenzo louis louise lucas lucia lucy luis luke lydia lynn madison marco marcus margaret
    maria marie marilyn mario marion marissa marjorie mark marshall martha martin marvin mary mason mateo matt
    matthew maureen max maya megan mei melanie melissa mia michael michelle miguel mike mikhail miranda mohamed
    mohammed molly monica morgan muhammad nadia nancy naomi natalia natalie natasha nathan neil nicholas nick nicole
    nina noah noel nora norm norman olga oliver olivia omar oscar owen pablo pam pamela patricia patrick paul paula
    pedro peggy penny pete peter phil philip philippe phillip phyllis pierre priya rachel rafael raj rajesh ralph
    ramon randy raul ravi ray raymond rebecca regina renee ricardo richard rick ricky rita rob robert roberto robin
    rodney roger roland ron ronald rosa rosemary ross roy ruben russell ruth ryan sabrina sally sam samantha samuel
    sandra sanjay sara sarah scott sean sebastian sergei sergio seth shane shannon sharon shawn sheila shirley simon
    sofia sonia sophia sophie stacy stan stanley stefan stella stephanie stephen steve steven stewart stuart susan
    suzanne sven sylvia tamara tanya tara tarek ted teresa terry theo theodore theresa thomas tiffany tim timothy
    tina todd tom tommy toni tony tracy travis trevor tricia troy tyler ursula valerie vanessa vera veronica vicki
    victor victoria vincent virginia vladimir walter wanda warren wayne wei wendy wesley william xavier yolanda yuki
    yusuf yvonne zach zachary zoe
    """
)
"""Given names common in English-speaking countries and among their guests."""

_EXAMPLES: dict[Kind, tuple[str, ...]] = {
    "person": (
        "Barack Obama", "Taylor Swift", "Angela Merkel", "John Smith", "Maria Garcia", "Elon Musk", "Tarek Hassan",
        "Priya Patel", "Wei Chen", "Sarah Johnson", "Michael Jordan", "Liam O'Brien", "Yuki Tanaka", "Fatima Ali",
        "Jessica", "Mike", "Sophie", "David", "Kwame", "Julian", "Musk", "Zuckerberg", "Trump", "Mark Zuckerberg",
        "Emma Watson", "Ben", "Rachel Lee", "Andrea", "Carlos Rodriguez", "Bezos",
    ),
    "organisation": (
        "Microsoft", "Google", "Harvard University", "NASA", "The New York Times", "Goldman Sachs", "Spotify", "Disney",
        "the FBI", "United Nations", "Anthropic", "Bank of America", "Red Cross", "Ford Motor Company", "Apple", "CNN",
        "the Supreme Court", "Boston Police Department", "Walmart", "General Electric", "NPR", "Pfizer", "Intel",
        "Meta", "Greenpeace", "News Corp", "Stanford", "Acast", "Patreon", "OpenAI", "Sony", "Nintendo", "Samsung",
        "Toyota", "Honda", "Netflix", "Amazon", "Nvidia", "Verizon", "Nike", "Starbucks", "Oracle", "Salesforce",
        "Boeing", "Tesla", "Facebook", "YouTube", "Twitter",
        "Uber", "Airbnb", "Mozilla", "Kodak", "Siemens", "Shopify", "Datadog",
    ),
    "work": (
        "iPhone", "Harry Potter", "The Great Gatsby", "ChatGPT", "Breaking Bad", "Windows 11", "Star Wars", "Minecraft",
        "PlayStation 5", "Photoshop", "Google Maps", "Galaxy Z Fold", "Hamlet", "GPT-4", "Abbey Road", "Gemini",
        "Nintendo Switch", "Kindle", "Saturday Night Live", "Model 3", "Instagram", "The Daily", "Alexa", "Claude",
        "Excel", "TikTok", "Android", "iPad", "Xbox", "AirPods", "iOS",
    ),
    "place": (
        "Paris", "California", "North Carolina", "China", "London", "Silicon Valley", "Florida", "Europe",
        "Tokyo", "Mount Everest", "the Pacific Ocean", "New York", "Texas", "Germany", "Wayne County", "Lake Michigan",
        "Africa", "Hollywood", "Washington", "Ohio", "Brooklyn", "the Atlantic", "Johnson Street",
    ),
    "other": (
        "Black Friday", "Code Red", "World War II", "Cyber Monday", "the Internet", "Bluetooth", "Covid", "Democrats",
        "Christmas Eve", "the Cold War", "Wi-Fi", "Brexit", "Section 230", "Native Americans", "Hantavirus", "CPU",
        "Q and A", "Patreon members", "the Met Gala", "PCIe", "Catholic", "Participant", "Thanksgiving", "Parkinson's",
        "Tequila", "Champagne", "French fries", "the Renaissance", "Buddhism", "Great Depression", "Greek", "the Moon",
    ),
}  # fmt: skip
"""What each kind sounds like: a name is what its nearest examples are, unless the words around it say otherwise."""
NEIGHBOURS = 4
LEAST_LIKENESS = 0.22
LEAST_MARGIN = 0.08
"""A name said once needs this lead of its kind over the next; a name said often needs less."""
LONE_PERSON = 3
"""A single word that no list of given names has, and of which nothing human is said, is no person under so many times,
and then only with ``LONE_MARGIN``: products and companies sound like surnames."""
LONE_MARGIN = 0.12
GIVEN_WORTH = 0.15
"""What a given name in front ("Nick Cannon") is worth for a person, in likeness."""
PLAIN_TIMES = 3
"""Two common words with capitals ("Video Generation") are a name from so many times on."""


def likeness(texts: Sequence[str], encoder: SentenceEncoder) -> list[dict[Kind, float]]:
    """For each name how near it is in meaning to the examples of each kind."""
    vectors = encoder.encode(list(texts))
    scores: list[dict[Kind, float]] = [{} for _ in texts]
    for kind, examples in _EXAMPLES.items():
        near = np.sort(vectors @ encoder.encode(list(examples)).T, axis=1)[:, -NEIGHBOURS:].mean(1)
        for row, value in zip(scores, near, strict=True):
            row[kind] = float(value)
    return scores


def kind_of(
    text: str, count: int, clues: Counter[str], scores: dict[Kind, float], *, people: set[str], sites: set[str]
) -> Kind:
    """What a name said ``count`` times names; ``people``: known persons, ``sites``: names of spoken addresses."""
    lower = text.lower()
    words = lower.split()
    if lower in people or any(lower in person.split() for person in people):
        return "person"
    if words[-1].rstrip(".") in ORG_LAST or (len(words) > 2 and words[1] in ("of", "&") and scores["work"] < 0.4):
        return "organisation"
    if _is_letters(text):
        known = text.rstrip("s").lower() in _ORG_LETTERS or clues["organisation"] > 0
        return "organisation" if known else "other"
    if re.sub(r"\W", "", lower) in sites and not clues["titled"]:
        return "organisation"
    example = next((kind for kind, texts in _EXAMPLES.items() if text in texts), None)
    if example is not None:
        return example
    total = _with_clues(text, count, clues, scores)
    best, second = sorted(total.values(), reverse=True)[:2]
    if best < LEAST_LIKENESS or best - second < LEAST_MARGIN / count**0.5:
        return "other"
    kind = max(total, key=lambda kind: total[kind])
    if kind == "person" and not _is_person(text, count, clues, best - second):
        return "other"
    if kind in ("work", "organisation") and count < PLAIN_TIMES and not clues[kind] and _is_plain(text):
        return "other"
    return kind


def _with_clues(text: str, count: int, clues: Counter[str], scores: dict[Kind, float]) -> dict[Kind, float]:
    total = dict(scores)
    weight = 1.0 / count
    total["person"] += 0.3 * min(1.0, clues["titled"] * 2 * weight) + 0.1 * min(1.0, clues["speaks"] * weight)
    total["work"] += 0.2 * min(1.0, 2 * clues["work"] * weight)
    total["organisation"] += 0.15 * min(1.0, 2 * clues["organisation"] * weight)
    if text.split()[0].lower() in GIVEN_NAMES and len(text.split()) <= 3:
        total["person"] += GIVEN_WORTH
    if any(c.isdigit() for c in text):
        total["person"] -= 0.3
        total["work"] += 0.1
    return total


def _is_letters(text: str) -> bool:
    """An abbreviation: "UFOs", "PhD", "FBI"."""
    return text == "PhD" or bool(re.fullmatch(r"[A-Z]{2,6}s?", text))


def _is_person(text: str, count: int, clues: Counter[str], margin: float) -> bool:
    words = text.split()
    if any(_is_letters(word.rstrip(".")) and not word.endswith(".") for word in words) or len(words) > 4:
        return False  # "Benson PD"
    common = dictionary_tag(words[-1].lower()) != "NNP"
    if len(words) > 2 and (common or words[-1].lower() == "podcast"):
        return False  # "Joe Rogan Experience"
    if len(words) > 2 and count == 1 and all(word.lower() in GIVEN_NAMES for word in words):
        return False  # "Tom Molly Ben": three people in a row
    if words[0].lower() in GIVEN_NAMES or clues["titled"] or clues["speaks"] > 0.2 * count:
        return True
    if len(words) == 1:
        return count >= LONE_PERSON and margin >= LONE_MARGIN * (LONE_PERSON / count) ** 0.5 and not common
    return not common


def _is_plain(text: str) -> bool:
    """Nothing but words of the dictionary: capitals alone make no name."""
    words = text.split()
    return all(word[1:].islower() and dictionary_tag(word.lower()) != "NNP" for word in words)
