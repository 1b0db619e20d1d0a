"""Whose track it is, by how recorders and services name their files."""

import pytest

from pipeline.tracks.names import name_tracks, shared_title


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["1-maya_0001", "2-liam_0002"], ("Maya", "Liam")),
        (["riverside_maya-lind_raw-audio_show_0042", "riverside_liam_raw-audio_show_0042"], ("Maya Lind", "Liam")),
        (["audioMayaLind11234567890", "audioLiamOrr21234567890"], ("Maya Lind", "Liam Orr")),
        (["Maya O'Hara", "Zoë Å"], ("Maya O'Hara", "Zoë Å")),
        (["ZOOM0001_Tr1", "ZOOM0001_Tr2"], ("", "")),
        (["a", "b"], ("", "")),
        (["", ""], ("", "")),
        (["maya take 1", "maya take 2", "liam"], ("", "", "Liam")),
        (["李雷", "韩梅梅"], ("李雷", "韩梅梅")),
        (["maya"], ("Maya",)),
    ],
)
def test_names_of_tracks(titles, names):
    assert name_tracks(titles) == names


def test_what_tracks_share_is_the_title():
    assert shared_title(["On Tea - maya", "On Tea - liam"]) == "On Tea"
    assert shared_title(["maya"]) == ""
