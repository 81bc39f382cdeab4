"""Measures what a neighbour costs a run, by turns: shared by the scripts that do so.

While one run is measured, its neighbour is stopped and continued by turns, in phases of some seconds. So the
ratios compare neighbouring trials of the same processes: two runs differ by more than a neighbour costs. Each
phase with the neighbour gives a ratio, its trials over those of the phases beside it; their geometric mean has
a 95 % interval from the spread (Student's t of the logarithms). Trials right after a turn count for neither.
"""
import json
import math
import os
import statistics
import time

from measured import fail

STATISTICS = {"median": statistics.median, "mean": statistics.fmean}
PHASE_SECONDS = 5
# What a neighbour does when it stops or goes on is done by then.
REST_SECONDS = 1
LEAST_TRIALS = 20


class Neighbour:
    """Something beside a run that can be stopped for a while; it is not stopped at first."""

    # How often the run writes its record in a phase, at least.
    least_renewals = 1

    def switch(self, is_on):
        raise NotImplementedError

    def state(self):
        """What is kept of each turn: counts, by name."""
        return {}

    def has_acted(self, since):
        """Whether a phase that began with this state shows what the neighbour costs."""
        return True


def stamp_of(record):
    """Changes whenever the run writes its record."""
    try:
        status = os.stat(record)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def trial_times(record):
    """The times of the trials that the record has by now."""
    try:
        with open(record) as file:
            points = json.load(file)["points"]
    except (OSError, ValueError):
        return []
    return [sample["wallNanoseconds"] for sample in points[0]["samples"]] if points else []


def take(run, record, neighbour):
    """Switches the neighbour by turns until the run ends; returns the turns, each of which ends a phase
    with the neighbour on or off."""
    turns, is_on, renewals, stamp = [], True, 0, None
    while run.poll() is None:
        time.sleep(0.1)
        found = stamp_of(record)
        if found == stamp:
            continue
        stamp, renewals = found, renewals + 1
        moment = time.monotonic()
        is_fresh = renewals < neighbour.least_renewals or (
            is_on and turns and not neighbour.has_acted(turns[-1]["state"])
        )
        if turns and (is_fresh or moment < turns[-1]["moment"] + PHASE_SECONDS):
            continue
        known = len(trial_times(record))
        if known:
            turns.append({"moment": moment, "trials": known, "is_on": is_on, "state": neighbour.state()})
            is_on, renewals = not is_on, 0
            neighbour.switch(is_on)
    return turns


def phases(turns, times):
    """The phases between turns: whether the neighbour was on, the turns, and the statistics of the trials.
    What comes before the first turn is no whole phase."""
    found = []
    for begin, end in zip(turns, turns[1:]):
        # Trials of one process come between those that are compared, so trials do not add up to the time.
        resting = REST_SECONDS / (end["moment"] - begin["moment"])
        first = begin["trials"] + math.ceil(resting * (end["trials"] - begin["trials"]))
        kept = times[first : end["trials"]]
        if len(kept) < LEAST_TRIALS:
            fail(f"a phase has {len(kept)} trials, and needs {LEAST_TRIALS}; give a smaller problem", 11)
        statistic = {name: round(of(kept)) for name, of in STATISTICS.items()}
        found.append({"is_on": end["is_on"], "begin": begin, "end": end, "trials": len(kept), **statistic})
    return found


def ratios(phases, name):
    """Of each phase with the neighbour between two without: its time over their geometric mean."""
    return [
        here[name] / math.sqrt(before[name] * after[name])
        for before, here, after in zip(phases, phases[1:], phases[2:])
        if here["is_on"]
    ]


def estimates(runs):
    """The ratio of each statistic with its interval, from the phases of all runs."""
    found = {name: [ratio for phases in runs for ratio in ratios(phases, name)] for name in STATISTICS}
    count = len(found["median"])
    if count < 4:
        fail(f"{count} phases have a neighbour and two phases beside them, and 4 are needed; give a larger --budget", 11)
    return count, {name: estimate(values) for name, values in found.items()}


def student(probability, freedom):
    """The quantile of Student's t (Abramowitz and Stegun, 26.7.5)."""
    z = statistics.NormalDist().inv_cdf(probability)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def estimate(ratios):
    logs = [math.log(ratio) for ratio in ratios]
    middle = statistics.fmean(logs)
    reach = student(0.975, len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    return {
        "value": round(math.exp(middle), 5),
        "lowerBound": round(math.exp(middle - reach), 5),
        "upperBound": round(math.exp(middle + reach), 5),
    }


def show(estimates):
    for name, ratio in estimates.items():
        print(f"{name:8}{ratio['value']:.4f} ({ratio['lowerBound']:.4f} to {ratio['upperBound']:.4f})")
