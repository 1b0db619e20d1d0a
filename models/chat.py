"""A language model behind an OpenAI-compatible address: a server of one's own (llama.cpp, Ollama, vLLM) or a vendor's.

Off unless the user names one. The key comes from the environment, goes to that address alone, and is written nowhere.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.errors import EndpointError
from pipeline.feeds.addresses import shown
from pipeline.feeds.exchange import Exchange, TimeIsUp, within

if TYPE_CHECKING:
    import httpx

KEY_VARIABLE = "CLEANCAST_API_KEY"
CONNECT_S = 10.0
ANSWER_S = 180.0
"""A small model on two cores writes a few words a second; longer than this and it stands still."""
LONGEST_MATERIAL = 60_000
"""Characters that are sent at most: about 15,000 tokens."""
LARGEST_ANSWER = 1_000_000
MOST_TOKENS = 1500
THOUGHT, ITS_END = "<think>", "</think>"


class ChatEndpoint:
    """One model at one address, asked for the likeliest answer.

    ``url``: the API's root ("http://127.0.0.1:8080/v1") or the whole address of its chat completions.
    EndpointError: an address that is none, or that holds a password, which would end up in files.
    """

    def __init__(self, url: str, model: str, *, timeout_s: float = ANSWER_S) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EndpointError(shown(url), "is not a web address such as http://127.0.0.1:8080/v1")
        if parts.username or parts.password or parts.query:
            raise EndpointError(shown(url), f"holds a secret; put the key into {KEY_VARIABLE} instead")
        path = parts.path.rstrip("/")
        self.url = f"{parts.scheme}://{parts.netloc}{path.removesuffix('/chat/completions')}/chat/completions"
        self.name = model
        self.timeout_s = timeout_s

    def ask(self, instructions: str, material: str) -> str:
        """The model's answer as text. EndpointError: no answer in time, an error, or one that is no chat completion."""
        import httpx

        if len(material) > LONGEST_MATERIAL:
            raise self._error(f"more than {LONGEST_MATERIAL} characters would have to be sent")
        body = {
            "model": self.name,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": material}],
            "temperature": 0,
            "seed": 0,
            "max_tokens": MOST_TOKENS,
        }

        def exchanged(exchange: Exchange) -> bytes:
            with httpx.Client(timeout=httpx.Timeout(self.timeout_s, connect=CONNECT_S)) as client:
                return self._post(client, body, exchange)

        try:
            return self._content(within(self.timeout_s, exchanged))
        except (httpx.TimeoutException, TimeIsUp):
            raise self._error(f"gave no answer within {self.timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._error(f"cannot be reached ({type(error).__name__})") from None

    def _post(self, client: httpx.Client, body: dict[str, Any], exchange: Exchange) -> bytes:
        key = os.environ.get(KEY_VARIABLE, "")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        data = b""
        with client.stream("POST", self.url, json=body, headers=headers, extensions=exchange.extensions) as answer:
            if answer.status_code != 200:
                told = f"; is {KEY_VARIABLE} right?" if answer.status_code in (401, 403) else ""
                raise self._error(f"answered with status {answer.status_code}{told}")
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > LARGEST_ANSWER:
                    raise self._error("sent an answer of more than a megabyte")
        return data

    def _content(self, data: bytes) -> str:
        try:
            message = json.loads(data)["choices"][0]["message"]
            content = message["content"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            raise self._error("sent something that is no chat completion") from None
        if message.get("refusal") or not isinstance(content, str) or not content.strip():
            raise self._error("refused to answer" if message.get("refusal") else "sent an empty answer")
        return without_thoughts(content).strip()

    def _error(self, reason: str) -> EndpointError:
        return EndpointError(shown(self.url), reason)


def without_thoughts(text: str) -> str:
    """What a model says, without what it writes of its thinking; one scan, whatever is opened and never closed.

    >>> without_thoughts("<think>a <think>b</think>yes<think>no end")
    'yes<think>no end'
    """
    said: list[str] = []
    at = 0
    while (opened := text.find(THOUGHT, at)) >= 0 and (closed := text.find(ITS_END, opened)) >= 0:
        said.append(text[at:opened])
        at = closed + len(ITS_END)
    return "".join([*said, text[at:]])
