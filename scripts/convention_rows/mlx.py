"""MLX: mlx.core.fast.scaled_dot_product_attention, on the CPU."""

import numpy as np

from .model import attend, causal, distance
from .rows import row

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}


def attention(p, scale=None, **more):
    import mlx.core as mx

    arrays = [mx.array(array) for array in (p.query, p.key, p.value)]
    more = {k: mx.array(v) if isinstance(v, np.ndarray) else v for k, v in more.items()}
    scale = p.D**-0.5 if scale is None else scale
    return np.array(mx.fast.scaled_dot_product_attention(*arrays, scale=scale, **more))


@row(
    "Causal corner",
    "mlx",
    '`mask="causal"`',
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past), nothing="mean"),
    "--mask causal-bottom-right --masked-rows uniform",
    shapes=("short", "square", "long"),
    note="L > S: `--masked-rows uniform`",
)
def _(p):
    return attention(p, mask="causal")


@row(
    "Masks and lengths",
    "mlx",
    "`mask=m`, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
)
def _(p):
    return attention(p, mask=p.mask)


@row(
    "A row that sees no key",
    "mlx",
    "bool",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
)
def _(p):
    return attention(p, mask=p.holes)


@row(
    "A row that sees no key",
    "mlx",
    "bool, with `sinks`",
    "`sinks`, and `--masked-rows zeros`",
    lambda p: attend(p, p.holes, sinks=p.sinks),
    "--mask input",
    tensors={"mask": lambda p: p.holes, "sinks": lambda p: p.sinks},
)
def _(p):
    return attention(p, mask=p.holes, sinks=p.sinks)


@row(
    "A row that sees no key",
    "mlx",
    "−∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    note="NaN",
)
def _(p):
    return attention(p, mask=np.where(p.holes, 0, -np.inf).astype(np.float32))


@row(
    "Default scale",
    "mlx",
    "`scale=x`, which has no default",
    "`--score-scale x`",
    lambda p: attend(p, scale=0.2),
    "--score-scale 0.2",
)
def _(p):
    return attention(p, scale=0.2)


@row("Grouped heads", "mlx", "fewer heads of `k` and `v`", "`--kv-heads`", lambda p: attend(p), "")
def _(p):
    return attention(p)


@row(
    "ALiBi",
    "mlx",
    "`nn.ALiBi`",
    "`--alibi standard`",
    lambda p: attend(p, bias=-p.slopes[:, None, None] * distance(p)),
    "--alibi standard",
    shapes=("same", "same-6", "same-12"),
    note="distances on both sides of the row count",
)
def _(p):
    import mlx.core as mx
    import mlx.nn

    # The layer adds slopes to scores it is given; so to zeros.
    bias = mlx.nn.ALiBi()(mx.zeros((p.B, p.H, p.L, p.S)))
    return attention(p, mask=bias)


@row(
    "Additive biases",
    "mlx",
    "`mask=b`, float",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p):
    return attention(p, mask=p.bias)


@row(
    "Sinks",
    "mlx",
    "`sinks`",
    "`sinks`",
    lambda p: attend(p, sinks=p.sinks),
    "",
    tensors={"sinks": lambda p: p.sinks},
    note="a score of each head, not scaled",
)
def _(p):
    return attention(p, sinks=p.sinks)


@row("Layout", "mlx", "[B,H,L,D]", "`--layout bhld`", lambda p: attend(p), "", shapes=("even",))
def _(p):
    return attention(p)
