"""Whisper's weights as files: CTranslate2's ``model.bin`` and openai-whisper's ``.pt`` are two layouts of one network.

Either can be read, and written for the other engine, so that one download feeds both. A ``model.bin`` (binary version
6) is: u32 version, string spec, u32 revision, u32 count; per variable: string name, u8 rank, u32 dimensions, u8 type,
u32 bytes, data; then aliases. A string is a u16 length, the bytes, and a NUL that the length counts.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import WeightsError

TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


@dataclass(frozen=True, slots=True)
class WhisperWeights:
    """A network's arrays under openai-whisper's names, its dimensions under those of its ``ModelDimensions``.

    ``alignment_heads``: (layer, head) pairs whose attention follows the sound; None lets openai-whisper take its own.
    """

    dims: Mapping[str, int]
    state: Mapping[str, np.ndarray]
    alignment_heads: tuple[tuple[int, int], ...] | None


def read_weights(path: Path) -> WhisperWeights:
    """The weights of a CTranslate2 folder, of a folder with ``model.pt``, or of a ``.pt`` file."""
    if path.is_file():
        return _read_checkpoint(path)
    if (path / "model.pt").is_file():
        return _read_checkpoint(path / "model.pt", size=path.name.removeprefix("whisper-"))
    if (path / "model.bin").is_file():
        return _read_ctranslate2(path)
    raise WeightsError(str(path), "neither a CTranslate2 folder (model.bin) nor an openai-whisper checkpoint (.pt)")


def _read_checkpoint(path: Path, size: str = "") -> WhisperWeights:
    import pickle

    import torch
    import whisper

    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        dims = {key: int(value) for key, value in checkpoint["dims"].items()}
        state = {name: tensor.numpy() for name, tensor in checkpoint["model_state_dict"].items()}
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(str(path), "not a checkpoint of openai-whisper") from error
    packed = whisper._ALIGNMENT_HEADS.get(size or path.stem)
    return WhisperWeights(dims, state, _unpack_heads(packed, dims) if packed else None)


def _unpack_heads(packed: bytes, dims: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    import base64
    import gzip

    mask = np.frombuffer(gzip.decompress(base64.b85decode(packed)), dtype=bool)
    grid = mask.reshape(dims["n_text_layer"], dims["n_text_head"])
    return tuple((int(layer), int(head)) for layer, head in zip(*np.nonzero(grid), strict=True))


def _read_ctranslate2(folder: Path) -> WhisperWeights:
    arrays = read_variables(folder / "model.bin")
    try:
        dims = _dims_of(arrays)
        state: dict[str, np.ndarray] = {}
        for theirs, ours in tensor_names(dims["n_audio_layer"], dims["n_text_layer"]):
            for name, part in zip(ours, np.split(arrays[theirs], len(ours)), strict=True):
                if not name.endswith(".key.bias"):  # openai-whisper's keys have none; it is stored as zeros
                    state[name] = part
        heads = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("alignment_heads")
    except (KeyError, OSError, ValueError) as error:
        raise WeightsError(str(folder), f"not the weights of a Whisper network ({error})") from error
    return WhisperWeights(dims, state, tuple((layer, head) for layer, head in heads) if heads else None)


def _dims_of(arrays: Mapping[str, np.ndarray]) -> dict[str, int]:
    audio_state, mels, _ = arrays["encoder/conv1/weight"].shape
    vocabulary, text_state = arrays["decoder/embeddings/weight"].shape
    return {
        "n_mels": mels,
        "n_audio_ctx": arrays["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": audio_state,
        "n_audio_head": int(arrays["encoder/num_heads"]),
        "n_audio_layer": _count_layers(arrays, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": arrays["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": text_state,
        "n_text_head": int(arrays["decoder/num_heads"]),
        "n_text_layer": _count_layers(arrays, "decoder"),
    }


def _count_layers(arrays: Mapping[str, np.ndarray], side: str) -> int:
    return len({name.split("/")[1] for name in arrays if name.startswith(f"{side}/layer_") and name.count("/") > 2})


def tensor_names(audio_layers: int, text_layers: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Pairs of a CTranslate2 name and the openai-whisper names whose tensors are stacked in it, in order."""
    for conv in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            yield f"encoder/{conv}/{kind}", (f"encoder.{conv}.{kind}",)
    yield "encoder/position_encodings/encodings", ("encoder.positional_embedding",)
    yield "decoder/position_encodings/encodings", ("decoder.positional_embedding",)
    yield "decoder/embeddings/weight", ("decoder.token_embedding.weight",)
    yield from _norm_names("encoder/layer_norm", "encoder.ln_post")
    yield from _norm_names("decoder/layer_norm", "decoder.ln")
    for side, layers in (("encoder", audio_layers), ("decoder", text_layers)):
        for layer in range(layers):
            theirs, ours = f"{side}/layer_{layer}", f"{side}.blocks.{layer}"
            yield from _norm_names(f"{theirs}/self_attention/layer_norm", f"{ours}.attn_ln")
            yield from _linear_names(f"{theirs}/self_attention/linear_0", f"{ours}.attn", "query", "key", "value")
            yield from _linear_names(f"{theirs}/self_attention/linear_1", f"{ours}.attn", "out")
            if side == "decoder":
                yield from _norm_names(f"{theirs}/attention/layer_norm", f"{ours}.cross_attn_ln")
                yield from _linear_names(f"{theirs}/attention/linear_0", f"{ours}.cross_attn", "query")
                yield from _linear_names(f"{theirs}/attention/linear_1", f"{ours}.cross_attn", "key", "value")
                yield from _linear_names(f"{theirs}/attention/linear_2", f"{ours}.cross_attn", "out")
            yield from _norm_names(f"{theirs}/ffn/layer_norm", f"{ours}.mlp_ln")
            yield from _linear_names(f"{theirs}/ffn/linear_0", f"{ours}.mlp", "0")
            yield from _linear_names(f"{theirs}/ffn/linear_1", f"{ours}.mlp", "2")


def _norm_names(theirs: str, ours: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield f"{theirs}/gamma", (f"{ours}.weight",)
    yield f"{theirs}/beta", (f"{ours}.bias",)


def _linear_names(theirs: str, ours: str, *parts: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind in ("weight", "bias"):
        yield f"{theirs}/{kind}", tuple(f"{ours}.{part}.{kind}" for part in parts)


def read_variables(path: Path) -> dict[str, np.ndarray]:
    """Every variable of a CTranslate2 ``model.bin`` by name, aliases included; WeightsError if it is not one."""
    arrays: dict[str, np.ndarray] = {}
    try:
        with path.open("rb") as file:
            stream = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)  # arrays are where the file is
            version, _spec, _revision = _number(stream, "I"), _string(stream), _number(stream, "I")
            if version != 6:
                raise ValueError(f"binary version {version}, not 6")
            for _ in range(_number(stream, "I")):
                name = _string(stream)
                shape = [_number(stream, "I") for _ in range(_number(stream, "B"))]
                kind, size = TYPES[_number(stream, "B")], _number(stream, "I")
                length = size // np.dtype(kind).itemsize
                arrays[name] = np.frombuffer(stream, kind, length, stream.tell()).reshape(shape)
                stream.seek(size, os.SEEK_CUR)
            for _ in range(_number(stream, "I")):
                alias, name = _string(stream), _string(stream)
                arrays[alias] = arrays[name]
    except (struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise WeightsError(str(path), f"not a CTranslate2 model, or a truncated one ({error})") from error
    return arrays


def _number(stream: mmap.mmap, kind: str) -> int:
    layout = struct.Struct(f"<{kind}")
    return int(layout.unpack(stream.read(layout.size))[0])


def _string(stream: mmap.mmap) -> str:
    return stream.read(_number(stream, "H"))[:-1].decode()


def write_ctranslate2(weights: WhisperWeights, folder: Path) -> None:
    """Writes the weights as a CTranslate2 folder, float16. The vocabulary names only the special tokens: decoding back
    to text is the business of openai-whisper's tokenizer, which both engines here use."""
    from ctranslate2.specs import WhisperSpec

    dims = weights.dims
    spec = WhisperSpec(dims["n_audio_layer"], dims["n_audio_head"], dims["n_text_layer"], dims["n_text_head"])
    variables: dict[str, Any] = {}
    for theirs, ours in tensor_names(dims["n_audio_layer"], dims["n_text_layer"]):
        parts = [_or_zeros(weights.state, name) for name in ours]
        variables[theirs] = np.concatenate(parts) if len(parts) > 1 else parts[0]
    for name, array in variables.items():
        _set(spec, name, np.ascontiguousarray(array, dtype=np.float32))
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    tokens, config = _vocabulary(weights)
    spec.register_vocabulary(tokens)
    for key, value in config.items():
        setattr(spec.config, key, value)
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(str(folder))


def _or_zeros(state: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name.endswith(".key.bias"):
        return np.zeros_like(state[name.replace(".key.bias", ".query.bias")])
    return state[name]


def _set(spec: object, name: str, value: np.ndarray) -> None:
    """Puts an array where its name says in CTranslate2's tree of specifications."""
    *path, last = name.split("/")
    for step in path:
        word, _, index = step.rpartition("_")
        child = getattr(spec, word, None) if index.isdigit() else None
        spec = child[int(index)] if isinstance(child, list) else getattr(spec, step)
    setattr(spec, last, value)


def _vocabulary(weights: WhisperWeights) -> tuple[list[str], dict[str, Any]]:
    """Token names, and the identifiers that CTranslate2 needs, of the tokenizer that fits the network."""
    from whisper.tokenizer import get_tokenizer

    size = weights.dims["n_vocab"]
    multilingual = size >= 51865
    languages = size - 51765 - int(multilingual)
    tokenizer = get_tokenizer(multilingual, num_languages=languages, language="en", task="transcribe")
    names = {index: text for text, index in tokenizer.special_tokens.items()}
    tokens = [names.get(index, f"token {index}") for index in range(size)]
    suppressed = {*tokenizer.non_speech_tokens, tokenizer.transcribe, tokenizer.translate, tokenizer.sot}
    suppressed |= {tokenizer.sot_prev, tokenizer.sot_lm, tokenizer.no_speech}
    config: dict[str, Any] = {
        "suppress_ids": sorted(token for token in suppressed if token is not None),
        "suppress_ids_begin": [*tokenizer.encode(" "), tokenizer.eot],
        "lang_ids": sorted(tokenizer.all_language_tokens),
    }
    layers, heads = weights.dims["n_text_layer"], weights.dims["n_text_head"]
    default = [(layer, head) for layer in range(layers // 2, layers) for head in range(heads)]
    config["alignment_heads"] = [list(pair) for pair in weights.alignment_heads or default]
    return tokens, config
