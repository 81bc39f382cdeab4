"""OpenVINO: its ScaledDotProductAttention."""

import numpy as np
import openvino
from openvino import opset13 as ops

from .inputs import added

VERSION = openvino.__version__.split("-")[0]
# OpenVINO computes in bf16 unless it is told otherwise.
OPTIONS = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}


def ready(output, parameters, arrays):
    compiled = openvino.Core().compile_model(openvino.Model([output], parameters), "CPU", OPTIONS)
    request = compiled.create_infer_request()
    for at, array in enumerate(arrays):
        request.set_input_tensor(at, openvino.Tensor(array, shared_memory=True))

    def run():
        request.infer()
        return request.get_output_tensor().data

    # A tensor does not own its array's memory.
    run.arrays = arrays
    return run


def attention(case, t):
    if case.embedding:
        return layer(case, t), lambda output: output
    arrays = [t["q"], t["k"], t["v"]]
    if case.H != case.K:
        # It has no groups; one row sees every key, so that a group's heads can be rows of one head.
        arrays[0] = t["q"].reshape(case.B, case.K, case.H // case.K, case.D)
    if case.mask in ("lengths", "window"):
        arrays.append(added(case) if case.mask == "lengths" else added(case)[None, None])
    parameters = [ops.parameter(array.shape, np.float32) for array in arrays]
    o = ops.scaled_dot_product_attention(*parameters, causal=case.mask == "causal")
    return (
        ready(o, parameters, arrays),
        lambda output: output.reshape(case.B, case.H, case.L, case.D),
    )


def layer(case, t):
    B, L, H, D, E = case.B, case.L, case.H, case.D, case.embedding
    x = ops.parameter([B, L, E], np.float32)
    qkv = ops.add(ops.matmul(x, ops.constant(t["w"]), False, True), ops.constant(t["b"]))
    parts = ops.split(qkv, ops.constant(2), 3)

    def heads(part):
        split = ops.reshape(part, ops.constant([B, L, H, D]), False)
        return ops.transpose(split, ops.constant([0, 2, 1, 3]))

    o = ops.scaled_dot_product_attention(*(heads(parts.output(i)) for i in range(3)))
    o = ops.reshape(ops.transpose(o, ops.constant([0, 2, 1, 3])), ops.constant([B, L, E]), False)
    y = ops.add(ops.matmul(o, ops.constant(t["w_o"]), False, True), ops.constant(t["b_o"]))
    return ready(y, [x], [t["x"]])


ENTRIES = {"openvino": attention}
