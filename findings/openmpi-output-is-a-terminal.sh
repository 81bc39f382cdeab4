#!/usr/bin/env bash
# Open MPI 4.1.4 (Debian 12): programs under mpirun write to a terminal, although mpirun writes to a file.
# Seen 2026-11-29 on Linux 6.18.
#
# One would expect: `mpirun … >file` starts programs whose standard output is no terminal, as a pipe of the shell,
# srun or ssh without -t would; so tools that colour their output for people leave it plain.
# What happens: each rank has a pseudo-terminal as standard output (not as standard error, which is a pipe), also where
# mpirun has no terminal at all. `ls --color=auto` colours the file, programs draw progress lines into it, and
# "is this a terminal?" says nothing about who reads.
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
ranks() { "$folder/usr/bin/orterun" "$@" 2>>log; }

mkdir shown
touch shown/plain
mkdir shown/folder
look='[ -t 1 ] && out=terminal || out=none; [ -t 2 ] && err=terminal || err=none; echo "output: $out, errors: $err"'
{
    sh -c "$look" </dev/null 2>&1 | cat
    ranks -n 1 sh -c "$look" </dev/null >file
    cat file
    for colours in "$(ls --color=auto shown | od -c | grep -c 033 || true)" \
        "$(ranks -n 1 ls --color=auto shown </dev/null | od -c | grep -c 033 || true)"; do
        echo "colours: $([ "$colours" = 0 ] && echo no || echo yes)"
    done
} | tee seen

diff seen - <<'SEEN' || { echo "this changed" >&2; exit 1; }
output: none, errors: none
output: terminal, errors: none
colours: no
colours: yes
SEEN
