"""Folder names from hostile titles."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.library.names import slug


@given(st.text(max_size=600))
def test_a_slug_is_one_safe_folder_name(text):
    name = slug(text, otherwise="episode")
    assert name and len(name.encode()) <= 200
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t ') and name not in (".", "..")
    assert not name.startswith((".", "-"))


def test_device_names_are_no_folder_names():
    assert slug("CON", otherwise="episode") == "con-"
    assert slug("com1", otherwise="episode") == "com1-"
