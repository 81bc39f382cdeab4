"""A library in a process of its own: requests come in as lines of JSON, answers go out likewise."""

import gc
import importlib
import json
import sys
import time

import numpy as np

from .cases import CASES, TOLERANCE, Unsupported
from .inputs import expected, tensors

SECONDS = 0.4


def answer(content):
    print(json.dumps(content), flush=True)


def requests():
    for line in sys.stdin:
        request = json.loads(line)
        case = next((case for case in CASES if case.name == request.get("case")), None)
        yield request, case


def serve_reference():
    """Writes the output of each case that is asked for to the file that is named with it."""
    answer({"version": np.__version__})
    for request, case in requests():
        np.save(request["file"], expected(case, tensors(case)))
        answer({})


def checked(build, case, t, reference):
    """What runs, or None, and what is known of it."""
    try:
        run, unpack = build(case, t)
        output = unpack(run())
    except Unsupported as reason:
        return None, {"reason": str(reason)}
    except Exception as error:
        text = str(error).strip().splitlines()
        return None, {"reason": f"{type(error).__name__}: {text[0] if text else ''}"}
    if output.shape != reference.shape:
        return None, {"reason": f"its output has the shape {output.shape}", "wrong": True}
    error = float(np.abs(output - reference).max())
    if not np.isfinite(error):
        return None, {"reason": "its output has numbers that are not finite", "wrong": True}
    known = {
        "maxAbsoluteError": error, "errorOfLargest": error / float(np.abs(reference).max()),
    }
    if known["errorOfLargest"] > TOLERANCE:
        return None, known | {"reason": "its output is wrong", "wrong": True}
    return run, known


def timed(run):
    times, end = [], time.perf_counter() + SECONDS
    while not times or time.perf_counter() < end:
        start = time.perf_counter_ns()
        run()
        times.append(time.perf_counter_ns() - start)
    return times


def serve(file):
    library = importlib.import_module(f"peer_rows.{file}")
    answer({"version": library.VERSION, "entries": list(library.ENTRIES)})
    runs = {}
    for request, case in requests():
        if case is None:
            answer(timed(runs[request["entry"]]))
            continue
        # The last case's tensors must go before the next ones come.
        runs.clear()
        gc.collect()
        t, reference, known = tensors(case), np.load(request["file"]), {}
        for name, build in library.ENTRIES.items():
            runs[name], known[name] = checked(build, case, t, reference)
        answer(known)
