#!/usr/bin/env bash
# ONNX Attention: the same model of the same opset gives other outputs with newer releases where it has a
# softcap and a mask. Seen 2026-11-30 with onnx 1.21.0 beside 1.23.2 and ONNX Runtime 1.25.1 beside
# 1.32.0, with NumPy 2.2.6 and Python 3.11, on the CPU.
#
# One would expect: an opset number fixes what an operator computes, a key whose mask is -inf has the
# weight 0, and the scores that qk_matmul_output_mode asks for are the same everywhere.
# What happens, with opsets 23 and 24 alike:
# - the older pair adds the mask and then caps, so that a hidden key keeps a score of -2 and a weight of
#   0.015; the newer pair caps and then adds the mask, and the weight is 0;
# - modes 1 and 2 of the scores have changed places: 1 was masked without a cap and is capped without a
#   mask, 2 was both, with the hidden score capped, and is both, with the hidden score -inf;
# - in the newer pair, mode 0 is two things: onnx's own evaluator gives capped scores (1.523), ONNX Runtime
#   the plain product (2), as both did before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/older"
python3 -m venv "$folder/newer"
"$folder/older/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.2.6 onnx==1.21.0 onnxruntime==1.25.1
"$folder/newer/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.2.6 onnx==1.23.2 onnxruntime==1.32.0

cat >"$folder/look.py" <<'PY'
import sys
import numpy, onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

# One row and three keys whose scaled product with it is 2 each; the mask hides the last. Values are one-hot.
feeds = {"q": numpy.full((1, 1, 1, 4), 1, numpy.float32),
         "k": numpy.full((1, 1, 3, 4), 1, numpy.float32),
         "v": numpy.eye(3, dtype=numpy.float32)[None, None],
         "mask": numpy.array([[0, 0, -numpy.inf]], numpy.float32)}

def model(opset, mode):
    node = helper.make_node("Attention", [*feeds], ["y", "", "", "scores"],
                            softcap=2.0, qk_matmul_output_mode=mode)
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, f.shape) for n, f in feeds.items()],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("y", "scores")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)

def evaluator(m):
    return ReferenceEvaluator(m).run(None, feeds)

def runtime(m):
    session = onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)

for opset in 23, 24:
    for mode in 0, 1, 2:
        for run in evaluator, runtime:
            y, scores = ([round(float(x), 3) for x in t.ravel()] for t in run(model(opset, mode)))
            print(f"{sys.argv[1]} {run.__name__}, opset {opset}, mode {mode}: weights {y}, scores {scores}")
PY

for pair in older newer; do
    "$folder/$pair/bin/python" "$folder/look.py" "$pair"
done | tee "$folder/seen"

expected() {
    local pair=$1 opset mode run weights scores
    for opset in 23 24; do
        for mode in 0 1 2; do
            for run in evaluator runtime; do
                case $pair in
                    older) weights='[0.493, 0.493, 0.015]' ;;
                    newer) weights='[0.5, 0.5, 0.0]' ;;
                esac
                case "$pair $mode $run" in
                    "older 0 "* | "newer 0 runtime") scores='[2.0, 2.0, 2.0]' ;;
                    "older 1 "*) scores='[2.0, 2.0, -inf]' ;;
                    "older 2 "*) scores='[1.523, 1.523, -2.0]' ;;
                    "newer 0 evaluator" | "newer 1 "*) scores='[1.523, 1.523, 1.523]' ;;
                    "newer 2 "*) scores='[1.523, 1.523, -inf]' ;;
                esac
                printf '%s %s, opset %s, mode %s: weights %s, scores %s\n' \
                    "$pair" "$run" "$opset" "$mode" "$weights" "$scores"
            done
        done
    done
}
diff "$folder/seen" <(expected older; expected newer) || {
    printf 'this is no longer what happens\n' >&2
    exit 1
}
