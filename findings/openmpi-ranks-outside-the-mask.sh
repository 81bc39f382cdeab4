#!/usr/bin/env bash
# Open MPI 4.1.4 (Debian 12): mpirun takes no notice of the processors that it was given. Seen 2026-11-29 on
# Linux 6.18 with two processors or more.
#
# One would expect: under `taskset -c 1`, mpirun and all that it starts run on processor 1, as every child
# process does that does not ask for another place.
# What happens: mpirun binds one or two ranks to a core each, counted from the first core of the machine. One rank
# runs on processor 0, outside the mask; so two runs that a user put on different processors share one. With
# --bind-to none the rank inherits the mask.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
(apt-get update && apt-get download openmpi-bin=4.1.4-3+b1 openmpi-common=4.1.4-3 libopenmpi3=4.1.4-3+b1 \
    libpmix2=4.2.2-1+deb12u1 libhwloc15=2.9.0-1 libmunge2=0.5.15-2+deb12u1 \
    libevent-core-2.1-7=2.1.12-stable-8+deb12u1 libevent-pthreads-2.1-7=2.1.12-stable-8+deb12u1 \
    libnl-3-200=3.7.0-0.2+b1 libnl-route-3-200=3.7.0-0.2+b1) >log 2>&1 || { cat log >&2; exit 1; }
for package in *.deb; do dpkg -x "$package" .; done

libraries=$folder/usr/lib/x86_64-linux-gnu
export OPAL_PREFIX=$folder/usr PMIX_INSTALL_PREFIX=$libraries/pmix2 OMPI_ALLOW_RUN_AS_ROOT=1 \
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
    LD_LIBRARY_PATH=$libraries:$libraries/openmpi/lib:$folder/lib/x86_64-linux-gnu
mpirun=$folder/usr/bin/orterun

place='taskset -pc $$ | sed "s/.*: //"'
# The processors that this shell may use, one after the other.
read -r first second _ <<<"$(taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' |
    while IFS=- read -r low high; do seq "$low" "${high:-$low}"; done | tr '\n' ' ')"
[ "$first" = 0 ] && [ -n "$second" ] || { echo "this needs processor 0 and another one" >&2; exit 1; }
on_second() { taskset -c "$second" "$@" sh -c "$place" 2>>log | sed "s/^$second$/SECOND/"; }
{
    echo "taskset -c SECOND: $(on_second env)"
    echo "taskset -c SECOND mpirun -n 1: $(on_second "$mpirun" -n 1)"
    echo "taskset -c SECOND mpirun --bind-to none -n 1: $(on_second "$mpirun" --bind-to none -n 1)"
} | tee seen

diff seen - <<'SEEN' || { echo "this changed" >&2; exit 1; }
taskset -c SECOND: SECOND
taskset -c SECOND mpirun -n 1: 0
taskset -c SECOND mpirun --bind-to none -n 1: SECOND
SEEN
