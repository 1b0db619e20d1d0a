"""A stage's code hash follows its imports."""

from pipeline import code_version
from pipeline.code_version import code_hash


def test_a_change_in_an_imported_module_changes_the_hash(tmp_path, monkeypatch):
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "low.py").write_text("A = 1\n")
    (tmp_path / "pipeline" / "high.py").write_text("def f():\n    from pipeline.low import A\n    return A\n")
    (tmp_path / "pipeline" / "other.py").write_text("B = 1\n")
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    code_hash.cache_clear()
    before = code_hash("pipeline.high")
    (tmp_path / "pipeline" / "other.py").write_text("B = 2\n")
    code_hash.cache_clear()
    assert code_hash("pipeline.high") == before
    (tmp_path / "pipeline" / "low.py").write_text("A = 2\n")
    code_hash.cache_clear()
    assert code_hash("pipeline.high") != before
    code_hash.cache_clear()
