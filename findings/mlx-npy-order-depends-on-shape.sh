#!/usr/bin/env bash
# MLX 0.32.4: mx.save says Fortran order of a .npy file whenever one size at most is above 1. Seen 2026-11-29
# on its CPU, with NumPy 2.4.6 and Python 3.11.
#
# One would expect: fortran_order is False, as numpy.save writes it for every array that C order describes,
# so that a reader which knows C order alone reads all that MLX's default saves.
# What happens: vectors, scalars, and tensors such as a single query [1,1,1,D] say True, and the same tensor
# with two rows says False. The bytes are right in both orders, so NumPy reads them. But a reader that
# refuses Fortran order takes a program's files until its batch, head count and length are all 1, such as
# one step of decoding with one head; and one that transposes whenever it reads True gets [D,1,1,1].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 'mlx[cpu]==0.32.4'

cat >"$folder/look.py" <<'PY'
import ast
import sys

import mlx.core as mx
import numpy as np

folder = sys.argv[1]

def order(path):
    with open(path, "rb") as file:
        file.read(8)
        size = int.from_bytes(file.read(2), "little")
        return ast.literal_eval(file.read(size).decode())["fortran_order"]

shapes = [(), (4,), (1, 4), (4, 1), (1, 1, 1, 4), (1, 1, 2, 4), (2, 1, 1, 4)]
for shape in shapes:
    numbers = np.arange(max(1, int(np.prod(shape))), dtype=np.float32).reshape(shape)
    mx.save(f"{folder}/m.npy", mx.array(numbers))
    np.save(f"{folder}/n.npy", numbers)
    assert np.array_equal(np.load(f"{folder}/m.npy"), numbers)
    mine, theirs = order(f"{folder}/m.npy"), order(f"{folder}/n.npy")
    print(f"{str(shape):14} MLX {mine!s:6} NumPy {theirs}")
PY

"$folder/env/bin/python" "$folder/look.py" "$folder" 2>/dev/null | tee "$folder/seen"

diff "$folder/seen" - <<'EXPECTED' || {
()             MLX True   NumPy False
(4,)           MLX True   NumPy False
(1, 4)         MLX True   NumPy False
(4, 1)         MLX True   NumPy False
(1, 1, 1, 4)   MLX True   NumPy False
(1, 1, 2, 4)   MLX False  NumPy False
(2, 1, 1, 4)   MLX False  NumPy False
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
