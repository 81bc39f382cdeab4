"""Keras, on JAX. Layers' projections change nothing."""

import os

import numpy as np

from .model import attend, causal, window
from .rows import row, with_axes


def library():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    return keras


def operation(p, **more):
    arrays = [with_axes("blhd", array) for array in (p.query, p.every_key, p.every_value)]
    found = library().ops.dot_product_attention(*arrays, flash_attention=False, **more)
    return with_axes("blhd", np.asarray(found))


def flat(array):
    return np.ascontiguousarray(array.swapaxes(1, 2)).reshape(array.shape[0], array.shape[2], -1)


def multi_head(p, scores=False, dropout=0.0, sliding_window=None, **more):
    """MultiHeadAttention with projections that only cut into heads."""
    width = p.H * p.D
    layer = library().layers.MultiHeadAttention(
        p.H, p.D, use_bias=False, output_shape=width, sliding_window=sliding_window, dropout=dropout
    )
    inputs = [flat(array) for array in (p.query, p.every_value, p.every_key)]
    layer.build(*[array.shape for array in inputs])
    eye = np.eye(width, dtype=np.float32)
    cut = eye.reshape(width, p.H, p.D)
    layer.set_weights([cut, cut, cut, eye.reshape(p.H, p.D, width)])
    found = layer(*inputs, return_attention_scores=scores, **more)
    found = np.asarray(found[0] if scores else found)
    return found.reshape(p.B, p.L, p.H, p.D).swapaxes(1, 2)


def group_query(p, **more):
    layer = library().layers.GroupQueryAttention(p.D, p.H, p.K, use_bias=False, **more)
    width, narrow = p.H * p.D, p.K * p.D
    # Keys and values are as wide as queries; their projections take the first columns.
    inputs = [flat(p.query)] + [
        np.pad(flat(array), ((0, 0), (0, 0), (0, width - narrow))) for array in (p.value, p.key)
    ]
    layer.build(*[array.shape for array in inputs])
    eye = np.eye(width, dtype=np.float32)
    cut = eye.reshape(width, p.H, p.D)
    layer.set_weights([cut, cut[:, : p.K], cut[:, : p.K], eye.reshape(p.H, p.D, width)])
    found = np.asarray(layer(*inputs))
    return found.reshape(p.B, p.L, p.H, p.D).swapaxes(1, 2)


@row(
    "Causal corner",
    "keras",
    "`MultiHeadAttention`: `use_causal_mask=True`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
)
def _(p):
    return multi_head(p, use_causal_mask=True)


@row(
    "Causal corner",
    "keras",
    "`ops.dot_product_attention(is_causal=True)`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
    layout="blhd",
)
def _(p):
    return operation(p, is_causal=True)


@row(
    "Masks and lengths",
    "keras",
    "`attention_mask` = m, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask[:, :1]),
    "--mask input",
    tensors={"mask": lambda p: p.mask[:, :1]},
    note="[B,L,S]",
)
def _(p):
    return multi_head(p, attention_mask=p.mask[:, 0])


@row(
    "Masks and lengths",
    "keras",
    "`value_mask` = m, [B,S]",
    "`mask` = m, or `lengths`",
    lambda p: attend(p, p.padding()),
    "--mask input",
    tensors={"lengths": lambda p: p.lengths},
)
def _(p):
    return multi_head(p, value_mask=p.padding()[:, 0, 0])


@row(
    "A row that sees no key",
    "keras",
    "`ops.dot_product_attention(mask=m)`; `MultiHeadAttention`",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes[:, :1], nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors={"mask": lambda p: p.holes[:, :1]},
)
def _(p):
    found = multi_head(p, attention_mask=p.holes[:, 0])
    np.testing.assert_allclose(found, operation(p, mask=p.holes[:, :1]), rtol=0, atol=1e-5)
    return found


@row(
    "A row that sees no key",
    "keras",
    "`MultiHeadAttention`, scores or dropout asked for",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes[:, :1]),
    "--mask input",
    tensors={"mask": lambda p: p.holes[:, :1]},
    note="another way of computing than without",
)
def _(p):
    found = multi_head(p, attention_mask=p.holes[:, 0], dropout=0.1)
    also = multi_head(p, attention_mask=p.holes[:, 0], scores=True)
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "Windows",
    "keras",
    "`MultiHeadAttention`, `GroupQueryAttention`: `sliding_window=w`",
    "`--mask window:w+(w-1)`",
    lambda p: attend(p, window(p, 2, 2)),
    "--mask window:3+2",
    shapes=("short", "square"),
    note="w − 1 keys on either side",
)
def _(p):
    found = multi_head(p, sliding_window=3)
    np.testing.assert_allclose(found, group_query(p, sliding_window=3), rtol=0, atol=1e-5)
    return found


@row(
    "Windows",
    "keras",
    "the same, `use_causal_mask=True`",
    "`--mask causal+window:w`",
    lambda p: attend(p, window(p, 2, 0)),
    "--mask causal+window:3",
    shapes=("short", "square"),
)
def _(p):
    return multi_head(p, sliding_window=3, use_causal_mask=True)


@row(
    "Default scale",
    "keras",
    "`MultiHeadAttention`, `GroupQueryAttention`, `ops`",
    "the default",
    lambda p: attend(p),
    "",
)
def _(p):
    found = multi_head(p)
    np.testing.assert_allclose(found, group_query(p), rtol=0, atol=1e-5)
    np.testing.assert_allclose(found, operation(p), rtol=0, atol=1e-5)
    return found


@row(
    "Default scale",
    "keras",
    "`layers.Attention`",
    "`--score-scale 1`",
    lambda p: attend(p, scale=1),
    "--score-scale 1",
    note="one head, [B,L,D]; `use_scale=True` learns a factor that starts at 1",
)
def _(p):
    layer = library().layers.Attention()
    found = [
        np.asarray(layer([p.query[:, h], p.every_value[:, h], p.every_key[:, h]]))
        for h in range(p.H)
    ]
    return np.stack(found, axis=1)


@row("Grouped heads", "keras", "`GroupQueryAttention`", "`--kv-heads`", lambda p: attend(p), "")
def _(p):
    return group_query(p)


@row(
    "Additive biases",
    "keras",
    "`ops.dot_product_attention(bias=b)`",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
    layout="blhd",
)
def _(p):
    return operation(p, bias=p.bias)


@row(
    "Layout",
    "keras",
    "`ops.dot_product_attention`: [B,L,H,D]",
    "`--layout blhd`",
    lambda p: attend(p),
    "",
    shapes=("even",),
    layout="blhd",
)
def _(p):
    return operation(p)
