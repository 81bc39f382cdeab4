"""OpenVINO's ScaledDotProductAttention, on the CPU in f32 (it computes in bf16, and keeps
keys and values in 8 bits, unless told)."""

import numpy as np

from .model import attend, causal
from .rows import row

MASK = {"mask": lambda p: p.mask}
HOLES = {"mask": lambda p: p.holes}
LOWEST = np.finfo(np.float32).min


def compiled(results, parameters, sinks=()):
    import openvino
    import openvino.opset13 as ops

    model = openvino.Model([ops.result(found) for found in results], list(sinks), parameters, "row")
    exact = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}
    return openvino.Core().compile_model(model, "CPU", exact)


def attention(p, mask=None, scale=None, sink=None, causal=False):
    import openvino.opset13 as ops
    from openvino import Type
    from openvino.utils.node_factory import NodeFactory

    arrays = [p.query, p.every_key, p.every_value]
    if mask is not None or scale is not None or sink is not None:
        arrays.append(np.zeros((1, 1, p.L, p.S), np.float32) if mask is None else mask)
    if scale is not None or sink is not None:
        arrays.append(np.array(p.D**-0.5 if scale is None else scale, np.float32))
    if sink is not None:
        arrays.append(sink.reshape(1, -1, 1, 1))
    parameters = [
        ops.parameter(list(a.shape), Type.boolean if a.dtype == bool else Type.f32) for a in arrays
    ]
    # The functions of the opset take no sink.
    found = NodeFactory("opset13").create(
        "ScaledDotProductAttention",
        [parameter.output(0) for parameter in parameters],
        {"causal": causal},
    )
    return compiled([found], parameters)(arrays)[0]


def with_state(p):
    """Keys and values pile up in the model's state; a first call brings the past's."""
    import openvino.opset13 as ops
    from openvino import PartialShape, Type
    from openvino.op.util import Variable, VariableInfo

    query, key, value = (ops.parameter([p.B, p.H, -1, p.D], Type.f32) for _ in range(3))
    beam = ops.parameter([p.B], Type.i32)
    joined, assigned = [], []
    for name, new in (("keys", key), ("values", value)):
        info = VariableInfo()
        info.data_shape = PartialShape([p.B, p.H, -1, p.D])
        info.data_type = Type.f32
        info.variable_id = name
        variable = Variable(info)
        start = ops.constant(np.zeros((p.B, p.H, 0, p.D), np.float32))
        kept = ops.gather(ops.read_value(start, variable), beam, ops.constant(0))
        joined.append(ops.concat([kept, new], 2))
        assigned.append(ops.assign(joined[-1], variable))
    found = ops.scaled_dot_product_attention(query, *joined, causal=True)
    request = compiled([found], [query, key, value, beam], assigned).create_infer_request()
    order = np.arange(p.B, dtype=np.int32)
    past = [a[:, :, : p.past] for a in (p.every_key, p.every_value)]
    new = [a[:, :, p.past :] for a in (p.every_key, p.every_value)]
    request.infer([np.zeros_like(past[0]), *past, order])
    return request.infer([p.query, *new, order])[0]


@row(
    "Causal corner",
    "openvino",
    "`ScaledDotProductAttention`, `causal=True`",
    "`--mask causal`",
    lambda p: attend(p, causal(p)),
    "--mask causal",
    shapes=("short", "long"),
    note="a mask beside it is ignored",
)
def _(p):
    found = attention(p, causal=True)
    if p.name == "short":
        np.testing.assert_array_equal(found, attention(p, mask=p.mask, causal=True))
    return found


@row(
    "Causal with a cache",
    "openvino",
    "`ScaledDotProductAttention`, `causal=True`, keys and values in the model's state",
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past)),
    "--mask causal-bottom-right",
    note="the same operator, another corner",
)
def _(p):
    return with_state(p)


@row(
    "Masks and lengths",
    "openvino",
    "`attention_mask` = m, bool",
    "`mask` = m",
    lambda p: attend(p, p.mask),
    "--mask input",
    tensors=MASK,
)
def _(p):
    return attention(p, mask=p.mask)


@row(
    "A row that sees no key",
    "openvino",
    "bool or −∞",
    "never",
    lambda p: attend(p, p.holes, nothing="nan"),
    note="NaN",
)
def _(p):
    found = attention(p, mask=p.holes)
    also = attention(p, mask=np.where(p.holes, 0, -np.inf).astype(np.float32))
    np.testing.assert_allclose(found, also, rtol=0, atol=1e-5)
    return found


@row(
    "A row that sees no key",
    "openvino",
    "lowest finite float",
    "`--masked-rows uniform`",
    lambda p: attend(p, p.holes, nothing="mean"),
    "--mask input --masked-rows uniform",
    tensors=HOLES,
)
def _(p):
    return attention(p, mask=np.where(p.holes, 0, LOWEST).astype(np.float32))


@row(
    "A row that sees no key",
    "openvino",
    "bool, with `sink`",
    "`sinks`, and `--masked-rows zeros`",
    lambda p: attend(p, p.holes, sinks=p.sinks),
    "--mask input",
    tensors={"mask": lambda p: p.holes, "sinks": lambda p: p.sinks},
)
def _(p):
    return attention(p, mask=p.holes, sink=p.sinks)


@row(
    "Default scale",
    "openvino",
    "`ScaledDotProductAttention`",
    "the default",
    lambda p: attend(p),
    "",
)
def _(p):
    np.testing.assert_allclose(attention(p, scale=0.2), attend(p, scale=0.2), rtol=0, atol=1e-5)
    return attention(p)


@row(
    "Grouped heads",
    "openvino",
    "query [B,Hkv,H/Hkv,L,D], key [B,Hkv,1,S,D]",
    "`--kv-heads`",
    lambda p: attend(p),
    "",
    note="other numbers of heads are an error",
)
def _(p):
    import openvino.opset13 as ops
    from openvino import Type

    query = p.query.reshape(p.B, p.K, -1, p.L, p.D)
    arrays = [query, p.key[:, :, None], p.value[:, :, None]]
    parameters = [ops.parameter(list(a.shape), Type.f32) for a in arrays]
    found = ops.scaled_dot_product_attention(*parameters)
    return compiled([found], parameters)(arrays)[0].reshape(p.query.shape)


@row(
    "Additive biases",
    "openvino",
    "`attention_mask` = b, float",
    "`bias` = b",
    lambda p: attend(p, bias=p.bias),
    "--mask input",
    tensors={"bias": lambda p: p.bias},
)
def _(p):
    return attention(p, mask=p.bias)


@row(
    "Sinks", "openvino", "`sink` [1,H,1,1]", "`sinks`", lambda p: attend(p, sinks=p.sinks),
    "",
    tensors={"sinks": lambda p: p.sinks},
)
def _(p):
    return attention(p, sink=p.sinks)


@row(
    "Layout", "openvino", "[B,H,L,D]", "`--layout bhld`", lambda p: attend(p), "", shapes=("even",)
)
def _(p):
    return attention(p)
