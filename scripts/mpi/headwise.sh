#!/usr/bin/env bash
# A sweep whose workers mpirun starts. Edit the two lines below, then: scripts/mpi/headwise.sh
counts=1,2,4
set -- --batch 4 --heads 8 --length 1024 --mask causal

set -euo pipefail
exec "${HEADWISE:-headwise}" scale --launch mpi --workers "$counts" "$@"
