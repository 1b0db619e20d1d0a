from __future__ import annotations

import json

import pytest

from models.chat import KEY_VARIABLE, LARGEST_ANSWER, LONGEST_MATERIAL, ChatEndpoint
from pipeline.errors import EndpointError
from tests.stand_in_model import stand_in


def test_it_asks_for_the_likeliest_answer_and_sends_the_key_and_no_other(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "sk-secret")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    with stand_in() as server:
        server.answer = lambda body: f"<think>hm\n</think> {body['model']} says hello"
        for url in (server.url, f"{server.url}/", f"{server.url}/chat/completions"):
            assert ChatEndpoint(url, "small").ask("be brief", "hello?") == "small says hello"
        assert server.asked[0]["temperature"] == 0
        assert [m["content"] for m in server.asked[0]["messages"]] == ["be brief", "hello?"]
        assert {headers["authorization"] for headers in server.headers} == {"Bearer sk-secret"}
        monkeypatch.delenv(KEY_VARIABLE)
        ChatEndpoint(server.url, "small").ask("", "")
        assert "authorization" not in server.headers[-1]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (500, "answered with status 500"),
        (401, KEY_VARIABLE),
        (307, "answered with status 307"),
        (b"<html>", "no chat completion"),
        (b'{"choices": []}', "no chat completion"),
        (json.dumps({"choices": [{"message": {"content": None, "refusal": "no"}}]}).encode(), "refused"),
        ("", "empty answer"),
        (b" " * (LARGEST_ANSWER + 1), "more than a megabyte"),
    ],
)
def test_what_is_no_answer_is_told_without_the_key(monkeypatch, reply, told):
    monkeypatch.setenv(KEY_VARIABLE, "sk-secret")
    with stand_in() as server:
        server.answer = lambda _body: reply
        with pytest.raises(EndpointError, match=told) as error:
            ChatEndpoint(server.url, "small").ask("", "hello")
        assert "sk-secret" not in str(error.value)


def test_an_answer_that_takes_too_long_is_not_waited_for():
    with stand_in() as server:
        server.wait_s = 1.0
        with pytest.raises(EndpointError, match=r"no answer within 0\.2 s"):
            ChatEndpoint(server.url, "small", timeout_s=0.2).ask("", "hello")


def test_nobody_there_and_too_much_to_send():
    with pytest.raises(EndpointError, match="cannot be reached"):
        ChatEndpoint("http://127.0.0.1:9/v1", "small").ask("", "hello")
    with pytest.raises(EndpointError, match="characters would have to be sent"):
        ChatEndpoint("http://127.0.0.1:9/v1", "small").ask("", "x" * (LONGEST_MATERIAL + 1))


@pytest.mark.parametrize(
    "url", ["small", "ftp://a.example", "http://me:pw@a.example/v1", "https://a.example/v1?key=pw", "http:///v1"]
)
def test_addresses_that_are_none_or_hold_a_secret_are_refused(url):
    with pytest.raises(EndpointError) as error:
        ChatEndpoint(url, "small")
    assert "pw" not in str(error.value)
