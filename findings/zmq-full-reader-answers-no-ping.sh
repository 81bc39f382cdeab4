#!/usr/bin/env bash
# pyzmq 27.1.0 with libzmq 4.3.5: a reader with a full queue answers no ping, so heartbeats cut the connection of a
# healthy program that is busy. Seen 2026-11-30 on Linux with Python 3.11.
#
# One would expect: ZMQ_HEARTBEAT_IVL asks whether the other side still lives. libzmq's own I/O thread answers,
# whatever the program does meanwhile; and when the queue is full (ZMQ_RCVHWM), the sender waits: that is what the
# mark is for.
# What happens: while the queue has room, a program that reads nothing for as long as it likes stays connected. Once
# the queue is full, the I/O thread reads no more bytes, and so no pings: after ZMQ_HEARTBEAT_TIMEOUT the sender takes
# the link for dead, connects again, and the messages that were on the way are lost without an error, of PUSH and
# PULL, which drop none otherwise. Without heartbeats the sender waits, and every message arrives.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pyzmq==27.1.0

cat >"$folder/look.py" <<'PY'
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

print(f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}")


def look(name, count, heartbeats):
    """The reader is busy for three seconds while `count` messages of 64 KiB come, and then reads."""
    context = zmq.Context()
    reader = context.socket(zmq.PULL)
    reader.rcvhwm = 10
    port = reader.bind_to_random_port("tcp://127.0.0.1")
    writer = context.socket(zmq.PUSH)
    writer.sndhwm = 10
    if heartbeats:
        writer.heartbeat_ivl, writer.heartbeat_timeout = 200, 600
    events = writer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    writer.connect(f"tcp://127.0.0.1:{port}")
    writer.sndtimeo = 3000
    begin, sent = time.monotonic(), 0
    try:
        while sent < count:
            writer.send(sent.to_bytes(4, "big") + bytes(1 << 16))
            sent += 1
    except zmq.Again:
        pass
    time.sleep(max(0, begin + 3 - time.monotonic()))
    disconnections = 0
    while events.poll(0):
        recv_monitor_message(events)
        disconnections += 1
    # The rest is sent while the reader reads.
    writer.sndtimeo = 0
    got, quiet = set(), time.monotonic()
    while time.monotonic() - quiet < 2:
        if sent < count:
            try:
                writer.send(sent.to_bytes(4, "big") + bytes(1 << 16))
                sent += 1
            except zmq.Again:
                pass
        if reader.poll(10):
            got.add(int.from_bytes(reader.recv()[:4], "big"))
            quiet = time.monotonic()
    print(f"{name}: disconnected {'yes' if disconnections else 'no'}, all sent {'yes' if sent == count else 'no'}, "
          f"all arrived {'yes' if len(got) == count else 'no'}")
    writer.disable_monitor()
    context.destroy(linger=0)


look("room in the queue, heartbeats", 5, True)
look("full queue, no heartbeats", 500, False)
look("full queue, heartbeats", 500, True)
PY
"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'SEEN' || { echo "this changed" >&2; exit 1; }
pyzmq 27.1.0, libzmq 4.3.5
room in the queue, heartbeats: disconnected no, all sent yes, all arrived yes
full queue, no heartbeats: disconnected no, all sent yes, all arrived yes
full queue, heartbeats: disconnected yes, all sent yes, all arrived no
SEEN
