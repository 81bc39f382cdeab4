"""ggml, from the libraries that the wheel of pywhispercpp carries. Masks are F16 and added."""

import ctypes
import importlib.util
from pathlib import Path

import numpy as np

from .model import attend, causal, distance
from .rows import row

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}
F32, F16 = 0, 1
Pointer = ctypes.c_void_p
_library = None


class Settings(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("memory", Pointer), ("unallocated", ctypes.c_bool)]


def library():
    """The functions of libggml-base and libggml-cpu."""
    global _library
    if _library is None:
        folder = (
            Path(importlib.util.find_spec("pywhispercpp").origin).parent.parent
            / "pywhispercpp.libs"
        )
        files = [
            next(folder.glob(f"{name}-*")) for name in ("libgomp", "libggml-base", "libggml-cpu")
        ]
        loaded = [ctypes.CDLL(str(file), ctypes.RTLD_GLOBAL) for file in files]
        integer, real = ctypes.c_int64, ctypes.c_float
        for at, name, result, *arguments in [
            (1, "ggml_version", ctypes.c_char_p),
            (1, "ggml_init", Pointer, Settings),
            (1, "ggml_free", None, Pointer),
            (
                1,
                "ggml_new_tensor_4d",
                Pointer,
                Pointer,
                ctypes.c_int,
                integer,
                integer,
                integer,
                integer,
            ),
            (1, "ggml_get_data", Pointer, Pointer),
            (1, "ggml_flash_attn_ext", Pointer, *[Pointer] * 5, real, real, real),
            (1, "ggml_flash_attn_ext_add_sinks", None, Pointer, Pointer),
            (1, "ggml_mul_mat", Pointer, *[Pointer] * 3),
            (1, "ggml_soft_max_ext", Pointer, *[Pointer] * 3, real, real),
            (1, "ggml_soft_max_add_sinks", None, Pointer, Pointer),
            (1, "ggml_new_graph", Pointer, Pointer),
            (1, "ggml_build_forward_expand", None, Pointer, Pointer),
            (2, "ggml_graph_compute_with_ctx", ctypes.c_int, Pointer, Pointer, ctypes.c_int),
        ]:
            function = getattr(loaded[at], name)
            function.restype, function.argtypes = result, arguments
            loaded[at].__dict__[name] = function
        _library = (loaded[1], loaded[2])
    return _library


def version():
    return library()[0].ggml_version().decode()


def attention(p, mask=None, scale=None, sinks=None, cap=0.0, alibi=0.0):
    """ggml_flash_attn_ext, and beside it the soft_max_ext that llama.cpp uses without it; both must
    agree, but for the soft cap, which only the former has."""
    fused = compute(p, True, mask, scale, sinks, cap, alibi)
    if not cap:
        apart = compute(p, False, mask, scale, sinks, cap, alibi)
        np.testing.assert_allclose(fused, apart, rtol=0, atol=1e-5, equal_nan=True)
    return fused


def compute(p, fused, mask, scale, sinks, cap, alibi):
    base, cpu = library()
    context = base.ggml_init(Settings(16 << 20, None, False))

    def tensor(array, kind=F32):
        array = np.ascontiguousarray(array, np.float16 if kind == F16 else np.float32)
        sizes = list(reversed(array.shape))
        made = base.ggml_new_tensor_4d(context, kind, *sizes, *[1] * (4 - len(sizes)))
        ctypes.memmove(base.ggml_get_data(made), array.ctypes.data, array.nbytes)
        return made

    query, key = tensor(p.query), tensor(p.key)
    added = None if mask is None else tensor(mask, F16)
    scale = p.D**-0.5 if scale is None else scale
    if fused:
        found = base.ggml_flash_attn_ext(
            context, query, key, tensor(p.value), added, scale, alibi, cap
        )
        if sinks is not None:
            base.ggml_flash_attn_ext_add_sinks(found, tensor(sinks))
        shape = (p.B, p.L, p.H, p.D)
    else:
        weights = base.ggml_soft_max_ext(
            context, base.ggml_mul_mat(context, key, query), added, scale, alibi
        )
        if sinks is not None:
            base.ggml_soft_max_add_sinks(weights, tensor(sinks))
        found = base.ggml_mul_mat(context, tensor(p.value.swapaxes(-1, -2)), weights)
        shape = (p.B, p.H, p.L, p.D)
    graph = base.ggml_new_graph(context)
    base.ggml_build_forward_expand(graph, found)
    assert cpu.ggml_graph_compute_with_ctx(context, graph, 1) == 0
    output = np.empty(shape, np.float32)
    ctypes.memmove(output.ctypes.data, base.ggml_get_data(found), output.nbytes)
    base.ggml_free(context)
    return output.swapaxes(1, 2) if fused else output


def added(shown):
    return np.where(shown, 0, -np.inf)


@row(
    "Masks and lengths",
    "ggml",
    "mask m, F16, 0 and −∞",
    "`mask` = m > −∞",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
    note="no flag for causal: the mask says it",
)
def _(p):
    return attention(p, added(p.mask))


@row(
    "A row that sees no key",
    "ggml",
    "`ggml_flash_attn_ext`, −∞",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes),
    "--mask input",
    tensors=HOLES,
)
def _(p):
    return compute(p, True, added(p.holes), None, None, 0.0, 0.0)


@row(
    "A row that sees no key",
    "ggml",
    "`ggml_soft_max_ext`, −∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    note="NaN",
)
def _(p):
    return compute(p, False, added(p.holes), None, None, 0.0, 0.0)


@row(
    "Soft cap",
    "ggml",
    "`ggml_flash_attn_ext(logit_softcap=c)`",
    "`--soft-cap c`",
    lambda p: attend(p, p.mask, cap=2),
    "--soft-cap 2 --mask input",
    tensors=MASK,
    note="0 is none",
)
def _(p):
    return attention(p, added(p.mask), cap=2.0)


@row(
    "Default scale",
    "ggml",
    "`scale=x`, which has no default",
    "`--score-scale x`",
    lambda p: attend(p, scale=0.2),
    "--score-scale 0.2",
)
def _(p):
    return attention(p, scale=0.2)


@row("Grouped heads", "ggml", "fewer heads of `k` and `v`", "`--kv-heads`", lambda p: attend(p), "")
def _(p):
    return attention(p)


@row(
    "ALiBi",
    "ggml",
    "`max_bias=8`, mask of −abs(i − j)",
    "`--alibi standard`",
    lambda p: attend(p, bias=-p.slopes[:, None, None] * distance(p)),
    "--alibi standard",
    shapes=("same", "same-6", "same-12"),
    note="slopes multiply the mask, whatever it holds",
)
def _(p):
    return attention(p, -distance(p), alibi=8.0)


@row(
    "Additive biases",
    "ggml",
    "mask b, F16",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p):
    return attention(p, p.bias)


@row(
    "Sinks",
    "ggml",
    "`ggml_flash_attn_ext_add_sinks`, `ggml_soft_max_add_sinks`",
    "`sinks`",
    lambda p: attend(p, sinks=p.sinks),
    "",
    tensors={"sinks": lambda p: p.sinks},
    note="a score of each head, not scaled",
)
def _(p):
    return attention(p, sinks=p.sinks)


@row(
    "Layout",
    "ggml",
    "`ne` = {D, L, H, B}; the result {D, H, L, B}",
    "`--layout bhld`, the output turned",
    lambda p: attend(p),
    "",
    shapes=("even",),
    note="inputs are [B,H,L,D], the output of " "`ggml_flash_attn_ext` is [B,L,H,D]",
)
def _(p):
    return attention(p)
