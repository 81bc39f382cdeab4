"""A case's tensors, the same in every process, and its output in float64 by NumPy."""

import numpy as np

from .cases import LENGTHS, WINDOW


def tensors(case):
    """q, k and v as [B, H, L, D]; of a layer x, w, b, w_o and b_o."""
    random = np.random.default_rng(1)

    def uniform(bound, *shape):
        array = random.random(shape, np.float32)
        array *= 2 * bound
        array -= bound
        return array

    if not case.embedding:
        key = (case.B, case.K, case.S, case.D)
        return {
            "q": uniform(3**0.5, case.B, case.H, case.L, case.D),
            "k": uniform(3**0.5, *key), "v": uniform(3**0.5, *key),
        }
    e = case.embedding
    return {
        "x": uniform(3**0.5, case.B, case.L, e), "w": uniform((6 / (4 * e)) ** 0.5, 3 * e, e),
        "b": uniform(0.4, 3 * e), "w_o": uniform((6 / (2 * e)) ** 0.5, e, e), "b_o": uniform(0.4, e),
    }


def shown(case):
    """Which keys a row sees: booleans that extend to [B, H, L, S]; None if all."""
    distance = np.arange(case.L)[:, None] - np.arange(case.S)
    if case.mask == "causal":
        return distance >= 0
    if case.mask == "window":
        return (distance >= 0) & (distance < WINDOW)
    if case.mask == "lengths":
        return (np.arange(case.S) < np.array(LENGTHS)[:, None])[:, None, None]
    return None


def added(case):
    """The same as numbers to add to scores."""
    return np.where(shown(case), np.float32(0), np.float32(-np.inf))


def softmax(scores):
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def attention(case, q, k, v):
    output = np.empty((case.B, case.H, case.L, case.D))
    mask = shown(case)
    if mask is not None:
        mask = np.broadcast_to(mask, (case.B, 1, case.L, case.S))[:, 0]
    for element in range(case.B):
        for head in range(case.H):
            at = element, head * case.K // case.H
            scores = q[element, head].astype(float) @ k[at].astype(float).T / case.D**0.5
            if mask is not None:
                scores[~mask[element]] = -np.inf
            output[element, head] = softmax(scores) @ v[at].astype(float)
    return output


def expected(case, t):
    """[B, H, L, D], of a layer [B, L, E]."""
    if not case.embedding:
        return attention(case, **t)
    t = {name: array.astype(float) for name, array in t.items()}
    qkv = (t["x"] @ t["w"].T + t["b"]).reshape(case.B, case.L, 3, case.H, case.D)
    heads = attention(case, *qkv.transpose(2, 0, 3, 1, 4)).swapaxes(1, 2)
    return heads.reshape(case.B, case.L, case.embedding) @ t["w_o"].T + t["b_o"]
