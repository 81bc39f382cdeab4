"""What a row of docs/conventions.md is, and what the topics are."""

from dataclasses import dataclass, field

import numpy as np

from .model import Problem, attend, causal, distance, window

# The largest difference that rounding explains. All sides compute in f32 and round differently: in
# these problems, with at most 16 keys and values below 4, by less than 2e-6. What a row means
# otherwise differs by more than POWER in every row, or the row fails as a check that proves nothing.
TOLERANCE = 1e-5
POWER = 1e-2


@dataclass
class Row:
    topic: str
    library: str  # a key of LIBRARIES
    says: str  # what one writes there
    shown: str  # what one writes for Headwise, in the page
    model: object  # Problem -> [B,H,L,D], in float64
    run: object  # Problem -> [B,H,L,D], by the library; imports it
    flags: object = None  # a string, or Problem -> string; None where Headwise cannot say it today
    tensors: dict = field(default_factory=dict)  # of the input file: name -> (Problem -> array)
    shapes: tuple = ("short",)
    layout: str = "bhld"
    note: str = ""
    tolerance: float = TOLERANCE

    @property
    def name(self):
        return f"{self.topic}: {self.library} {self.says}"


ROWS = []


def row(topic, library, says, shown, model, flags=None, **more):
    """Declares a row; the function below it runs the library."""
    assert topic in TOPICS, topic

    def declare(run):
        ROWS.append(Row(topic, library, says, shown, model, run, flags, **more))
        return run

    return declare


# Topics, in the page's order, each with other meanings of the same words. A row's model must differ
# from all that are not its own.
CORNERS = [
    lambda p: attend(p),
    lambda p: attend(p, causal(p)),
    lambda p: attend(p, causal(p, p.past)),
]
WINDOWS = [
    lambda p, l=left, r=right, o=offset: attend(p, window(p, l, r, o * p.past))
    for left in (None, *range(6))
    for right in (None, *range(6))
    for offset in (0, 1)
]
TOPICS = {
    "Causal corner": CORNERS,
    "Causal with a cache": CORNERS
    + [
        lambda p: attend(p, p.padding()),
        lambda p: attend(p, causal(p) & p.padding()),
        lambda p: attend(p, causal(p, p.past) & p.padding()),
        lambda p: attend(p, causal(p, p.lengths - p.L)),
        lambda p: attend(p, causal(p, 2)),
    ],
    "Masks and lengths": [
        lambda p: attend(p),
        lambda p: attend(p, p.mask),
        lambda p: attend(p, ~p.mask),
        lambda p: attend(p, p.padding()),
        lambda p: attend(p, ~p.padding()),
    ],
    "A row that sees no key": [
        lambda p: attend(p, p.holes, nothing="zeros"),
        lambda p: attend(p, p.holes, nothing="mean"),
        lambda p: attend(p, p.holes, nothing="nan"),
    ],
    "Windows": WINDOWS,
    "Soft cap": [
        lambda p: attend(p),
        lambda p: attend(p, cap=2),
        lambda p: attend(p, cap=2, cap_before_scale=True),
        lambda p: attend(p, p.mask),
        lambda p: attend(p, p.mask, cap=2),
        lambda p: attend(p, causal(p, p.past), cap=2),
        lambda p: attend(p, causal(p, p.past)),
        lambda p: attend(p, cap=2, bias=p.bias),
        lambda p: attend(p, cap=2, bias=p.bias, cap_after_bias=True),
    ],
    "Default scale": [
        lambda p: attend(p),
        lambda p: attend(p, scale=1),
        lambda p: attend(p, scale=1 / p.D),
        lambda p: attend(p, scale=0),
        lambda p: attend(p, scale=0.2),
    ],
    "Grouped heads": [
        lambda p: attend(p),
        lambda p: attend(p, tiled=True),
        lambda p: attend(p, causal(p, p.past)),
        lambda p: attend(p, causal(p, p.past), tiled=True),
    ],
    "ALiBi": [
        lambda p, m=sees, b=by: attend(
            p, causal(p) if m else None, bias=-b * p.slopes[:, None, None] * distance(p)
        )
        for sees in (True, False)
        for by in (0, 0.5, 1, 2, 8**-0.5)
    ]
    + [lambda p: attend(p, bias=p.slopes[:, None, None] * np.arange(p.S))],
    "Additive biases": [
        lambda p: attend(p),
        lambda p: attend(p, bias=p.bias),
        lambda p: attend(p, bias=-p.bias),
        lambda p: attend(p, bias=p.bias, bias_before_scale=True),
        lambda p: attend(p, causal(p)),
        lambda p: attend(p, causal(p), bias=p.bias),
    ],
    "Sinks": [
        lambda p: attend(p),
        lambda p: attend(p, sinks=p.sinks),
        lambda p: attend(p, sinks=-p.sinks),
        lambda p: attend(p, sinks=0 * p.sinks),
        lambda p: attend(p, sinks=p.sinks * p.D**-0.5),
        lambda p: attend(p, causal(p, p.past)),
        lambda p: attend(p, causal(p, p.past), sinks=p.sinks),
        lambda p: attend(p, causal(p, p.past), sinks=0 * p.sinks),
    ],
    "Layout": [lambda p: attend(p), lambda p: swapped(p)],
}


def swapped(p):
    """The answer for tensors whose axes L and H were taken for each other; needs L = S = H = K."""
    other = Problem(p.name)
    for name in ("query", "key", "value"):
        setattr(other, name, getattr(p, name).swapaxes(1, 2))
    return attend(other).swapaxes(1, 2)


def with_axes(layout, array):
    """An array of [B,H,L,D] in the layout, or back."""
    return np.ascontiguousarray(array.swapaxes(1, 2)) if layout == "blhd" else array
