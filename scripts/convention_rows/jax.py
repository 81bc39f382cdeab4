"""JAX: jax.nn.dot_product_attention, which takes [B,L,H,D]."""

import numpy as np

from .model import attend, causal, window
from .rows import row, with_axes

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}
LOWEST = np.finfo(np.float32).min


def attention(p, **more):
    import jax

    arrays = [with_axes("blhd", array) for array in (p.query, p.key, p.value)]
    return with_axes("blhd", np.asarray(jax.nn.dot_product_attention(*arrays, **more)))


@row(
    "Causal corner",
    "jax",
    "`is_causal=True`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
    layout="blhd",
)
def _(p):
    return attention(p, is_causal=True)


@row(
    "Causal with a cache",
    "jax",
    "`key_value_seq_lengths=n`, `is_causal=True`",
    "`--mask causal+lengths:n₁,n₂`",
    lambda p: attend(p, causal(p) & p.padding()),
    lambda p: "--mask causal+lengths:" + ",".join(map(str, p.lengths)),
    shapes=("square",),
    layout="blhd",
    note="lengths hide keys, and do not move the corner",
)
def _(p):
    return attention(p, key_value_seq_lengths=p.lengths, is_causal=True)


@row(
    "Masks and lengths",
    "jax",
    "`mask=m`, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
    layout="blhd",
)
def _(p):
    return attention(p, mask=p.mask)


@row(
    "Masks and lengths",
    "jax",
    "`key_value_seq_lengths=n`",
    "`lengths` = n",
    lambda p: attend(p, p.padding()),
    "--mask input",
    tensors={"lengths": lambda p: p.lengths},
    layout="blhd",
)
def _(p):
    return attention(p, key_value_seq_lengths=p.lengths)


@row(
    "A row that sees no key",
    "jax",
    "`mask`",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
    layout="blhd",
    note="the mean of all values, hidden ones too",
)
def _(p):
    found = attention(p, mask=p.holes)
    also = attention(p, bias=np.where(p.holes, 0, LOWEST).astype(np.float32))
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "A row that sees no key",
    "jax",
    "`bias` −∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    layout="blhd",
    note="NaN",
)
def _(p):
    return attention(p, bias=np.where(p.holes, 0, -np.inf).astype(np.float32))


@row(
    "A row that sees no key",
    "jax",
    "rows beyond `query_seq_lengths`",
    "`--masked-rows zeros`",
    lambda p: attend(p, np.arange(p.L)[:, None] < np.array([4, 3])[:, None, None, None]),
    "--mask input",
    tensors={
        "mask": lambda p: np.broadcast_to(
            np.arange(p.L)[:, None] < np.array([4, 3])[:, None, None, None], (p.B, 1, p.L, p.S)
        )
    },
    layout="blhd",
)
def _(p):
    return attention(p, query_seq_lengths=np.array([4, 3]))


@row(
    "Windows",
    "jax",
    "`local_window_size=(l, r)`",
    "`--mask window:(l+1)+r`",
    lambda p: attend(p, window(p, 2, 1)),
    "--mask window:3+1",
    shapes=("short", "square"),
    layout="blhd",
    note="the row's own key is not counted",
)
def _(p):
    return attention(p, local_window_size=(2, 1))


@row(
    "Windows",
    "jax",
    "`local_window_size=w`",
    "`--mask window:(w+1)+w`",
    lambda p: attend(p, window(p, 2, 2)),
    "--mask window:3+2",
    shapes=("short", "square"),
    layout="blhd",
    note="w keys on either side",
)
def _(p):
    return attention(p, local_window_size=2)


@row(
    "Default scale",
    "jax",
    "`dot_product_attention`",
    "the default",
    lambda p: attend(p),
    "",
    layout="blhd",
    note="`scale=0` is 0: equal weights",
)
def _(p):
    np.testing.assert_allclose(attention(p, scale=0.0), attend(p, scale=0), rtol=0, atol=1e-5)
    return attention(p)


@row(
    "Grouped heads",
    "jax",
    "fewer heads of `key` and `value`",
    "`--kv-heads`",
    lambda p: attend(p),
    "",
    layout="blhd",
)
def _(p):
    return attention(p)


@row(
    "Additive biases",
    "jax",
    "`bias=b`",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
    layout="blhd",
    note="added to scaled scores",
)
def _(p):
    return attention(p, bias=p.bias)


@row(
    "Layout",
    "jax",
    "[B,L,H,D]",
    "`--layout blhd`",
    lambda p: attend(p),
    "",
    shapes=("even",),
    layout="blhd",
    note="masks and biases are [B,H,L,S]",
)
def _(p):
    return attention(p)
