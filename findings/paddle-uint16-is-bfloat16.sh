#!/usr/bin/env bash
# Paddle 3.3.1: arrays of uint16 are bfloat16, in both directions and without a word. Seen 2026-11-29 on the
# CPU, with NumPy 2.4.6 and Python 3.11.
#
# One would expect: Tensor.numpy() of a bfloat16 tensor raises, as PyTorch's does, or gives ml_dtypes'
# bfloat16, as JAX's does; and to_tensor of integers gives integers.
# What happens: numpy() gives the bits as uint16, so 1.0 becomes the number 16256, and whatever is saved,
# compared or summed after it is wrong by four orders of magnitude. And to_tensor reads uint16 numbers as
# bits: token ids that NumPy holds as uint16 become bfloat16 numbers near zero. Only the two together
# give the tensor back.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 paddlepaddle==3.3.1

cat >"$folder/look.py" <<'PY'
import warnings

warnings.simplefilter("ignore")
import numpy as np
import paddle

scores = paddle.to_tensor([1.0, -2.5, 0.15625]).astype("bfloat16")
bits = scores.numpy()
print("bfloat16 [1.0, -2.5, 0.15625] as NumPy:", bits.dtype, bits.tolist())
assert scores.astype("float32").numpy().tolist() == [1.0, -2.5, 0.15625]

tokens = paddle.to_tensor(np.array([1, 2, 50000], np.uint16))
print("uint16 [1, 2, 50000] as a tensor:", tokens.dtype, tokens.astype("float32").numpy().tolist())

whole = paddle.to_tensor(np.array([1, 2, 50000], np.int32))
print("int32 [1, 2, 50000] as a tensor:", whole.dtype, whole.numpy().tolist())

# The bits come back as the numbers that they were.
assert paddle.to_tensor(bits).astype("float32").numpy().tolist() == [1.0, -2.5, 0.15625]
PY

"$folder/env/bin/python" "$folder/look.py" "$folder" 2>/dev/null | tee "$folder/seen"

diff "$folder/seen" - <<'EXPECTED' || {
bfloat16 [1.0, -2.5, 0.15625] as NumPy: uint16 [16256, 49184, 15904]
uint16 [1, 2, 50000] as a tensor: paddle.bfloat16 [9.183549615799121e-41, 1.8367099231598242e-40, -208.0]
int32 [1, 2, 50000] as a tensor: paddle.int32 [1, 2, 50000]
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
