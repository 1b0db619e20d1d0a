"""The two questions to a language model on the whole way: asked once, kept, and never in the way of an episode."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

import pytest

from models.chat import KEY_VARIABLE
from pipeline.batch.rounds import run_sources
from pipeline.commands.find_ads import ads_of_transcript
from pipeline.formats.records.result_json import parse_result
from pipeline.ports import FindAds, Tool
from pipeline.result import AdSpan, FoundAds, Result
from pipeline.settings import Settings
from pipeline.wiring import language_model, scripted_tools
from tests.pipeline.conftest import AD, script_words
from tests.pipeline.test_run import run
from tests.stand_in_model import StandIn, stand_in
from tests.trees import tree


@pytest.fixture
def model():
    with stand_in() as server:
        yield server


def opinion(verdict: str, start: float = AD[0], end: float = AD[1]):
    return lambda _body: json.dumps({"start": start, "end": end, "verdict": verdict})


def run_with(harbour, out, model: StandIn, *, verdict="hold", rewrite=False) -> Result:
    ads = (AdSpan(*AD, score=0.5, verdict=verdict),)
    tools = scripted_tools(harbour)
    find_ads = Tool(f"held {verdict}", lambda: cast(FindAds, lambda _words, **_evidence: FoundAds(ads)))
    endpoint = (model.url, "small")
    tools = replace(tools, find_ads=find_ads)
    asked = language_model(endpoint)
    tools = replace(tools, adviser=None if rewrite else asked, rewriter=asked if rewrite else None)
    return run(harbour, out, tools=tools)


def test_a_held_ad_is_cut_when_the_model_says_so_and_nobody_is_asked_twice(harbour, tmp_path, model):
    model.answer = opinion("ad")
    first = run_with(harbour, tmp_path, model)
    assert first.ads[0].verdict == "cut" and first.cuts.removed and "Plank" in model.material()
    before = tree(tmp_path)
    assert run_with(harbour, tmp_path, model) == first and len(model.asked) == 1
    assert tree(tmp_path) == before


def test_what_the_detector_is_sure_of_is_not_asked_about(harbour, tmp_path, model):
    assert run_with(harbour, tmp_path, model, verdict="cut").ads[0].verdict == "cut" and not model.asked


@pytest.mark.parametrize("reply", [500, "I am sorry", "{}", opinion("ad", 0.0, 54.0)(None)])
def test_a_bad_answer_changes_nothing_and_is_a_warning(harbour, tmp_path, model, reply):
    model.answer = lambda _body: reply
    result = run_with(harbour, tmp_path, model)
    assert result.ads[0].verdict == "hold" and not result.cuts.removed
    assert [warning.kind for warning in result.warnings] == ["opinion"]
    assert parse_result((tmp_path / "result.json").read_text()) == result


def test_an_endpoint_that_was_away_is_asked_again_by_the_next_run(harbour, tmp_path, model):
    model.answer = lambda _body: 503
    assert run_with(harbour, tmp_path, model).ads[0].verdict == "hold"
    model.answer = opinion("content")
    assert run_with(harbour, tmp_path, model).ads[0].verdict == "keep"


def test_notes_are_reworded_and_what_was_not_said_is_reported(harbour, tmp_path, model):
    def answer(body):
        asked = body["messages"][0]["content"]
        if '"summary"' in asked:
            return json.dumps({"summary": "Tides are the slow breath of the sea. A boat that follows them saves fuel."})
        return json.dumps({"titles": ["The Tides of Zanzibar"], "points": []})

    model.answer = answer
    result = run_with(harbour, tmp_path, model, verdict="cut", rewrite=True)
    assert result.notes.rewritten_by == "small" and result.notes.summary[0].text.startswith("Tides are")
    notes = (tmp_path / "notes.md").read_text()
    assert "Worded by small" in notes and "Zanzibar" not in notes
    assert any("Zanzibar" in warning.text for warning in result.warnings)
    assert "Plank" not in model.material(0), "ad copy is not shown to the model"


def test_the_key_is_written_nowhere(harbour, tmp_path, model, monkeypatch, capsys):
    monkeypatch.setenv(KEY_VARIABLE, "sk-very-secret")
    model.answer = lambda _body: 401
    endpoint = (model.url, "small")
    options = Settings(out=tmp_path / "out", scripted=harbour, second_opinion=endpoint, rewrite_notes=endpoint)
    assert run_sources([str(harbour / "audio.wav")], options) == 0
    told = capsys.readouterr()
    assert model.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert KEY_VARIABLE in told.err and "sk-very-secret" not in told.err + told.out
    assert not [p for p in (tmp_path / "out").rglob("*") if p.is_file() and b"sk-very-secret" in p.read_bytes()]


def test_the_words_to_run_it_again_name_the_models():
    options = Settings(second_opinion=("http://a.example/v1", "m"), loudness=True)
    assert options.command("run", "a.mp3")[-3:] == ["--second-opinion", "http://a.example/v1", "m"]
    assert "--loudness" in options.command("run", "a.mp3")


def test_a_transcript_alone_can_be_asked_about(tmp_path, model, monkeypatch, capsys):
    held = (AdSpan(*AD, score=0.5, verdict="hold"),)
    detector = Tool("held", lambda: lambda _words, **_about: FoundAds(held))
    monkeypatch.setattr("pipeline.commands.find_ads.ad_detector", lambda: detector)
    file = tmp_path / "words.json"
    file.write_text(json.dumps({"words": script_words()}))
    model.answer = opinion("ad")
    endpoint = (model.url, "small")
    assert len(json.loads(ads_of_transcript(file, explain=False, adviser=endpoint))["ads"]) == 1
    assert "second opinion (small)" in ads_of_transcript(file, explain=True, adviser=endpoint)
    model.answer = lambda _body: "no"
    (held_ad,) = json.loads(ads_of_transcript(file, explain=False, adviser=endpoint))["held"]
    assert held_ad["verdict"] == "hold" and {"start", "end", "score", "kind", "evidence"} <= set(held_ad)
    assert "no second opinion" in capsys.readouterr().err


def test_a_transcript_in_a_language_that_the_detector_has_not_learnt_is_said(tmp_path, monkeypatch, capsys):
    detector = Tool("nothing", lambda: lambda _words, **_about: FoundAds())
    monkeypatch.setattr("pipeline.commands.find_ads.ad_detector", lambda: detector)
    file = tmp_path / "talk.json"
    for text, says in (
        ("We talk about the sea, and why it is that the tides come and go with the moon. ", False),
        ("Heute reden wir über das Meer und warum die Gezeiten mit dem Mond kommen und gehen. ", True),
        ("今天 我们 谈 大海 和 潮汐 ", True),
    ):
        file.write_text(json.dumps({"words": [[n, n + 0.5, word] for n, word in enumerate((text * 6).split())]}))
        assert json.loads(ads_of_transcript(file, explain=False)) == {"ads": []}
        assert ("does not look like English" in capsys.readouterr().err) == says
