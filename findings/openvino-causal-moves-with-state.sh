#!/usr/bin/env bash
# OpenVINO 2026.4.1: the corner of a causal ScaledDotProductAttention moves when keys and values become
# the model's state, and f32 keys are then kept in 8 bits. Seen 2026-11-28 with NumPy 2.2.6 and
# Python 3.11, on the CPU.
#
# One would expect: causal=True means the same for the same query, key and value, wherever these come
# from; and INFERENCE_PRECISION_HINT=f32 computes in f32.
# What happens: with plain inputs the corner counts from the first key (row i sees keys 0…i), as the
# operator's page says. With keys and values that pile up in ReadValue and Assign, the CPU plugin fuses
# them into the operator, and the same causal=True counts from the last key (row i sees keys
# 0…i + S − L): what decoding needs, but not what the unfused graph computes. And the state has 8 bits
# unless KV_CACHE_PRECISION=f32, too: errors near 1e-2 instead of 1e-7.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check numpy==2.2.6 openvino==2026.4.1

cat >"$folder/look.py" <<'PY'
import numpy, openvino
import openvino.opset13 as ops
from openvino import PartialShape, Type
from openvino.op.util import Variable, VariableInfo

ROWS, KEYS, COLUMNS = 3, 8, 8

def run(state, query, key, value, **settings):
    """Attention over all keys: as inputs, or the first five kept from an earlier call."""
    parameters = [ops.parameter([1, 1, -1, COLUMNS], Type.f32) for _ in range(3)]
    keys, assigns, order = parameters[1:], [], []
    if state:
        order = [ops.parameter([1], Type.i32)]
        for at, name in enumerate(["keys", "values"]):
            info = VariableInfo()
            info.data_shape, info.data_type = PartialShape([1, 1, -1, COLUMNS]), Type.f32
            info.variable_id = name
            variable = Variable(info)
            empty = ops.constant(numpy.zeros((1, 1, 0, COLUMNS), numpy.float32))
            kept = ops.gather(ops.read_value(empty, variable), order[0], ops.constant(0))
            keys[at] = ops.concat([kept, keys[at]], 2)
            assigns.append(ops.assign(keys[at], variable))
    output = ops.result(ops.scaled_dot_product_attention(parameters[0], *keys, causal=True))
    model = openvino.Model([output], assigns, parameters + order, "look")
    exact = {"INFERENCE_PRECISION_HINT": "f32", **settings}
    request = openvino.Core().compile_model(model, "CPU", exact).create_infer_request()
    if not state:
        return request.infer([query, key, value])[0]
    first, none = KEYS - ROWS, numpy.zeros(1, numpy.int32)
    request.infer([numpy.zeros_like(key[:, :, :first]), key[:, :, :first], value[:, :, :first], none])
    return request.infer([query, key[:, :, first:], value[:, :, first:], none])[0]

zeros, eye = numpy.zeros((1, 1, KEYS, COLUMNS), numpy.float32), numpy.eye(KEYS, dtype=numpy.float32)
for state in (False, True):
    # Scores are equal and values are one-hot, so that outputs show which keys a row sees.
    seen = run(state, zeros[:, :, :ROWS], zeros, eye[None, None])
    print(f"{'state' if state else 'inputs'}: rows see {(seen[0, 0] > 0.01).sum(-1).tolist()} of {KEYS} keys")

random = numpy.random.default_rng(1)
query, key, value = (random.standard_normal((1, 1, n, COLUMNS), numpy.float32) for n in (ROWS, KEYS, KEYS))
scores = query.astype(float) @ key.swapaxes(-1, -2) * COLUMNS**-0.5
scores[..., numpy.arange(KEYS) > numpy.arange(ROWS)[:, None] + KEYS - ROWS] = -numpy.inf
weights = numpy.exp(scores) / numpy.exp(scores).sum(-1, keepdims=True)
for settings in ({}, {"KV_CACHE_PRECISION": "f32"}):
    error = abs(run(True, query, key, value, **settings) - weights @ value).max()
    print(f"state, f32, {settings or 'no other setting'}: error "
          f"{'above 1e-3' if error > 1e-3 else 'below 1e-6' if error < 1e-6 else error}")
PY

"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'EXPECTED' || {
inputs: rows see [1, 2, 3] of 8 keys
state: rows see [6, 7, 8] of 8 keys
state, f32, no other setting: error above 1e-3
state, f32, {'KV_CACHE_PRECISION': 'f32'}: error below 1e-6
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
