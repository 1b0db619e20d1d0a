from pathlib import Path

import numpy as np
import pytest

from models.ads.training.corpus import Document, Mark
from models.ads.training.labels import labels_of
from pipeline.timeline import Span, Word

PLAIN = "we walked along the river and talked about the weather for a while before going home again " * 4
COPY = "this show is brought to you by a shop that sells very good tea go to the shop and use our code " * 2


def document(number: int) -> Document:
    texts = [*PLAIN.split(), *COPY.split(), *PLAIN.split()]
    words = tuple(Word(n * 0.4, n * 0.4 + 0.3, text) for n, text in enumerate(texts))
    mark = Mark(len(PLAIN.split()), len(PLAIN.split()) + len(COPY.split()), "sponsor")
    spans = (Span(words[mark.first].start, words[mark.last - 1].end),)
    return Document(f"{number}", f"show {number}", "read", words, (mark,), spans)


@pytest.mark.weights
def test_a_training_gives_the_same_numbers_each_time_and_reads_from_states_on_disk(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from models.ads.crops import read_episode
    from models.ads.features import read_features
    from models.ads.model import read_tokenizer
    from models.ads.reader import READ_LAYERS, Reader, fit_projection
    from models.ads.training.fitting import Example, fit_network
    from models.ads.training.states import open_states, write_states
    from models.mpnet import Mpnet
    from models.weights.installed import locate

    documents = [document(n) for n in range(4)]
    features = [read_features(d.words, read_tokenizer(locate("mpnet"))) for d in documents]
    reader = Reader(Mpnet.load(locate("mpnet"), READ_LAYERS[-1]))
    write_states(features, reader, fit_projection(features, reader), tmp_path / "states.npy")
    states = open_states(features, tmp_path / "states.npy")
    examples = [Example(d, f, labels_of(d), own) for d, f, own in zip(documents, features, states, strict=True)]
    fitted, again = fit_network(examples), fit_network(examples)
    assert all(np.array_equal(value, again.state_dict()[name]) for name, value in fitted.state_dict().items())
    logits = read_episode(fitted, np.asarray(states[0], np.float32), features[0].side)
    assert logits.shape == (len(documents[0].words), 8) and np.isfinite(logits).all()
