"""An episode that a person corrected becomes a case that the evaluation reads."""

import shutil

import pytest

from pipeline.batch.single import run_one
from pipeline.cache import EpisodeFolder
from pipeline.commands.export import export_labels
from pipeline.errors import StoreError
from pipeline.formats.records.case_files import labels_of
from pipeline.library.edits.history import History
from pipeline.library.edits.kinds import AdVerdict, PhraseCorrected, VoiceNamed
from pipeline.library.edits.store import change_history
from pipeline.scores.references import build_case
from pipeline.settings import Settings
from pipeline.timeline import Span


def test_corrections_become_a_case(harbour, tmp_path):
    source = tmp_path / "tides.wav"
    shutil.copy(harbour / "audio.wav", source)
    settings = Settings(out=tmp_path / "out", scripted=harbour, title="The Slow Breath", show="Harbour")
    folder, result = run_one(source, settings)
    with pytest.raises(StoreError, match="nobody has corrected it"):
        export_labels(folder.path, tmp_path / "case")
    edits = (
        AdVerdict(21.5, 32.5, "keep"),
        AdVerdict(34.0, 44.0, "cut"),
        PhraseCorrected("Ada", "Ida"),
        VoiceNamed((Span(10.0, 20.0),), "Bo Li"),
    )
    change_history(EpisodeFolder(folder.path), lambda _: History(edits), sha256=result.episode.sha256)
    run_one(source, settings)
    export_labels(folder.path, tmp_path / "case")
    texts = {file.name: file.read_text() for file in (tmp_path / "case").iterdir() if file.suffix != ".wav"}
    case = build_case(texts, case_id="case")
    assert case.ads == (Span(34.0, 44.0),) and case.machine_reference
    assert " ".join(word.text for word in case.words).count("Ida") == 2
    assert case.named_voices is not None and case.named_voices["B"] == "Bo Li"
    assert {turn.speaker for turn in case.turns or ()} == {"A", "B"}
    assert (tmp_path / "case" / "audio.wav").read_bytes() == source.read_bytes()
    case = build_case(labels_of(result), case_id="k")
    said = [(word.text, word.speaker) for word in case.words]
    assert said == [(word.text, word.speaker) for word in result.transcript.words]
