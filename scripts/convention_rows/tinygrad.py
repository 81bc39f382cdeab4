"""tinygrad: Tensor.scaled_dot_product_attention, on the CPU."""

import os

import numpy as np

from .model import attend, causal
from .rows import row

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}
LOWEST = np.finfo(np.float32).min


def attention(p, every=True, **more):
    os.environ.setdefault("DEV", "CPU")
    from tinygrad import Tensor

    key, value = (p.every_key, p.every_value) if every else (p.key, p.value)
    query, key, value = (Tensor(array) for array in (p.query, key, value))
    more = {k: Tensor(v) if isinstance(v, np.ndarray) else v for k, v in more.items()}
    return query.scaled_dot_product_attention(key, value, **more).numpy()


@row(
    "Causal corner",
    "tinygrad",
    "`is_causal=True`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
    note="a mask beside it is an error",
)
def _(p):
    return attention(p, is_causal=True)


@row(
    "Masks and lengths",
    "tinygrad",
    "`attn_mask` = m, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
)
def _(p):
    return attention(p, attn_mask=p.mask)


@row(
    "A row that sees no key",
    "tinygrad",
    "bool or −∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    note="NaN",
)
def _(p):
    found = attention(p, attn_mask=p.holes)
    also = attention(p, attn_mask=np.where(p.holes, 0, -np.inf).astype(np.float32))
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "A row that sees no key",
    "tinygrad",
    "lowest finite float",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
)
def _(p):
    return attention(p, attn_mask=np.where(p.holes, 0, LOWEST).astype(np.float32))


@row(
    "Default scale",
    "tinygrad",
    "`scaled_dot_product_attention`",
    "the default",
    lambda p: attend(p),
    "",
    note="there is no other",
)
def _(p):
    return attention(p)


@row("Grouped heads", "tinygrad", "`enable_gqa=True`", "`--kv-heads`", lambda p: attend(p), "")
def _(p):
    return attention(p, every=False, enable_gqa=True)


@row(
    "Additive biases",
    "tinygrad",
    "`attn_mask` = b, float",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p):
    return attention(p, attn_mask=p.bias)


@row(
    "Layout", "tinygrad", "[B,H,L,D]", "`--layout bhld`", lambda p: attend(p), "", shapes=("even",)
)
def _(p):
    return attention(p)
