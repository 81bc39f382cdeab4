#!/usr/bin/env bash
# pyzmq 27.1.0 with libzmq 4.3.5: a receive that finds nothing asks the kernel twice, and so does asking for ZMQ_EVENTS;
# a receive that finds a message asks nothing. Seen 2026-11-30 on Linux x86-64 with Python 3.11; needs a C compiler.
#
# One would expect: queues between threads are lock-free, so to look into an empty one costs some nanoseconds, within a
# process above all. A loop that reads until nothing is left, or asks for ZMQ_EVENTS first, is then nearly free.
# What happens: a socket that finds its queue empty looks for commands of other threads, for which it polls a
# descriptor, and asks for its process ID to notice a fork (glibc remembers that no longer). zmq_poll does it for each
# socket, before its own poll. So a loop that reads single messages until none is left pays two system calls for each
# message, and one that asks for ZMQ_EVENTS before it reads pays four; one that finds many at a time pays none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pyzmq==27.1.0

# Counts two calls of the C library, and makes them.
cat >"$folder/count.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <unistd.h>

static long polls, process_ids;

int poll(struct pollfd *entries, nfds_t count, int limit) {
    static int (*next)(struct pollfd *, nfds_t, int);
    if (!next) next = dlsym(RTLD_NEXT, "poll");
    polls++;
    return next(entries, count, limit);
}

pid_t getpid(void) {
    static pid_t (*next)(void);
    if (!next) next = dlsym(RTLD_NEXT, "getpid");
    process_ids++;
    return next();
}

long polls_so_far(void) { return polls; }
long process_ids_so_far(void) { return process_ids; }
C
cc -O -shared -fPIC -o "$folder/count.so" "$folder/count.c" -ldl

cat >"$folder/look.py" <<'PY'
import ctypes

import zmq

print(f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}")
library = ctypes.CDLL(None)
library.polls_so_far.restype = library.process_ids_so_far.restype = ctypes.c_long

# Within a process, and without an I/O thread: nobody else calls anything.
context = zmq.Context(0)
reader, writer = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
reader.bind("inproc://look")
writer.connect("inproc://look")


def look(name, body, times=800):
    polls, process_ids = library.polls_so_far(), library.process_ids_so_far()
    for _ in range(times):
        body()
    polls, process_ids = library.polls_so_far() - polls, library.process_ids_so_far() - process_ids
    # Every hundredth message looks for commands, too.
    print(f"{name}: {polls / times:.1f} polls, {process_ids / times:.1f} process IDs each")


def receive_nothing():
    try:
        reader.recv(zmq.NOBLOCK)
        raise SystemExit("there was a message")
    except zmq.Again:
        pass


receive_nothing()
look("receive, nothing there", receive_nothing)
look("ZMQ_EVENTS, nothing there", lambda: reader.getsockopt(zmq.EVENTS))
poller = zmq.Poller()
poller.register(reader, zmq.POLLIN)
look("zmq_poll of one socket, nothing there", lambda: poller.poll(0))
for _ in range(801):
    writer.send(b"x")
reader.recv(zmq.NOBLOCK)
look("receive, many there", lambda: reader.recv(zmq.NOBLOCK))
PY
LD_PRELOAD="$folder/count.so" "$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'SEEN' || { echo "this changed" >&2; exit 1; }
pyzmq 27.1.0, libzmq 4.3.5
receive, nothing there: 1.0 polls, 1.0 process IDs each
ZMQ_EVENTS, nothing there: 1.0 polls, 1.0 process IDs each
zmq_poll of one socket, nothing there: 2.0 polls, 1.0 process IDs each
receive, many there: 0.0 polls, 0.0 process IDs each
SEEN
