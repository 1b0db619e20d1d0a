"""Attention over keys and values in eight bits against attention over them as they are."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from models.whisper.decoding.sound_attention import EightBits, Whole

ROWS, HEADS, MOMENTS, WIDTH = 3, 2, 50, 64


def drawn(*shape: int) -> Any:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))).bfloat16()


def keys_and_values() -> tuple[Any, Any]:
    return drawn(ROWS, HEADS, MOMENTS, WIDTH), drawn(ROWS, HEADS, MOMENTS, WIDTH) + 1


@pytest.mark.parametrize("positions", [1, 4])
def test_eight_bits_mix_nearly_what_is_mixed_without(positions: int) -> None:
    query = drawn(ROWS, HEADS, positions, WIDTH)
    exact = Whole(*(part.float() for part in keys_and_values())).attend(query.float())
    found = EightBits.of(*keys_and_values()).attend(query)
    assert found.shape == query.shape and found.dtype == query.dtype
    assert (found.float() - exact).abs().max() < 0.03


def test_keys_with_moments_side_by_side_are_the_same() -> None:
    keys, values = keys_and_values()
    turned = keys.transpose(-1, -2).contiguous().transpose(-1, -2)
    one, other = EightBits.of(keys, values), EightBits.of(turned, values)
    assert torch.equal(one.keys, other.keys)


@pytest.mark.parametrize("made", [Whole, EightBits.of])
def test_rows_that_are_kept_go_on_as_before(made: Any) -> None:
    query, layer = drawn(ROWS, HEADS, 1, WIDTH), made(*keys_and_values())
    left = torch.tensor([2, 0])
    assert torch.equal(layer.keep(left).attend(query[left]), layer.attend(query)[left])
