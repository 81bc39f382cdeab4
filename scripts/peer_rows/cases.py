"""The rows that scripts/peers measures: their names, sizes, FLOPs, and Headwise's flags for them."""

from dataclasses import dataclass

LENGTHS = [256, 365, 475, 585, 694, 804, 914, 1024]
WINDOW = 256
# Of the largest output. f32 is off by about 1e-6, by 1e-5 where 65,536 keys are added in turn; without
# the last of these keys it is off by 8e-3.
TOLERANCE = 5e-5


class Unsupported(Exception):
    """Why a library has no such row."""


@dataclass(frozen=True)
class Case:
    """B elements of H query heads and K key/value heads; L query rows, S keys, D columns.

    `mask` is none, causal, lengths (of each element's keys) or window (a row sees itself and the
    keys before it, WINDOW in all). A layer has `embedding` columns and projections with bias."""

    name: str
    flags: tuple
    B: int
    H: int
    K: int
    L: int
    S: int
    D: int
    mask: str = "none"
    embedding: int = 0
    is_default: bool = True

    @property
    def visible_pairs(self):
        if self.mask == "causal":
            pairs = self.L * (self.L + 1) // 2
        elif self.mask == "window":
            pairs = self.L * WINDOW - WINDOW * (WINDOW - 1) // 2
        elif self.mask == "lengths":
            return self.H * self.L * sum(LENGTHS)
        else:
            pairs = self.L * self.S
        return self.B * self.H * pairs

    @property
    def flops(self):
        """What is visible: 2·D for a pair's score and 2·D for its value; 8·E² for a token's projections."""
        return self.visible_pairs * 4 * self.D + self.B * self.L * 8 * self.embedding**2

    @property
    def read_bytes(self):
        """Keys and values, where one row reads them all."""
        return 2 * 4 * self.B * self.K * self.S * self.D if self.L == 1 else None

    @property
    def sizes(self):
        sizes = {
            "batch": self.B, "heads": self.H, "keyValueHeads": self.K, "queryLength": self.L,
            "keyLength": self.S, "headDimension": self.D, "mask": self.mask,
        }
        if self.mask == "lengths":
            sizes["lengths"] = LENGTHS
        if self.mask == "window":
            sizes["window"] = WINDOW
        if self.embedding:
            sizes["embedding"] = self.embedding
        return sizes


def alone(name, mask, flag, n, d, batch=1, is_default=True):
    """A case that `headwise kernel` measures from its flags."""
    flags = (
        "--batch", str(batch), "--heads", "8", "--length", str(n), "--head-dimension", str(d),
        "--mask", flag,
    )
    return Case(name, flags, batch, 8, 8, n, n, d, mask, is_default=is_default)


def of_suite(name, *sizes, **more):
    """A case that `headwise kernel` has in its suite only."""
    return Case(name, ("--suite", "--only", name), *sizes, **more)


CASES = [
    alone(
        f"{kind}, 8×{n}, D {d}", mask, mask, n, d,
        is_default=(n, d) in [(256, 64), (1024, 64), (4096, 64), (1024, 128)],
    )
    for d in (64, 128)
    for n in (128, 256, 512, 1024, 2048, 4096)
    for kind, mask in (("full", "none"), ("causal", "causal"))
] + [
    alone(
        "lengths 256…1024, 8×8×1024, D 64", "lengths",
        "lengths:" + ",".join(map(str, LENGTHS)), 1024, 64, batch=8,
    ),
    alone(f"window:{WINDOW}, 8×4096, D 64", "window", f"window:{WINDOW}", 4096, 64),
    of_suite("decode 32×1×65536, D 128", 1, 32, 32, 1, 65536, 128),
    of_suite("decode 32/8×1×65536, D 128", 1, 32, 8, 1, 65536, 128),
    of_suite("multi-head layer 8×512, E 512, H 8", 8, 8, 8, 512, 512, 64, embedding=512),
]


def chosen(texts):
    """The cases whose names contain one of the texts; `all`, or the usual ones for None."""
    if texts is None:
        return [case for case in CASES if case.is_default]
    if texts == "all":
        return CASES
    return [case for case in CASES if any(text in case.name for text in texts.split(";") if text)]
