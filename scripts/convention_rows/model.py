"""Small problems, and attention in float64 with every choice that libraries make differently.

Letters are those of docs/words.md: B batch elements, H query heads, K key/value heads, L query rows,
S keys, D columns. Arrays are [B,H,L,D] here, whatever a library wants.
"""

import zlib

import numpy as np


class Problem:
    """Random tensors of one shape, the same every time: NumPy's generator is seeded by the name."""

    # name: (B, H, K, L, S). "same" in a name makes query, key and value one tensor, as modules that
    # project one input do.
    SHAPES = {
        "short": (2, 4, 2, 5, 9),  # fewer rows than keys
        "long": (2, 4, 2, 9, 5),  # more rows than keys
        "one": (2, 4, 2, 1, 9),
        "square": (2, 4, 2, 7, 7),
        "even": (2, 4, 4, 4, 4),  # L = H: the wrong layout runs, and gives other numbers
        "same": (2, 4, 4, 7, 7),
        "same-6": (2, 6, 6, 7, 7),
        "same-12": (2, 12, 12, 7, 7),
        "same-16": (2, 4, 4, 16, 16),
    }
    D = 8

    def __init__(self, name):
        self.name = name
        self.B, self.H, self.K, self.L, self.S = self.SHAPES[name]
        random = np.random.default_rng(zlib.crc32(name.encode()))

        def normal(*shape):
            return random.standard_normal(shape, dtype=np.float32)

        self.query = normal(self.B, self.H, self.L, self.D)
        if name.startswith("same"):
            self.key = self.value = self.query
        else:
            self.key = normal(self.B, self.K, self.S, self.D)
            self.value = normal(self.B, self.K, self.S, self.D)
        # One key/value head for every query head, for libraries that do not group heads.
        group = self.H // self.K
        self.every_key = np.repeat(self.key, group, axis=1)
        self.every_value = np.repeat(self.value, group, axis=1)
        self.past = self.S - self.L  # keys in the cache, where there is one
        # Valid keys of each batch element: the last hides keys, and none leaves a row without one.
        self.lengths = np.array([self.S - 1, self.S - 3])
        # A mask that is not symmetric, and shows every row at least its first key.
        self.mask = random.random((self.B, self.H, self.L, self.S)) < 0.5
        self.mask[..., 0] = True
        # The same, but the third row of the second batch element sees nothing.
        self.holes = self.mask.copy()
        self.holes[1, :, 2 % self.L] = False
        # Numbers that f16 has, too, which is what ggml's masks are made of.
        self.bias = normal(self.B, self.H, self.L, self.S).astype(np.float16).astype(np.float32)
        self.sinks = normal(self.H)
        self.slopes = standard_slopes(self.H)

    def padding(self):
        """[B,1,1,S]: the first keys, as many as the batch element has."""
        return np.arange(self.S) < self.lengths[:, None, None, None]


def standard_slopes(heads):
    """The slopes of the ALiBi paper, with its rule for numbers of heads that are not a power of two."""
    power = 1 << (heads.bit_length() - 1)
    first = [2.0 ** (-8.0 * (i + 1) / power) for i in range(power)]
    between = [2.0 ** (-4.0 * (2 * i + 1) / power) for i in range(heads - power)]
    return np.array(first + between)


def position(p, offset=0):
    """[L,1] and [S]: where rows stand among the keys, and the keys."""
    offset = np.asarray(offset)
    return offset[..., None, None] + np.arange(p.L)[:, None], np.arange(p.S)


def causal(p, offset=0):
    """Keys up to the row's own position, `offset` further than its number. An offset for each batch
    element gives [B,1,L,S]."""
    row, key = position(p, offset)
    shown = key <= row
    return shown[:, None] if shown.ndim == 3 else shown


def window(p, left, right, offset=0):
    """`left` keys before the row's own, and `right` after it; None is no bound."""
    row, key = position(p, offset)
    shown = np.ones((p.L, p.S), bool)
    if left is not None:
        shown &= key >= row - left
    if right is not None:
        shown &= key <= row + right
    return shown


def distance(p, offset=0):
    row, key = position(p, offset)
    return np.abs(row - key)


def attend(
    p,
    visible=None,
    *,
    scale=None,
    cap=None,
    bias=None,
    sinks=None,
    nothing="zeros",
    value=None,
    tiled=False,
    cap_after_bias=False,
    cap_before_scale=False,
    bias_before_scale=False,
):
    """Attention in float64. `nothing` is the output of a row that sees no key: zeros, mean (of all
    values, hidden ones too) or nan. `sinks` [H] are scores of a key without a value. The last four
    are conventions that no library has; they show that a check would notice them."""
    heads = np.arange(p.H)
    shared = heads % p.K if tiled else heads // (p.H // p.K)
    q = p.query.astype(np.float64)
    k = p.key.astype(np.float64)[:, shared]
    v = (p.value if value is None else value).astype(np.float64)[:, shared]
    scale = p.D**-0.5 if scale is None else scale
    bias = 0.0 if bias is None else bias

    def capped(scores):
        return scores if cap is None else cap * np.tanh(scores / cap)

    products = q @ k.swapaxes(-1, -2)
    if cap_before_scale:
        scores = capped(products) * scale + bias
    elif cap_after_bias:
        scores = capped(products * scale + bias)
    elif bias_before_scale:
        scores = (products + bias) * scale
    else:
        scores = capped(products * scale) + bias
    visible = np.broadcast_to(True if visible is None else visible, scores.shape)
    sees = visible.any(-1, keepdims=True)
    hidden = np.where(visible, scores, -np.inf)
    highest = np.where(sees, hidden.max(-1, keepdims=True), 0.0)
    weights = np.exp(hidden - highest)
    total = weights.sum(-1, keepdims=True)
    if sinks is not None:
        total = total + np.exp(sinks[None, :, None, None] - highest)
    output = (weights / np.where(total > 0, total, 1.0)) @ v
    if sinks is None and nothing != "zeros":
        other = v.mean(-2, keepdims=True) if nothing == "mean" else np.nan
        output = np.where(sees, output, other)
    return output
