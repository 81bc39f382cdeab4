#!/usr/bin/env bash
# safetensors 0.8.0 for NumPy saves the transpose of an array as other numbers. Seen 2026-11-28 with
# NumPy 2.2.6 and Python 3.11.
#
# One would expect: save_file writes what the array shows, whatever its order in memory, as numpy.save
# does and as safetensors 0.6.2 did.
# What happens: 0.8.0 writes the bytes in the order of memory under the shape of the view, without an
# error or a warning. Whoever saves q.transpose(0, 2, 1, 3), as one does to go from [B,L,H,D] to
# [B,H,L,D], gets a file with the right shape and the wrong numbers. astype does not help, since it keeps
# the order of memory; numpy.ascontiguousarray does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
pip() { "$folder/env/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip numpy==2.2.6

cat >"$folder/look.py" <<'PY'
import os, sys, tempfile
import numpy, safetensors
from safetensors.numpy import load_file, save_file

heads_last = numpy.arange(6, dtype=numpy.float32).reshape(1, 3, 2, 1)   # [B,L,H,D]
heads_first = heads_last.transpose(0, 2, 1, 3)                         # [B,H,L,D], a view
path = os.path.join(tempfile.mkdtemp(dir=os.path.dirname(sys.argv[0])), "q.safetensors")
for name, array in [
    ("the view", heads_first),
    ("astype(float32)", heads_first.astype(numpy.float32)),
    ("ascontiguousarray", numpy.ascontiguousarray(heads_first)),
]:
    save_file({"q": array}, path)
    found = load_file(path)["q"]
    same = bool((found == array).all())
    print(f"{safetensors.__version__} {name}: shape {found.shape}, "
          f"{found.ravel().astype(int).tolist()} for {array.ravel().astype(int).tolist()}: "
          f"{'same' if same else 'OTHER NUMBERS'}")
PY

for version in 0.6.2 0.8.0; do
    pip "safetensors==$version"
    "$folder/env/bin/python" "$folder/look.py"
done | tee "$folder/seen"

diff - <(sed -E 's/.*: (same|OTHER NUMBERS)$/\1/' "$folder/seen") <<'EXPECTED' || {
same
same
same
OTHER NUMBERS
OTHER NUMBERS
same
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
