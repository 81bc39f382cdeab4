#!/usr/bin/env bash
# ONNX Runtime 1.32.0: the last row of a causal MultiHeadAttention sees keys of the future if there are
# fewer rows than keys. Seen 2026-11-28 with onnx 1.23.2, NumPy 2.2.6 and Python 3.11, on the CPU.
#
# One would expect: unidirectional=1 hides the same triangle in every row, counted from the first key
# or from the last.
# What happens: com.microsoft.MultiHeadAttention counts from the first key (row i sees keys 0…i), and
# the last row alone sees every key: with 3 rows and 6 keys, rows see 1, 2 and 6 keys. With as many rows
# as keys, and with more, nothing is odd. The standard's Attention has none of this (1, 2, 3 keys).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.2.6 onnx==1.23.2 onnxruntime==1.32.0

cat >"$folder/look.py" <<'PY'
import numpy, onnxruntime
from onnx import TensorProto, helper

def keys_seen(operator, domain, attributes, rows, keys):
    """How many keys each row sees. Scores are equal, and values are one-hot."""
    shape = lambda length: (1, length, keys)
    names = ["q", "k", "v"]
    sizes = [shape(rows), shape(keys), shape(keys)]
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["y"], domain=domain, **attributes)], "g",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in zip(names, sizes)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=11)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = {"q": numpy.zeros(sizes[0], numpy.float32), "k": numpy.zeros(sizes[1], numpy.float32),
              "v": numpy.eye(keys, dtype=numpy.float32)[None]}
    return (session.run(None, inputs)[0][0] > 0).sum(-1).tolist()

for rows, keys in [(3, 6), (6, 6), (6, 3)]:
    for operator, domain, attributes in [
        ("MultiHeadAttention", "com.microsoft", dict(num_heads=1, unidirectional=1)),
        ("Attention", "", dict(q_num_heads=1, kv_num_heads=1, is_causal=1)),
    ]:
        print(f"{operator}, {rows} rows, {keys} keys: rows see "
              f"{keys_seen(operator, domain, attributes, rows, keys)} keys")
PY

"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'EXPECTED' || {
MultiHeadAttention, 3 rows, 6 keys: rows see [1, 2, 6] keys
Attention, 3 rows, 6 keys: rows see [1, 2, 3] keys
MultiHeadAttention, 6 rows, 6 keys: rows see [1, 2, 3, 4, 5, 6] keys
Attention, 6 rows, 6 keys: rows see [1, 2, 3, 4, 5, 6] keys
MultiHeadAttention, 6 rows, 3 keys: rows see [1, 2, 3, 3, 3, 3] keys
Attention, 6 rows, 3 keys: rows see [1, 2, 3, 3, 3, 3] keys
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
