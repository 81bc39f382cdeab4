"""PyTorch: its own call for a row, and what its users write by hand where that computes less."""

import time

import torch
from torch.nn import functional

from .cases import LENGTHS, WINDOW, Unsupported
from .inputs import added

VERSION = torch.__version__
torch.set_num_threads(1)


def numpy(output):
    return output.numpy()


def own_call(case, t):
    if case.embedding:
        return module(case, t), numpy
    q, k, v = (torch.from_numpy(t[name]) for name in "qkv")
    more = {}
    if case.mask == "causal":
        more = {"is_causal": True}
    elif case.mask != "none":
        more = {"attn_mask": torch.from_numpy(added(case))}
    if case.H != case.K:
        more["enable_gqa"] = True
    return lambda: functional.scaled_dot_product_attention(q, k, v, **more), numpy


def module(case, t):
    layer = torch.nn.MultiheadAttention(case.embedding, case.H, batch_first=True).eval()
    for name, parameter in [
        ("w", layer.in_proj_weight), ("b", layer.in_proj_bias),
        ("w_o", layer.out_proj.weight), ("b_o", layer.out_proj.bias),
    ]:
        parameter.data.copy_(torch.from_numpy(t[name]))
    x = torch.from_numpy(t["x"])
    return lambda: layer(x, x, x, need_weights=False)[0]


def by_hand(case, t):
    if case.embedding:
        return functions(case, t), numpy
    q, k, v = (torch.from_numpy(t[name]) for name in "qkv")
    if case.mask == "lengths":
        return elements(q, k, v), numpy
    if case.mask == "window":
        # The best size depends on the processor.
        return min((chunks(q, k, v, rows) for rows in (128, 256, 512)), key=seconds), numpy
    if case.H != case.K:
        # One row sees every key, so that the heads of a group can be rows of one head.
        rows = q.view(case.B, case.K, case.H // case.K, case.D)
        return (
            lambda: functional.scaled_dot_product_attention(rows, k, v),
            lambda output: output.numpy().reshape(case.B, case.H, 1, case.D),
        )
    raise Unsupported("its own call leaves nothing to be done by hand")


def functions(case, t):
    """Linear layers and scaled_dot_product_attention, as models write them."""
    x, w, b, w_o, b_o = (torch.from_numpy(t[name]) for name in ("x", "w", "b", "w_o", "b_o"))
    B, L, H, D, E = case.B, case.L, case.H, case.D, case.embedding

    def run():
        qkv = functional.linear(x, w, b).view(B, L, 3, H, D).permute(2, 0, 3, 1, 4)
        o = functional.scaled_dot_product_attention(*qkv).transpose(1, 2).reshape(B, L, E)
        return functional.linear(o, w_o, b_o)

    return run


def elements(q, k, v):
    """Each element by itself, with its own keys only."""
    output = torch.empty_like(q)

    def run():
        for i, length in enumerate(LENGTHS):
            output[i : i + 1] = functional.scaled_dot_product_attention(
                q[i : i + 1], k[i : i + 1, :, :length], v[i : i + 1, :, :length]
            )
        return output

    return run


def chunks(q, k, v, rows):
    """Chunks of rows, each with the keys that one of its rows sees."""
    output = torch.empty_like(q)
    parts = []
    for first in range(0, q.shape[2], rows):
        keys = range(max(0, first - WINDOW + 1), first + rows)
        distance = torch.arange(first, first + rows)[:, None] - torch.arange(keys.start, keys.stop)
        mask = torch.zeros(distance.shape)
        mask[(distance < 0) | (distance >= WINDOW)] = -torch.inf
        parts.append((slice(first, first + rows), slice(keys.start, keys.stop), mask))

    def run():
        for here, keys, mask in parts:
            output[:, :, here] = functional.scaled_dot_product_attention(
                q[:, :, here], k[:, :, keys], v[:, :, keys], attn_mask=mask
            )
        return output

    return run


def seconds(run):
    times = []
    for _ in range(4):
        start = time.perf_counter()
        with torch.inference_mode():
            run()
        times.append(time.perf_counter() - start)
    return min(times)


def inference(build):
    def built(case, t):
        with torch.inference_mode():
            run, unpack = build(case, t)

        def inferred():
            with torch.inference_mode():
                return run()

        return inferred, unpack

    return built


ENTRIES = {"torch": inference(own_call), "torch by hand": inference(by_hand)}
