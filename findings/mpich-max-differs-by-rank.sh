#!/usr/bin/env bash
# MPICH 5.0.2: the ranks of one MPI_Allreduce get different maxima when one of them brings NaN. Seen 2026-11-30
# on Linux with mpi4py 4.1.2, NumPy 2.4.6 and Python 3.11.
#
# One would expect: one answer for all, be it NaN, as numpy.max gives, or the largest number; the MPI standard
# demands that all processes get identical results from MPI_Allreduce.
# What happens: of two ranks with one number each, one gets NaN and the other the number, without an error; with
# 1, 2, 3 and NaN on four ranks they get NaN, 3, 2 and 3, so rank 2 has lost the 3, too. A program in which each
# rank compares the largest error of all with a tolerance goes on in one rank and stops in another. With five
# numbers per rank all ranks agree, but what they get depends on the element: NaN, NaN, 2, 3, 3 from equal inputs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 mpi4py==4.1.2 mpich==5.0.2

cat >"$folder/look.py" <<'PY'
import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
version = MPI.Get_library_version().split()[2]

def show(count, holder):
    """Rank r brings r + 1 as every number, and `holder` brings NaN."""
    mine = np.full(count, np.nan if world.rank == holder else world.rank + 1, np.float32)
    largest = np.empty_like(mine)
    world.Allreduce(mine, largest, op=MPI.MAX)
    brought, got = world.gather(mine), world.gather(largest)
    if world.rank == 0:
        words = lambda numbers: " ".join(f"{x:g}" for x in numbers)
        print(f"MPICH {version}, ranks bring {words(b[0] for b in brought)}:",
              f"{count} each, get", " | ".join(words(g) for g in got), flush=True)

show(1, None)
for holder in range(world.size):
    show(1, holder)
show(world.size + 1, world.size - 1)
PY

for ranks in 2 4; do
    "$folder/env/bin/mpiexec" -n "$ranks" "$folder/env/bin/python" "$folder/look.py" </dev/null
done | tee "$folder/seen"

diff "$folder/seen" - <<'SEEN' || { echo "this changed" >&2; exit 1; }
MPICH 5.0.2, ranks bring 1 2: 1 each, get 2 | 2
MPICH 5.0.2, ranks bring nan 2: 1 each, get 2 | nan
MPICH 5.0.2, ranks bring 1 nan: 1 each, get nan | 1
MPICH 5.0.2, ranks bring 1 nan: 3 each, get nan nan 1 | nan nan 1
MPICH 5.0.2, ranks bring 1 2 3 4: 1 each, get 4 | 4 | 4 | 4
MPICH 5.0.2, ranks bring nan 2 3 4: 1 each, get 4 | 4 | 4 | nan
MPICH 5.0.2, ranks bring 1 nan 3 4: 1 each, get 4 | 4 | nan | 4
MPICH 5.0.2, ranks bring 1 2 nan 4: 1 each, get 4 | nan | 4 | 2
MPICH 5.0.2, ranks bring 1 2 3 nan: 1 each, get nan | 3 | 2 | 3
MPICH 5.0.2, ranks bring 1 2 3 nan: 5 each, get nan nan 2 3 3 | nan nan 2 3 3 | nan nan 2 3 3 | nan nan 2 3 3
SEEN
