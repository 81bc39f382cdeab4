import Attention
import Files

/// A case and its place in the catalogue.
struct CatalogueEntry: Hashable, Sendable {
    /// The feature that the case tests; cases of one feature share one row of the table.
    var feature: String
    var name: String
    var content: CatalogueCase
}

/// The cases in every run of the catalogue: each feature at the edges of kernels, splits and masks.
///
/// Query blocks have 32 to 64 rows, key blocks 128 keys and spans 2048; vectors 4 to 16 columns.
enum CatalogueCorners {
    /// All of them, read from the text below.
    static func all() throws(ExperimentError) -> [CatalogueEntry] {
        var entries: [CatalogueEntry] = []
        for (feature, cases) in texts {
            for (name, text) in cases {
                let specification = try CatalogueSpecification(text)
                entries.append(
                    CatalogueEntry(feature: feature, name: name, content: specification.entry)
                )
            }
        }
        return entries
    }

    private static let texts: [(String, [(String, String)])] =
        [("no mask", plain), ("causal", causal), ("causal bottom-right", bottomRight)]
        + CataloguePatterns.corners + CatalogueScores.corners + [
            ("positions", positions), ("valid lengths", lengths), ("boolean mask", visibility),
            ("masks together", together),
            ("rows without keys", hidden), ("grouped heads", grouped), ("dimensions", dimensions),
            ("one query or key", single), ("kinds of values", values),
            ("exact permutation", permutation), ("exact mean", mean), ("hidden NaN, Inf", poison),
            ("many keys", spans), ("few rows at a time", few), ("steps of decoding", steps),
        ]

    private static let plain = [
        ("whole blocks", "batch=2 heads=4 length=96 head-dimension=64"),
        ("ragged blocks", "batch=2 heads=3 length=97 key-length=131 head-dimension=64"),
        ("many slices", "batch=5 heads=3 length=17 head-dimension=32"),
        ("one slice", "length=200 key-length=100 head-dimension=32"),
    ]

    private static let causal = [
        ("causal", "batch=2 heads=2 length=129 head-dimension=64 mask=causal"),
        ("causal, L < S", "heads=3 length=40 key-length=150 head-dimension=32 mask=causal"),
        ("causal, L > S", "heads=3 length=150 key-length=40 head-dimension=32 mask=causal"),
    ]

    private static let bottomRight = [
        (
            "bottom-right, L < S",
            "batch=2 heads=2 length=40 key-length=150 head-dimension=64 mask=causal-bottom-right"
        ),
        (
            "bottom-right, L > S",
            "heads=3 length=150 key-length=40 head-dimension=32 mask=causal-bottom-right"
        ),
        (
            "bottom-right, decode step",
            "batch=2 heads=4 length=1 key-length=300 head-dimension=64 mask=causal-bottom-right"
        ),
    ]

    private static let positions = [
        (
            "offset, causal",
            "batch=2 heads=2 length=70 key-length=200 head-dimension=32 offset=129 mask=causal"
        ),
        (
            "offset, a chunk of a window",
            "heads=2 length=64 key-length=300 head-dimension=16 offset=100 mask=causal+window:50"
        ),
        (
            "offset, ALiBi",
            "heads=4 length=40 key-length=150 head-dimension=16 offset=60 alibi=standard"
        ),
        (
            "offset, decode step",
            "heads=4 kv-heads=2 length=1 key-length=300 head-dimension=32 offset=200 mask=causal"
        ),
        (
            "offset beyond the keys",
            "heads=2 length=20 key-length=30 head-dimension=16 offset=1000 mask=causal alibi=standard"
        ),
        (
            "causal by length",
            "batch=5 heads=2 length=40 key-length=150 head-dimension=32 mask=causal-lengths lengths=batch:random"
        ),
        (
            "causal by length, short ones",
            "batch=5 heads=2 length=40 key-length=60 head-dimension=32 mask=causal-lengths lengths=batch:edges"
        ),
        (
            "causal by length, ALiBi, window",
            "batch=3 heads=4 length=30 key-length=200 head-dimension=16 mask=causal-lengths+window:40 lengths=batch:random alibi=standard"
        ),
        (
            "causal by length, decode",
            "batch=4 heads=4 kv-heads=1 length=2 key-length=500 head-dimension=32 mask=causal-lengths lengths=batch:random"
        ),
    ]

    private static let lengths = [
        ("lengths [B], random", "batch=5 heads=2 length=70 head-dimension=32 lengths=batch:random"),
        ("lengths [B], edges", "batch=7 heads=2 length=66 head-dimension=32 lengths=batch:edges"),
        (
            "lengths [B,L], random",
            "batch=2 heads=3 length=80 head-dimension=32 lengths=rows:random"
        ),
        (
            "lengths [B,L], edges",
            "batch=2 heads=2 length=49 key-length=140 head-dimension=48 lengths=rows:edges"
        ),
    ]

    private static let visibility = [
        (
            "mask [L,S], random",
            "batch=2 heads=2 length=65 key-length=77 head-dimension=32 visibility=shared:random"
        ),
        (
            "mask [L,S], blocks",
            "heads=3 length=100 key-length=300 head-dimension=32 visibility=shared:blocks"
        ),
        (
            "mask [B,L,S], random",
            "batch=3 heads=2 length=65 key-length=77 head-dimension=32 visibility=batch:random"
        ),
        (
            "mask [B,L,S], sparse",
            "batch=2 heads=2 length=50 key-length=200 head-dimension=32 visibility=batch:sparse"
        ),
        (
            "mask [H,L,S], sparse",
            "batch=2 heads=4 kv-heads=2 length=50 key-length=200 head-dimension=16 "
                + "visibility=heads:sparse"
        ),
        (
            "mask [B,H,L,S], random",
            "batch=2 heads=4 kv-heads=2 length=65 key-length=77 head-dimension=32 "
                + "visibility=slices:random"
        ),
        (
            "mask [B,H,L,S], blocks",
            "batch=2 heads=2 length=100 key-length=300 head-dimension=16 visibility=slices:blocks"
        ),
    ]

    private static let together = [
        (
            "causal + lengths [B]",
            "batch=4 heads=2 length=90 head-dimension=32 mask=causal lengths=batch:edges"
        ),
        (
            "bottom-right + lengths [B,L]",
            "batch=2 heads=2 length=50 key-length=90 head-dimension=32 mask=causal-bottom-right "
                + "lengths=rows:random"
        ),
        (
            "causal + mask [B,L,S]",
            "batch=2 heads=3 length=90 head-dimension=32 mask=causal visibility=batch:random"
        ),
        (
            "causal + lengths + mask",
            "batch=3 heads=2 length=70 head-dimension=32 mask=causal lengths=batch:random "
                + "visibility=slices:sparse"
        ),
    ]

    private static let hidden = [
        (
            "zeros, lengths of 0",
            "batch=4 heads=4 kv-heads=2 length=60 head-dimension=32 lengths=batch:edges"
        ),
        (
            "uniform, lengths of 0",
            "batch=4 heads=4 kv-heads=2 length=60 head-dimension=32 lengths=batch:edges "
                + "masked-rows=uniform"
        ),
        (
            "uniform, sparse mask",
            "batch=2 heads=2 length=60 key-length=150 head-dimension=32 visibility=slices:sparse "
                + "masked-rows=uniform"
        ),
        (
            "uniform, bottom-right",
            "heads=3 length=150 key-length=37 head-dimension=32 mask=causal-bottom-right "
                + "masked-rows=uniform"
        ),
    ]

    private static let grouped = [
        ("one key head", "batch=2 heads=8 kv-heads=1 length=40 head-dimension=32 mask=causal"),
        ("groups of three", "batch=2 heads=6 kv-heads=2 length=70 head-dimension=32"),
        (
            "groups, lengths [B,L]",
            "batch=2 heads=6 kv-heads=3 length=40 head-dimension=32 lengths=rows:edges"
        ),
    ]

    private static let dimensions = [
        ("D = 1, Dv = 1", "heads=3 length=60 head-dimension=1"),
        ("D = 1, Dv = 512", "heads=2 length=30 key-length=50 head-dimension=1 value-dimension=512"),
        ("D = 512, Dv = 1", "heads=2 length=30 key-length=50 head-dimension=512 value-dimension=1"),
        ("D = 3, Dv = 5", "heads=4 length=60 head-dimension=3 value-dimension=5 mask=causal"),
        ("D = 17, Dv = 33", "heads=4 length=60 head-dimension=17 value-dimension=33"),
        ("D = 31, Dv = 15", "heads=4 length=60 head-dimension=31 value-dimension=15"),
        ("D = 80", "heads=2 length=60 head-dimension=80"),
        ("D = 127, Dv = 129", "heads=2 length=60 head-dimension=127 value-dimension=129"),
        ("D = 511", "heads=2 length=35 head-dimension=511 mask=causal"),
        ("D = 512", "heads=2 length=35 key-length=40 head-dimension=512"),
    ]

    private static let single = [
        ("L = 1, S = 1", "batch=2 heads=3 length=1 head-dimension=16"),
        ("L = 1", "batch=2 heads=4 length=1 key-length=257 head-dimension=32"),
        ("S = 1", "batch=2 heads=4 length=100 key-length=1 head-dimension=32"),
        ("L = 2, S = 3", "length=2 key-length=3 head-dimension=2 mask=causal"),
    ]

    private static let values = [
        ("large", "batch=2 heads=3 length=90 head-dimension=64 values=large"),
        ("large, causal", "batch=2 heads=3 length=90 head-dimension=33 values=large mask=causal"),
        ("constant", "batch=2 heads=3 length=90 head-dimension=64 values=constant"),
        (
            "constant, lengths [B,L]",
            "batch=2 heads=3 length=90 head-dimension=24 values=constant lengths=rows:random"
        ),
    ]

    private static let permutation = [
        ("permutation", "batch=2 heads=3 length=90 head-dimension=64 values=exact-permutation"),
        (
            "permutation, causal",
            "batch=2 heads=4 kv-heads=2 length=130 head-dimension=40 mask=causal "
                + "values=exact-permutation"
        ),
        (
            "permutation, bottom-right",
            "heads=3 length=150 key-length=60 head-dimension=32 mask=causal-bottom-right "
                + "values=exact-permutation"
        ),
        (
            "permutation, lengths [B,L]",
            "batch=2 heads=3 length=70 key-length=140 head-dimension=16 lengths=rows:edges "
                + "values=exact-permutation"
        ),
        (
            "permutation, mask [B,H,L,S]",
            "batch=2 heads=2 length=60 key-length=200 head-dimension=24 visibility=slices:sparse "
                + "values=exact-permutation"
        ),
        (
            "permutation, Dv = 1",
            "heads=3 length=70 head-dimension=7 value-dimension=1 values=exact-permutation"
        ),
    ]

    private static let mean = [
        (
            "mean of 64",
            "batch=2 heads=3 length=50 key-length=64 head-dimension=16 values=exact-mean"
        ),
        (
            "mean of 256",
            "batch=2 heads=4 kv-heads=1 length=40 key-length=256 head-dimension=32 "
                + "values=exact-mean"
        ),
        (
            "mean, lengths [B]",
            "batch=5 heads=2 length=40 key-length=200 head-dimension=16 lengths=batch:powers "
                + "values=exact-mean"
        ),
        (
            "mean, lengths [B,L]",
            "batch=2 heads=2 length=70 key-length=150 head-dimension=9 lengths=rows:powers "
                + "values=exact-mean"
        ),
        (
            "mean of rows without keys",
            "heads=3 length=40 key-length=1 head-dimension=16 mask=causal-bottom-right "
                + "values=exact-mean masked-rows=uniform"
        ),
    ]

    private static let poison = [
        (
            "NaN, lengths [B]",
            "batch=4 heads=4 kv-heads=2 length=60 head-dimension=32 lengths=batch:edges poison=nan"
        ),
        (
            "Inf, lengths [B,L]",
            "batch=2 heads=2 length=40 key-length=150 head-dimension=32 lengths=rows:edges "
                + "mask=causal poison=infinity"
        ),
        (
            "NaN, causal",
            "batch=2 heads=2 length=50 key-length=180 head-dimension=48 mask=causal poison=nan"
        ),
        (
            "NaN, mask [L,S]",
            "batch=2 heads=2 length=60 key-length=150 head-dimension=32 visibility=shared:sparse "
                + "poison=nan"
        ),
        (
            "Inf, mask [B,H,L,S]",
            "batch=2 heads=4 kv-heads=2 length=12 key-length=300 head-dimension=32 "
                + "visibility=slices:blocks poison=infinity"
        ),
        (
            "NaN, bottom-right, exact",
            "heads=3 length=90 key-length=60 head-dimension=32 mask=causal-bottom-right "
                + "lengths=batch:random values=exact-permutation poison=nan"
        ),
    ]

    /// 65 rows: `CatalogueCheck` asks for them in calls of 1 to 65.
    private static let few = [
        ("64 keys", "heads=2 kv-heads=1 length=65 key-length=64 head-dimension=16"),
        ("100 keys", "heads=2 kv-heads=1 length=65 key-length=100 head-dimension=16 soft-cap=5"),
        ("333 keys", "heads=2 kv-heads=1 length=65 key-length=333 head-dimension=16"),
        (
            "1024 keys, causal",
            "heads=2 kv-heads=1 length=65 key-length=1024 head-dimension=16 mask=causal-bottom-right"
        ),
        (
            "65536 keys, causal",
            "heads=2 kv-heads=1 length=65 key-length=65536 head-dimension=4 mask=causal-bottom-right"
        ),
    ]

    private static let spans = [
        ("two spans and a key", "heads=2 length=5 key-length=4097 head-dimension=16"),
        ("one span", "heads=3 length=3 key-length=2048 head-dimension=32"),
        (
            "a decode step over spans",
            "batch=2 heads=4 kv-heads=1 length=1 key-length=5000 head-dimension=32 "
                + "mask=causal-bottom-right"
        ),
        (
            "lengths over spans",
            "batch=3 heads=2 length=4 key-length=4100 head-dimension=8 lengths=rows:random"
        ),
        (
            "permutation over spans",
            "heads=2 length=20 key-length=4100 head-dimension=16 values=exact-permutation"
        ),
        (
            "causal rows over spans",
            "heads=2 length=70 key-length=4200 head-dimension=16 value-dimension=24 offset=4100 mask=causal"
        ),
        (
            "a window that leaves spans behind",
            "heads=2 length=300 key-length=6200 head-dimension=8 offset=1950 mask=window:40+20"
        ),
        (
            "rows without keys, sinks",
            "batch=3 heads=4 kv-heads=2 length=3 key-length=4100 head-dimension=16 lengths=batch:edges "
                + "sinks=random alibi=standard"
        ),
        (
            "means of rows without keys",
            "batch=3 heads=2 length=18 key-length=2100 head-dimension=8 lengths=batch:edges "
                + "masked-rows=uniform"
        ),
        (
            "additive scores over spans",
            "heads=4 kv-heads=2 length=2 key-length=4100 head-dimension=8 scoring=additive hidden=8"
        ),
        (
            "Linformer over spans",
            "heads=2 length=4 key-length=2200 head-dimension=8 linformer=2100"
        ),
        (
            "mean over spans",
            "heads=2 length=4 key-length=4096 head-dimension=8 values=exact-mean"
        ),
    ]
    private static let steps = [
        (
            "a cache and grouped heads",
            "batch=2 heads=6 kv-heads=2 length=9 key-length=140 head-dimension=32 "
                + "mask=causal-bottom-right operation=decode-steps"
        ),
        (
            "a cache of one key",
            "heads=3 length=18 key-length=19 head-dimension=16 value-dimension=5 "
                + "mask=causal-bottom-right operation=decode-steps"
        ),
        (
            "over the end of a span",
            "heads=4 kv-heads=2 length=5 key-length=2051 head-dimension=8 "
                + "mask=causal-bottom-right operation=decode-steps"
        ),
        (
            "a window, positions and sinks",
            "batch=2 heads=2 kv-heads=1 length=6 key-length=90 head-dimension=16 "
                + "mask=causal-bottom-right+window:40 alibi=standard sinks=random soft-cap=3 "
                + "operation=decode-steps"
        ),
        (
            "blocks of each head",
            "heads=4 kv-heads=2 length=7 key-length=100 head-dimension=8 "
                + "mask=causal-bottom-right layout=heads:16 operation=decode-steps"
        ),
    ]
}
