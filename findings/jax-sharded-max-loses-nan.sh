#!/usr/bin/env bash
# JAX 0.10.2 on the CPU: the maximum of an array loses NaN as soon as the array is split over devices. Seen
# 2026-11-30 on Linux with NumPy 2.4.6 and Python 3.11.
#
# One would expect: a sharding changes where numbers are, and not what jnp.max says: NaN if there is one, as the
# documentation of jnp.maximum has it and as one device gives.
# What happens: each device's own maximum is NaN, and the all-reduce then drops it, together with all other numbers
# of that device. So [7, NaN, 1, 1] on two devices has the maximum 1, which is not even nanmax; min, the infinity
# norm and lax.pmax do the same, in jit and outside it, and with NaN on every device the maximum is -inf. sum and
# argmax keep NaN. So the check `jnp.abs(output - expected).max() < tolerance` passes on split arrays, although
# numbers are NaN, be it on all devices; jnp.isfinite(…).all() does not. (The devices are threads that
# --xla_force_host_platform_device_count makes, as people test sharding without accelerators; GPUs were not tried.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 'jax[cpu]==0.10.2'

cat >"$folder/look.py" <<'PY'
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

mesh = jax.make_mesh((2,), ("keys",))
split = NamedSharding(mesh, PartitionSpec("keys"))
pmax = jax.shard_map(lambda x: jax.lax.pmax(jnp.max(x), "keys"), mesh=mesh,
                     in_specs=PartitionSpec("keys"), out_specs=PartitionSpec())

nan = np.nan
for numbers in ([7, nan, 1, 1], [7, 2, 1, nan], [nan, 2, 7, nan]):
    whole = jnp.asarray(numbers, jnp.float32)
    shards = jax.device_put(whole, split)
    assert np.array_equal(whole, shards, equal_nan=True)  # the numbers are the same
    print(f"JAX {jax.__version__}, {numbers}")
    for name, function in [
        ("max", jnp.max), ("max in jit", jax.jit(jnp.max)), ("min", jnp.min),
        ("infinity norm", lambda x: jnp.linalg.norm(x, jnp.inf)), ("abs(…).max() < 5", lambda x: jnp.abs(x).max() < 5),
        ("nanmax", jnp.nanmax), ("sum", jnp.sum), ("argmax", jnp.argmax),
        ("all finite", lambda x: jnp.isfinite(x).all()),
    ]:
        one, two = function(whole), function(shards)
        print(f"  {name}: one device {one}, two devices {two}")
    print(f"  lax.pmax: two devices {pmax(shards)}")
PY

export JAX_PLATFORMS=cpu XLA_FLAGS=--xla_force_host_platform_device_count=2
"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'SEEN' || { echo "this changed" >&2; exit 1; }
JAX 0.10.2, [7, nan, 1, 1]
  max: one device nan, two devices 1.0
  max in jit: one device nan, two devices 1.0
  min: one device nan, two devices 1.0
  infinity norm: one device nan, two devices 1.0
  abs(…).max() < 5: one device False, two devices True
  nanmax: one device 7.0, two devices 7.0
  sum: one device nan, two devices nan
  argmax: one device 1, two devices 1
  all finite: one device False, two devices False
  lax.pmax: two devices 1.0
JAX 0.10.2, [7, 2, 1, nan]
  max: one device nan, two devices 7.0
  max in jit: one device nan, two devices 7.0
  min: one device nan, two devices 2.0
  infinity norm: one device nan, two devices 7.0
  abs(…).max() < 5: one device False, two devices False
  nanmax: one device 7.0, two devices 7.0
  sum: one device nan, two devices nan
  argmax: one device 3, two devices 3
  all finite: one device False, two devices False
  lax.pmax: two devices 7.0
JAX 0.10.2, [nan, 2, 7, nan]
  max: one device nan, two devices -inf
  max in jit: one device nan, two devices -inf
  min: one device nan, two devices inf
  infinity norm: one device nan, two devices 0.0
  abs(…).max() < 5: one device False, two devices True
  nanmax: one device 7.0, two devices 7.0
  sum: one device nan, two devices nan
  argmax: one device 0, two devices 0
  all finite: one device False, two devices False
  lax.pmax: two devices -inf
SEEN
