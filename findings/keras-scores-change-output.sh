#!/usr/bin/env bash
# Keras 3.15.1: asking MultiHeadAttention for its scores changes its output. Seen 2026-11-28 with
# JAX 0.10.2, NumPy 2.2.6 and Python 3.11, on the CPU.
#
# One would expect: return_attention_scores=True returns one thing more, and the same output.
# What happens: a row whose keys are all hidden by attention_mask is the mean of all values, hidden ones
# too, without scores; and zeros with them. The layer then computes attention in another way, as it also
# does with dropout above 0, in inference, too. So a model whose padded rows were averaged changes when
# someone looks at its scores, or gives it a dropout rate.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.2.6 keras==3.15.1 'jax[cpu]==0.10.2'

cat >"$folder/look.py" <<'PY'
import os
os.environ["KERAS_BACKEND"] = "jax"
import keras, numpy

x = numpy.arange(1, 9, dtype=numpy.float32).reshape(1, 4, 2)
mask = numpy.ones((1, 4, 4), bool)
mask[0, 1] = False  # the second row sees nothing

def layer(dropout=0.0):
    made = keras.layers.MultiHeadAttention(1, 2, use_bias=False, dropout=dropout)
    made.build(x.shape, x.shape)
    eye = numpy.eye(2, dtype=numpy.float32)
    made.set_weights([eye.reshape(2, 1, 2)] * 3 + [eye.reshape(1, 2, 2)])
    return made

print("values:", x[0].tolist(), "mean", x[0].mean(0).tolist())
for name, output in [
    ("as it is", layer()(x, x, attention_mask=mask)),
    ("with scores", layer()(x, x, attention_mask=mask, return_attention_scores=True)[0]),
    ("with dropout=0.1, training=False", layer(0.1)(x, x, attention_mask=mask, training=False)),
]:
    print(f"{keras.__version__} {name}: second row {numpy.asarray(output)[0, 1].tolist()}")
PY

"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'EXPECTED' || {
values: [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]] mean [4.0, 5.0]
3.15.1 as it is: second row [4.0, 5.0]
3.15.1 with scores: second row [0.0, 0.0]
3.15.1 with dropout=0.1, training=False: second row [0.0, 0.0]
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
