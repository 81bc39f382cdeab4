"""ONNX's Attention, in its own reference and in ONNX Runtime, and the operators of ONNX Runtime."""

import numpy as np

from .model import attend, causal, window
from .rows import row

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}
LOWEST = np.finfo(np.float32).min


def node(operator, inputs, opset=24, domain="", outputs=1, **attributes):
    """A model of one operator."""
    from onnx import TensorProto, helper

    names = [name if array is not None else "" for name, array in inputs.items()]
    given = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in inputs.items()
        if array is not None
    ]
    made = ["y", *(f"y{i}" for i in range(1, outputs))]
    graph = helper.make_graph(
        [helper.make_node(operator, names, made, domain=domain, **attributes)],
        "row",
        given,
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    return helper.make_model(graph, opset_imports=opsets, ir_version=11)


def fed(inputs):
    return {name: array for name, array in inputs.items() if array is not None}


def runtime(model, inputs):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, fed(inputs))[0]


def reference(model, inputs):
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, fed(inputs))[0]


def attention(p, by, *, every=True, opset=24, cut=0, mask=None, lengths=None, **attributes):
    """The standard's operator. The first `cut` keys are the past."""
    key, value = (p.every_key, p.every_value) if every else (p.key, p.value)
    inputs = {"q": p.query, "k": key[:, :, cut:], "v": value[:, :, cut:], "mask": mask}
    if cut:
        inputs |= {"past_key": key[:, :, :cut], "past_value": value[:, :, :cut]}
    elif lengths is not None:
        inputs |= {"past_key": None, "past_value": None, "lengths": lengths.astype(np.int64)}
    return by(node("Attention", inputs, opset, outputs=3 if cut else 1, **attributes), inputs)


def flat(array):
    """[B,L,H·D]."""
    return np.ascontiguousarray(array.swapaxes(1, 2)).reshape(array.shape[0], array.shape[2], -1)


def unflat(p, array):
    return array.reshape(p.B, p.L, p.H, p.D).swapaxes(1, 2)


def multi_head(p, padding=None, bias=None, past=0, **attributes):
    """com.microsoft.MultiHeadAttention."""
    key, value = p.every_key, p.every_value
    inputs = {
        "q": flat(p.query),
        "k": flat(key[:, :, past:]),
        "v": flat(value[:, :, past:]),
        "projection": None,
        "padding": padding,
        "bias": bias,
    }
    if past:
        inputs |= {"past_key": key[:, :, :past], "past_value": value[:, :, :past]}
    model = node(
        "MultiHeadAttention",
        inputs,
        20,
        "com.microsoft",
        3 if past else 1,
        num_heads=p.H,
        **attributes,
    )
    return unflat(p, runtime(model, inputs))


def group_query(p, totals=None, bias=None, sinks=None, **attributes):
    """com.microsoft.GroupQueryAttention on a cache that has all keys but the newest L of each batch
    element, which has `totals` keys. Several rows of a batch beside a cache are refused, so that
    each element is a call of its own then."""
    totals = np.full(p.B, p.S) if totals is None else totals
    cache = [np.zeros((p.B, p.K, p.S, p.D), np.float32) for _ in range(2)]
    new = [np.zeros((p.B, p.K, p.L, p.D), np.float32) for _ in range(2)]
    for b, total in enumerate(totals):
        for i, array in enumerate((p.key, p.value)):
            cache[i][b, :, : total - p.L] = array[b, :, : total - p.L]
            new[i][b] = array[b, :, total - p.L : total]

    def call(part):
        inputs = {
            "q": flat(p.query[part]),
            "k": flat(new[0][part]),
            "v": flat(new[1][part]),
            "past_key": cache[0][part],
            "past_value": cache[1][part],
            "seqlens": (totals[part] - 1).astype(np.int32),
            "total": np.array(max(totals[part]), np.int32),
            "cos": None,
            "sin": None,
            "positions": None,
            "bias": None if bias is None else bias[part],
            "sinks": sinks,
        }
        model = node(
            "GroupQueryAttention",
            inputs,
            20,
            "com.microsoft",
            3,
            num_heads=p.H,
            kv_num_heads=p.K,
            **attributes,
        )
        found = runtime(model, inputs)
        return found.reshape(-1, p.L, p.H, p.D).swapaxes(1, 2)

    if p.past == 0 or p.L == 1:
        return call(slice(0, p.B))
    return np.concatenate([call(slice(b, b + 1)) for b in range(p.B)])


def declare_both(topic, says, shown, model, flags=None, note="", notes=None, **more):
    """A row of the standard, for its reference and for ONNX Runtime; the function gets which."""

    def declare(run):
        for library, by in (("onnx", reference), ("onnxruntime", runtime)):
            row(
                topic,
                library,
                says,
                shown,
                model,
                flags,
                note=(notes or {}).get(library, note),
                **more,
            )(lambda p, by=by: run(p, by))
        return run

    return declare


# ---------------------------------------------------------------------------------- Causal corner


@declare_both(
    "Causal corner",
    "`Attention` (23–25), `is_causal=1`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
    note="its text says bottom-right, and means: with a cache",
)
def _(p, by):
    found = [attention(p, by, opset=opset, is_causal=1) for opset in (23, 24, 25)]
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found[0], found[2], rtol=0, atol=1e-6)
    return found[0]


@row(
    "Causal corner",
    "onnxruntime",
    "`MultiHeadAttention`, `unidirectional=1`, L > S",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("long",),
)
def _(p):
    return multi_head(p, unidirectional=1)


@row(
    "Causal corner",
    "onnxruntime",
    "`MultiHeadAttention`, `unidirectional=1`, L < S",
    "`mask` with these rows",
    lambda p: attend(p, last_row_sees_all(p)),
    "--mask input",
    tensors={"mask": lambda p: last_row_sees_all(p)},
    note="counted from the first key, but the last row sees every key",
)
def _(p):
    return multi_head(p, unidirectional=1)


def last_row_sees_all(p):
    shown = causal(p).copy()
    shown[-1] = True
    return shown


@declare_both(
    "Causal with a cache",
    "`Attention`, `past_key` of n keys, `is_causal=1`",
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past)),
    "--mask causal-bottom-right",
    note="shifted by n; with L new keys that is S − L",
)
def _(p, by):
    return attention(p, by, cut=p.past, is_causal=1)


@declare_both(
    "Causal with a cache",
    "`Attention`, `past_key` of n keys, not L new keys, `is_causal=1`",
    "`--mask causal --offset n`",
    lambda p: attend(p, causal(p, 2)),
    "--mask causal --offset 2",
)
def _(p, by):
    return attention(p, by, cut=2, is_causal=1)


@declare_both(
    "Causal with a cache",
    "`Attention` (24), `nonpad_kv_seqlen=n₁, n₂`, `is_causal=1`",
    "`--mask causal-lengths:n₁,n₂`",
    lambda p: attend(p, causal(p, p.lengths - p.L)),
    lambda p: "--mask causal-lengths:" + ",".join(map(str, p.lengths)),
    note="the corner moves with each element's length",
)
def _(p, by):
    return attention(p, by, lengths=p.lengths, is_causal=1)


@row(
    "Causal with a cache",
    "onnxruntime",
    "`GroupQueryAttention`",
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past)),
    "--mask causal-bottom-right",
    note="always causal; a batch of one beside a cache, unless L = 1",
)
def _(p):
    return group_query(p)


@row(
    "Causal with a cache",
    "onnxruntime",
    "`GroupQueryAttention`, L = 1, `seqlens_k` = n₁ − 1, n₂ − 1",
    "`--mask lengths:n₁,n₂`",
    lambda p: attend(p, causal(p, p.lengths - p.L)),
    lambda p: "--mask lengths:" + ",".join(map(str, p.lengths)),
    shapes=("one",),
)
def _(p):
    return group_query(p, p.lengths)


@row(
    "Causal with a cache",
    "onnxruntime",
    "`MultiHeadAttention`, `past_key`, `unidirectional=1`",
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past)),
    "--mask causal-bottom-right",
)
def _(p):
    return multi_head(p, past=p.past, unidirectional=1)


# ------------------------------------------------------------------------------ Masks and lengths


@declare_both(
    "Masks and lengths",
    "`Attention`, `attn_mask` = m, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
)
def _(p, by):
    return attention(p, by, mask=p.mask)


@declare_both(
    "Masks and lengths",
    "`Attention` (24), `nonpad_kv_seqlen=n₁, n₂`",
    "`--mask lengths:n₁,n₂`",
    lambda p: attend(p, p.padding()),
    lambda p: "--mask lengths:" + ",".join(map(str, p.lengths)),
)
def _(p, by):
    return attention(p, by, lengths=p.lengths)


@row(
    "Masks and lengths",
    "onnxruntime",
    "`MultiHeadAttention`, `key_padding_mask` [B]",
    "`lengths`",
    lambda p: attend(p, p.padding()),
    "--mask input",
    tensors={"lengths": lambda p: p.lengths},
)
def _(p):
    return multi_head(p, p.lengths.astype(np.int32))


@row(
    "Masks and lengths",
    "onnxruntime",
    "`MultiHeadAttention`, `key_padding_mask` [B,S]",
    "`mask` = m",
    lambda p: attend(p, p.padding()),
    "--mask input",
    tensors={"mask": lambda p: p.padding()},
    note="1 shows a key",
)
def _(p):
    return multi_head(p, p.padding()[:, 0, 0].astype(np.int32))


# ------------------------------------------------------------------------- A row that sees no key


@declare_both(
    "A row that sees no key",
    "`Attention`, bool or −∞",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes),
    "--mask input",
    tensors=HOLES,
)
def _(p, by):
    found = attention(p, by, mask=p.holes)
    also = attention(p, by, mask=np.where(p.holes, 0, -np.inf).astype(np.float32))
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-6)
    return found


@row(
    "A row that sees no key",
    "onnx",
    "`Attention`, lowest finite float",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
)
def _(p):
    return attention(p, reference, mask=np.where(p.holes, 0, LOWEST).astype(np.float32))


@row(
    "A row that sees no key",
    "onnxruntime",
    "`Attention`, lowest finite float",
    "`--masked-rows zeros`",
    lambda p: attend(p, p.holes),
    "--mask input",
    tensors=HOLES,
    note="the mean (`uniform`) from the next float on",
)
def _(p):
    above = np.nextafter(np.float32(LOWEST), np.float32(0))
    also = attention(p, runtime, mask=np.where(p.holes, 0, above).astype(np.float32))
    np.testing.assert_allclose(also, attend(p, p.holes, nothing="mean"), rtol=0, atol=1e-5)
    return attention(p, runtime, mask=np.where(p.holes, 0, LOWEST).astype(np.float32))


@row(
    "A row that sees no key",
    "onnxruntime",
    "`MultiHeadAttention`, `key_padding_mask` all 0",
    "`--mask none`",
    lambda p: attend(p),
    "--mask none",
    tolerance=2e-3,
    note="−10000 is added to every score, which loses three digits",
)
def _(p):
    return multi_head(p, np.zeros((p.B, p.S), np.int32))


@row(
    "A row that sees no key",
    "onnxruntime",
    "`MultiHeadAttention`, `attention_bias` −∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    note="NaN",
)
def _(p):
    return multi_head(p, bias=np.where(p.holes, 0, -np.inf).astype(np.float32))


# ---------------------------------------------------------------------------------------- Windows


@declare_both(
    "Windows",
    "`Attention` (25), `left_window_size=l`, `right_window_size=r`",
    "`--mask window:(l+1)+r`",
    lambda p: attend(p, window(p, 2, 1)),
    "--mask window:3+1",
    shapes=("short", "square"),
    note="the row's own key is not counted",
)
def _(p, by):
    return attention(p, by, opset=25, left_window_size=2, right_window_size=1)


@declare_both(
    "Windows",
    "`Attention` (25), `left_window_size=l`, `right_window_size=0`, `past_key`",
    "`--mask causal-bottom-right+window:(l+1)`",
    lambda p: attend(p, window(p, 2, 0, p.past)),
    "--mask causal-bottom-right+window:3",
    note="the window moves with the past",
)
def _(p, by):
    return attention(p, by, opset=25, cut=p.past, left_window_size=2, right_window_size=0)


@row(
    "Windows",
    "onnxruntime",
    "`GroupQueryAttention`, `local_window_size=w`",
    "`--mask causal-bottom-right+window:w`",
    lambda p: attend(p, window(p, 2, 0, p.past)),
    "--mask causal-bottom-right+window:3",
    shapes=("short", "square"),
    note="w keys, the row's own included",
)
def _(p):
    return group_query(p, local_window_size=3)


# ----------------------------------------------------------------------------------------- Scores


@declare_both(
    "Soft cap",
    "`Attention`, `softcap=c`",
    "`--soft-cap c`",
    lambda p: attend(p, p.mask, cap=2),
    "--soft-cap 2 --mask input",
    tensors=MASK,
    note="0 is none",
)
def _(p, by):
    return attention(p, by, mask=p.mask, softcap=2.0)


@declare_both(
    "Soft cap",
    "`Attention`, `softcap=c` and a float `attn_mask`",
    "`--soft-cap c` and `bias`",
    lambda p: attend(p, cap=2, bias=p.bias),
    "--mask input --soft-cap 2",
    tensors={"bias": lambda p: p.bias},
    note="the bias is not capped",
)
def _(p, by):
    return attention(p, by, mask=p.bias, softcap=2.0)


@row(
    "Soft cap",
    "onnxruntime",
    "`GroupQueryAttention`, `softcap=c`",
    "`--soft-cap c`",
    lambda p: attend(p, causal(p, p.past), cap=2),
    "--soft-cap 2 --mask causal-bottom-right",
)
def _(p):
    return group_query(p, softcap=2.0)


@declare_both(
    "Default scale",
    "`Attention`",
    "the default",
    lambda p: attend(p),
    "",
    notes={"onnx": "`scale=0` is 0: equal weights", "onnxruntime": "`scale=0` is refused"},
)
def _(p, by):
    try:
        zero = attention(p, by, scale=0.0)
        np.testing.assert_allclose(zero, attend(p, scale=0), rtol=0, atol=1e-5)
        assert by is reference
    except Exception as error:
        assert by is runtime and "scale must be greater than 0" in str(error), error
    return attention(p, by)


@row(
    "Default scale",
    "onnxruntime",
    "`MultiHeadAttention`, `GroupQueryAttention`: `scale=0`",
    "the default",
    lambda p: attend(p),
    "",
    note="0 is 1/√D",
)
def _(p):
    found = group_query(p, scale=0.0)
    np.testing.assert_allclose(found, attend(p, causal(p, p.past)), rtol=0, atol=1e-5)
    return multi_head(p, scale=0.0)


@declare_both(
    "Grouped heads", "`Attention`, fewer heads of K and V", "`--kv-heads`", lambda p: attend(p), ""
)
def _(p, by):
    return attention(p, by, every=False)


@row(
    "Grouped heads",
    "onnxruntime",
    "`GroupQueryAttention`, `kv_num_heads`",
    "`--kv-heads`",
    lambda p: attend(p, causal(p, p.past)),
    "--mask causal-bottom-right",
)
def _(p):
    return group_query(p)


@declare_both(
    "Additive biases",
    "`Attention`, float `attn_mask` = b",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p, by):
    return attention(p, by, mask=p.bias)


@row(
    "Additive biases",
    "onnxruntime",
    "`MultiHeadAttention`, `attention_bias` = b",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p):
    return multi_head(p, bias=p.bias)


@row(
    "Additive biases",
    "onnxruntime",
    "`GroupQueryAttention`, `attention_bias` = b",
    "`bias` = b, and `--mask causal+input`",
    lambda p: attend(p, causal(p), bias=p.bias),
    "--mask causal+input",
    tensors={"bias": lambda p: p.bias},
    shapes=("square",),
)
def _(p):
    return group_query(p, bias=p.bias)


@row(
    "Sinks",
    "onnxruntime",
    "`GroupQueryAttention`, `head_sink`",
    "`sinks`, and `--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past), sinks=p.sinks),
    "--mask causal-bottom-right",
    tensors={"sinks": lambda p: p.sinks},
)
def _(p):
    return group_query(p, sinks=p.sinks)


@row(
    "Sinks",
    "onnxruntime",
    "`GroupQueryAttention`, `smooth_softmax=1`",
    "`sinks` of zeros, and `--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past), sinks=0 * p.sinks),
    "--mask causal-bottom-right",
    tensors={"sinks": lambda p: 0 * p.sinks},
)
def _(p):
    return group_query(p, smooth_softmax=1)


# ----------------------------------------------------------------------------------------- Layout


@declare_both(
    "Layout",
    "`Attention`, rank 4: [B,H,L,D]",
    "`--layout bhld`",
    lambda p: attend(p),
    "",
    shapes=("even",),
)
def _(p, by):
    return attention(p, by)


@declare_both(
    "Layout",
    "`Attention`, rank 3: [B,L,H·D]",
    "`--layout blhd`, reshaped to [B,L,H,D]",
    lambda p: attend(p),
    "",
    shapes=("even",),
    layout="blhd",
)
def _(p, by):
    inputs = {"q": flat(p.query), "k": flat(p.key), "v": flat(p.value)}
    return unflat(p, by(node("Attention", inputs, q_num_heads=p.H, kv_num_heads=p.K), inputs))


@row(
    "Layout",
    "onnxruntime",
    "`MultiHeadAttention`, `GroupQueryAttention`: [B,L,H·D]",
    "`--layout blhd`, reshaped to [B,L,H,D]",
    lambda p: attend(p),
    "",
    shapes=("even",),
    layout="blhd",
)
def _(p):
    found = group_query(p)
    np.testing.assert_allclose(found, attend(p, causal(p)), rtol=0, atol=1e-5)
    return multi_head(p)
