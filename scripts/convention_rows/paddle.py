"""Paddle: paddle.nn.functional.scaled_dot_product_attention, which takes [B,L,H,D]."""

import numpy as np

from .model import attend, causal
from .rows import row, with_axes

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}
LOWEST = np.finfo(np.float32).min


def attention(p, **more):
    import paddle

    paddle.set_device("cpu")
    arrays = [paddle.to_tensor(with_axes("blhd", a)) for a in (p.query, p.key, p.value)]
    more = {k: paddle.to_tensor(v) if isinstance(v, np.ndarray) else v for k, v in more.items()}
    found = paddle.nn.functional.scaled_dot_product_attention(*arrays, **more)
    return with_axes("blhd", found.numpy())


@row(
    "Causal corner",
    "paddle",
    "`is_causal=True`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
    layout="blhd",
    note="a mask beside it is ignored",
)
def _(p):
    found = attention(p, is_causal=True)
    if p.name == "short":
        also = attention(p, is_causal=True, attn_mask=p.mask)
        np.testing.assert_array_equal(found, also)
    return found


@row(
    "Masks and lengths",
    "paddle",
    "`attn_mask` = m, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
    layout="blhd",
)
def _(p):
    return attention(p, attn_mask=p.mask)


@row(
    "A row that sees no key",
    "paddle",
    "bool or −∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    layout="blhd",
    note="NaN",
)
def _(p):
    found = attention(p, attn_mask=p.holes)
    also = attention(p, attn_mask=np.where(p.holes, 0, -np.inf).astype(np.float32))
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "A row that sees no key",
    "paddle",
    "lowest finite float",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
    layout="blhd",
)
def _(p):
    return attention(p, attn_mask=np.where(p.holes, 0, LOWEST).astype(np.float32))


@row(
    "Default scale",
    "paddle",
    "`scaled_dot_product_attention`",
    "the default",
    lambda p: attend(p),
    "",
    layout="blhd",
)
def _(p):
    np.testing.assert_allclose(attention(p, scale=0.2), attend(p, scale=0.2), rtol=0, atol=1e-5)
    return attention(p)


@row(
    "Grouped heads",
    "paddle",
    "fewer heads of `key` and `value`",
    "`--kv-heads`",
    lambda p: attend(p),
    "",
    layout="blhd",
    note="`enable_gqa` is on unless told otherwise",
)
def _(p):
    return attention(p)


@row(
    "Additive biases",
    "paddle",
    "`attn_mask` = b, float",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
    layout="blhd",
)
def _(p):
    return attention(p, attn_mask=p.bias)


@row(
    "Layout",
    "paddle",
    "[B,L,H,D]",
    "`--layout blhd`",
    lambda p: attend(p),
    "",
    shapes=("even",),
    layout="blhd",
    note="`paddle.compat.nn.functional` takes [B,H,L,D]",
)
def _(p):
    import paddle

    heads_first = [paddle.to_tensor(a) for a in (p.query, p.key, p.value)]
    also = paddle.compat.nn.functional.scaled_dot_product_attention(*heads_first).numpy()
    np.testing.assert_allclose(also, attend(p), rtol=0, atol=1e-5)
    return attention(p)
