import numpy as np
import pytest

from models.ads.training.corpus import Document, Mark
from pipeline.timeline import Span, Word

PLAIN = "we walked along the river and talked about the weather for a while before going home again " * 4
COPY = "this show is brought to you by a shop that sells very good tea go to the shop and use our code " * 2


def document(number: int, source: str = "read") -> Document:
    texts = [*PLAIN.split(), *COPY.split(), *PLAIN.split()]
    words = tuple(Word(n * 0.4, n * 0.4 + 0.3, text) for n, text in enumerate(texts))
    mark = Mark(len(PLAIN.split()), len(PLAIN.split()) + len(COPY.split()), "sponsor")
    spans = (Span(words[mark.first].start, words[mark.last - 1].end),)
    return Document(f"{number}", f"show {number}", source, words, (mark,), spans)  # type: ignore[arg-type]


@pytest.mark.weights
def test_a_training_gives_the_same_numbers_each_time_and_the_stored_model_reads_as_the_learnt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch = pytest.importorskip("torch")
    from models.ads import reader
    from models.ads.crops import read_episode
    from models.ads.model import merge, pack_network
    from models.ads.training import corrected, fitting
    from models.ads.training.examples import read_examples
    from models.mpnet import Published
    from models.weights.installed import locate

    for module in (reader, corrected):
        monkeypatch.setattr(module, "LAYERS", 2)
    monkeypatch.setattr(fitting, "BATCH", 2)
    weights = Published(locate("mpnet"), 2)
    examples = read_examples([document(n) for n in range(4)])
    fitted, again = (fitting.fit_network(examples, weights, torch.float32) for _ in range(2))
    learnt, same = (pack_network(f.head.state_dict(), f.corrections) for f in (fitted, again))
    assert all(np.array_equal(array, same[name]) for name, array in learnt.items())
    assert any(array.any() for name, array in learnt.items() if name.endswith(".up"))

    stored, head = merge(learnt, dict(weights), torch.float32)
    features = examples[0].features
    logits = read_episode(head, stored.read(features), features.side)
    own = read_episode(fitted.head, reader.Reader(fitted.mpnet).read(features), features.side)
    assert logits.shape == (len(features), 8)
    np.testing.assert_allclose(logits, own, atol=0.15)


@pytest.mark.weights
def test_what_a_fold_is_judged_by_is_not_shown_nor_are_the_ads_it_shares() -> None:
    from models.ads.training.examples import read_examples, shown_examples

    examples = read_examples([document(0), document(1), document(2, "bench"), document(3, "captions")])
    shown = shown_examples(examples, {"show 0": 0, "show 1": 1}, 0)
    assert [e.document.id for e in shown] == ["1", "3"]
    mark = shown[0].document.marks[0]
    assert not shown[0].labels.weight[mark.first : mark.last].any() and shown[0].labels.weight[0] == 1.0
    assert [e.document.id for e in shown_examples(examples, {"show 0": 0, "show 1": 1}, 0, share=0.0)] == ["3"]
