"""The search by beams: its rules, and openai-whisper's own search beside it on a network of random numbers."""

from __future__ import annotations

import pytest
import torch
import whisper

from models.whisper.decoding import beams as module
from models.whisper.decoding.beams import Beams, search
from models.whisper.decoding.cached import CachedDecoder
from models.whisper.decoding.tokens import TextTokens
from models.whisper.transcription import tokenizer_for

END = 9


def test_the_likeliest_texts_go_on_and_those_that_end_are_kept_apart() -> None:
    window = Beams(2)
    assert window.advance([[1, 2, 3]], [[-1.0, -2.0, -3.0]], end=END) == [0, 0]
    assert window.texts == [(1,), (2,)] and window.totals == [-1.0, -2.0]
    assert window.advance([[END, 4, 5], [6, 7, 8]], [[-0.1, -3.0, -4.0], [-0.5, -5.0, -6.0]], end=END) == [1, 0]
    assert window.texts == [(2, 6), (1, 4)] and window.ended == {(1,): -1.1} and not window.is_done
    window.advance([[END, 1, 2], [3, 4, 5]], [[-0.1, -7.0, -8.0], [-9.0, -9.5, -9.7]], end=END)
    assert window.is_done and window.best() == ((1,), -1.1)


def test_texts_that_have_not_ended_fill_up() -> None:
    assert Beams(2, texts=[(1, 1), (1, 2)], totals=[-1.0, -0.5], ended={(3,): -2.0}).best() == ((1, 2), -0.5)
    assert Beams(1, texts=[(1, 1)], totals=[-0.1], ended={(3,): -2.0}).best() == ((3,), -2.0)


@pytest.fixture
def network() -> whisper.model.Whisper:
    torch.manual_seed(1)
    sizes = {"n_mels": 80, "n_audio_ctx": 60, "n_audio_state": 16, "n_audio_head": 2, "n_audio_layer": 1}
    sizes |= {"n_vocab": 51865, "n_text_ctx": 448, "n_text_state": 16, "n_text_head": 2, "n_text_layer": 2}
    found = whisper.model.Whisper(whisper.model.ModelDimensions(**sizes)).eval()
    for parameter in found.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    end = tokenizer_for(51865, "en").eot
    with torch.no_grad():  # so that texts of several lengths end
        found.decoder.ln.bias += 3 * found.decoder.token_embedding.weight[end]
    return found


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # numpy's word on stock whisper's sorting
def test_a_batch_is_searched_as_openai_whisper_searches_each_window(network, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_TOKENS", 12)
    features = torch.randn(3, 60, 16)
    prompt = [*tokenizer_for(51865, "en").sot_sequence, tokenizer_for(51865, "en").no_timestamps]
    options = whisper.DecodingOptions(language="en", beam_size=3, without_timestamps=True, fp16=False, sample_len=12)
    with torch.inference_mode():
        found = search(CachedDecoder(network, features, 20), prompt, TextTokens(51865, features.device), beams=3)
        stock = [whisper.decode(network, window, options) for window in features]
    lengths = {len(result.tokens) for result in found}
    for ours, theirs in zip(found, stock, strict=True):
        assert ours.tokens == tuple(theirs.tokens)
        assert ours.mean_log_probability == pytest.approx(theirs.avg_logprob, abs=0.1)  # it counts steering tokens
        assert ours.no_speech == pytest.approx(theirs.no_speech_prob, abs=1e-5)
    assert len(lengths) > 1
