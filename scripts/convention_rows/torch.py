"""PyTorch."""

import numpy as np

from .model import attend, causal, distance
from .rows import row

CAUSAL = "--mask causal"
BOTTOM_RIGHT = "--mask causal-bottom-right"
MASK = {"mask": lambda p: p.mask}
LOWEST = np.finfo(np.float32).min


def tensors(p, every=True):
    import torch

    key, value = (p.every_key, p.every_value) if every else (p.key, p.value)
    return [torch.from_numpy(array) for array in (p.query, key, value)]


def sdpa(p, *, every=True, **more):
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    more = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in more.items()}
    outputs = []
    for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.MATH):
        with sdpa_kernel(backend):
            found = torch.nn.functional.scaled_dot_product_attention(*tensors(p, every), **more)
        outputs.append(found.numpy())
    # Both kernels of the CPU mean the same.
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=0, atol=1e-5)
    return outputs[0]


def flex(p, every=True, mask=None, **more):
    import torch
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    if mask is not None:
        more["block_mask"] = create_block_mask(mask, p.B, p.H, p.L, p.S, device="cpu")
    return flex_attention(*tensors(p, every), **more).numpy()


def module(p, training=False, weights=True, **more):
    """nn.MultiheadAttention whose projections change nothing."""
    import torch

    width = p.H * p.D
    layer = torch.nn.MultiheadAttention(width, p.H, bias=False, batch_first=True)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(width).repeat(3, 1))
        layer.out_proj.weight.copy_(torch.eye(width))
    layer.train(training)
    flat = [t.transpose(1, 2).reshape(p.B, -1, width) for t in tensors(p)]
    more = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in more.items()}
    with torch.no_grad():
        found = layer(*flat, need_weights=weights, **more)[0]
    return found.reshape(p.B, p.L, p.H, p.D).transpose(1, 2).numpy()


def flat_mask(mask):
    """[B·H,L,S], as nn.MultiheadAttention takes masks of heads."""
    return mask.reshape(-1, *mask.shape[2:])


# ---------------------------------------------------------------------------------- Causal corner


@row(
    "Causal corner",
    "torch",
    "`scaled_dot_product_attention(is_causal=True)`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    CAUSAL,
    shapes=("short", "long"),
    note="a mask beside it is an error",
)
def _(p):
    return sdpa(p, is_causal=True)


@row(
    "Causal corner",
    "torch",
    "`attn_mask=causal_lower_right(L, S)`",
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past)),
    BOTTOM_RIGHT,
    shapes=("short", "long"),
)
def _(p):
    import torch
    from torch.nn.attention.bias import causal_lower_right

    return torch.nn.functional.scaled_dot_product_attention(
        *tensors(p), attn_mask=causal_lower_right(p.L, p.S)
    ).numpy()


@row(
    "Causal corner",
    "torch",
    "`flex_attention`, `q_idx >= kv_idx`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    CAUSAL,
    shapes=("short", "long"),
)
def _(p):
    return flex(p, mask=lambda b, h, q, k: q >= k)


@row(
    "Causal with a cache",
    "torch",
    "`flex_attention`, `q_idx + n >= kv_idx`",
    "`--mask causal --offset n`",
    lambda p: attend(p, causal(p, 2)),
    "--mask causal --offset 2",
    note="n = S − L is `--mask causal-bottom-right`",
)
def _(p):
    return flex(p, mask=lambda b, h, q, k: q + 2 >= k)


# ------------------------------------------------------------------------------ Masks and lengths


@row(
    "Masks and lengths",
    "torch",
    "`scaled_dot_product_attention(attn_mask=m)`, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
)
def _(p):
    return sdpa(p, attn_mask=p.mask)


@row(
    "Masks and lengths",
    "torch",
    "`nn.MultiheadAttention(attn_mask=m)`, bool",
    "`mask` = ~m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
    note="true hides a key",
)
def _(p):
    return module(p, attn_mask=flat_mask(~p.mask))


@row(
    "Masks and lengths",
    "torch",
    "`nn.MultiheadAttention(key_padding_mask=m)`",
    "`mask` = ~m, or `lengths`",
    lambda p: attend(p, p.padding()),
    "--mask input",
    tensors={"lengths": lambda p: p.lengths},
    note="true hides a key; [B,S]",
)
def _(p):
    return module(p, key_padding_mask=~p.padding()[:, 0, 0])


# ------------------------------------------------------------------------- A row that sees no key


HOLES = {"mask": lambda p: p.holes}


@row(
    "A row that sees no key",
    "torch",
    "`scaled_dot_product_attention`, bool or −∞",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes),
    "--mask input",
    tensors=HOLES,
    note="the default",
)
def _(p):
    found = sdpa(p, attn_mask=p.holes)
    also = sdpa(p, attn_mask=np.where(p.holes, 0, -np.inf).astype(np.float32))
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "A row that sees no key",
    "torch",
    "`scaled_dot_product_attention`, lowest finite float",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
)
def _(p):
    return sdpa(p, attn_mask=np.where(p.holes, 0, LOWEST).astype(np.float32))


@row(
    "A row that sees no key",
    "torch",
    "`flex_attention`",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes),
    "--mask input",
    tensors=HOLES,
)
def _(p):
    import torch

    mask = torch.from_numpy(p.holes)
    return flex(p, mask=lambda b, h, q, k: mask[b, h, q, k])


@row(
    "A row that sees no key",
    "torch",
    "`nn.MultiheadAttention` with weights",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    note="NaN, in that row alone",
)
def _(p):
    return module(p, attn_mask=flat_mask(~p.holes))


@row(
    "A row that sees no key",
    "torch",
    "`nn.MultiheadAttention`, training, `need_weights=False`",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes),
    "--mask input",
    tensors=HOLES,
)
def _(p):
    return module(p, attn_mask=flat_mask(~p.holes), training=True, weights=False)


# ----------------------------------------------------------------------------------------- Scores


@row(
    "Windows",
    "torch",
    "`flex_attention`, `(q_idx - kv_idx).abs() <= n`",
    "`--mask window:(n+1)+n`",
    lambda p: attend(p, (distance(p) <= 2)),
    "--mask window:3+2",
    shapes=("short", "square"),
)
def _(p):
    return flex(p, mask=lambda b, h, q, k: (q - k).abs() <= 2)


@row(
    "Soft cap",
    "torch",
    "`flex_attention`, `score_mod` c · tanh(s / c)",
    "`--soft-cap c`",
    lambda p: attend(p, p.mask, cap=2),
    "--soft-cap 2 --mask input",
    tensors=MASK,
    note="s is scaled already; masks come after",
)
def _(p):
    import torch

    mask = torch.from_numpy(p.mask)
    return flex(
        p,
        score_mod=lambda s, b, h, q, k: 2 * torch.tanh(s / 2),
        mask=lambda b, h, q, k: mask[b, h, q, k],
    )


@row(
    "Default scale",
    "torch",
    "`scaled_dot_product_attention`, `flex_attention`",
    "the default",
    lambda p: attend(p),
    "",
)
def _(p):
    found = sdpa(p)
    np.testing.assert_allclose(found, flex(p), rtol=0, atol=1e-5)
    return found


@row(
    "Default scale",
    "torch",
    "`scale=x`",
    "`--score-scale x`",
    lambda p: attend(p, scale=0.2),
    "--score-scale 0.2",
    note="0 is 0: equal weights",
)
def _(p):
    np.testing.assert_allclose(sdpa(p, scale=0.0), attend(p, scale=0), rtol=0, atol=1e-5)
    return sdpa(p, scale=0.2)


@row("Grouped heads", "torch", "`enable_gqa=True`", "`--kv-heads`", lambda p: attend(p), "")
def _(p):
    found = sdpa(p, every=False, enable_gqa=True)
    also = flex(p, every=False, enable_gqa=True)
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "ALiBi",
    "torch",
    "`flex_attention`, `score_mod` s − slope · abs(q_idx − kv_idx)",
    "`--alibi slopes`",
    lambda p: attend(p, bias=-p.slopes[:, None, None] * distance(p)),
    "--alibi standard",
    shapes=("square", "same-6", "same-12"),
    note="distances on both sides of the row count",
)
def _(p):
    import torch

    slopes = torch.from_numpy(p.slopes).float()
    return flex(p, score_mod=lambda s, b, h, q, k: s - slopes[h] * (q - k).abs())


@row(
    "Additive biases",
    "torch",
    "`scaled_dot_product_attention(attn_mask=b)`, float",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
    note="added to scaled scores",
)
def _(p):
    return sdpa(p, attn_mask=p.bias)


@row(
    "Additive biases",
    "torch",
    "`nn.MultiheadAttention(attn_mask=b)`, float",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p):
    return module(p, attn_mask=flat_mask(p.bias))


@row(
    "Layout",
    "torch",
    "`scaled_dot_product_attention`, `flex_attention`: [B,H,L,D]",
    "`--layout bhld`",
    lambda p: attend(p),
    "",
    shapes=("even",),
)
def _(p):
    return sdpa(p)
