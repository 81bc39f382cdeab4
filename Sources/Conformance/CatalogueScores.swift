/// The corner cases of scores: how they are made, and what changes them before the softmax.
enum CatalogueScores {
    static let corners = [
        ("ALiBi", alibi), ("soft cap", softCap), ("bias", bias), ("sinks", sinks),
        ("score scale", scale), ("scoring", scoring), ("Linformer", linformer),
        ("masked softmax", softmax), ("multi-head layer", layer),
        ("kernel regression", regression),
    ]

    private static let alibi = [
        (
            "ALiBi, eight heads, causal",
            "heads=8 length=150 head-dimension=32 mask=causal alibi=standard"
        ),
        ("ALiBi, six heads, two-sided", "heads=6 length=150 head-dimension=32 alibi=standard"),
        (
            "ALiBi, bottom-right, L < S",
            "heads=4 length=40 key-length=300 head-dimension=32 mask=causal-bottom-right "
                + "alibi=standard"
        ),
        ("ALiBi, steep", "heads=2 length=200 head-dimension=16 alibi=0,40"),
        (
            "ALiBi, far from every key",
            "heads=2 length=2000 key-length=20 head-dimension=8 alibi=standard"
        ),
        (
            "ALiBi, few rows, sparse mask",
            "heads=2 kv-heads=1 length=3 key-length=5000 head-dimension=16 "
                + "visibility=batch:sparse alibi=standard"
        ),
        (
            "ALiBi, with a window",
            "heads=4 kv-heads=2 length=200 head-dimension=32 mask=window:60 alibi=standard"
        ),
    ]

    private static let softCap = [
        ("cap, wide", "heads=3 length=150 head-dimension=64 soft-cap=30"),
        ("cap, narrow, large", "heads=3 length=150 head-dimension=64 soft-cap=2 values=large"),
        (
            "cap, causal, ALiBi",
            "heads=4 length=150 head-dimension=32 mask=causal soft-cap=0.7 alibi=standard"
        ),
        (
            "cap, lengths, mask, NaN",
            "batch=2 heads=2 length=60 key-length=150 head-dimension=32 lengths=batch:edges "
                + "visibility=shared:sparse soft-cap=5 poison=nan"
        ),
    ]

    private static let layer = [
        ("self-attention", "batch=2 heads=4 length=70 head-dimension=16 operation=multi-head"),
        (
            "biases, causal, one head",
            "batch=3 heads=1 length=33 head-dimension=40 operation=multi-head mask=causal values=large"
        ),
        (
            "an encoder's keys, lengths, sinks",
            "batch=4 heads=3 length=40 key-length=130 head-dimension=8 operation=multi-head "
                + "lengths=batch:edges sinks=random"
        ),
        (
            "few rows, a mask for each head",
            "batch=2 heads=4 length=3 key-length=90 head-dimension=17 operation=multi-head "
                + "visibility=heads:sparse bias=heads"
        ),
        (
            "shared projections",
            "batch=2 heads=4 length=65 head-dimension=12 operation=multi-head-shared"
        ),
        (
            "shared projections, an encoder's keys",
            "batch=2 heads=2 length=20 key-length=150 head-dimension=33 "
                + "operation=multi-head-shared lengths=rows:random"
        ),
    ]

    private static let softmax = [
        (
            "scores [3,8,5]",
            "batch=3 length=8 key-length=5 operation=masked-softmax lengths=batch:edges"
        ),
        (
            "lengths [B,L]",
            "batch=4 length=33 key-length=70 operation=masked-softmax lengths=rows:random"
        ),
        (
            "causal, mask, heads",
            "batch=2 heads=3 length=90 key-length=130 operation=masked-softmax mask=causal "
                + "visibility=heads:sparse"
        ),
        ("two keys", "heads=2 length=40 key-length=2 operation=masked-softmax"),
        (
            "large, a long row",
            "heads=2 length=5 key-length=4100 operation=masked-softmax values=large"
        ),
        (
            "BigBird, uniform",
            "length=100 key-length=210 operation=masked-softmax lengths=rows:edges "
                + "mask=bigbird:window=3,random=1,block=16 masked-rows=uniform"
        ),
    ]

    private static let regression = [
        ("learned, 50 rows of data", "length=50 operation=kernel-regression"),
        (
            "Gaussian pooling",
            "batch=2 heads=2 length=70 key-length=131 operation=kernel-regression pooling=gaussian"
        ),
        (
            "average pooling",
            "heads=3 length=40 key-length=90 operation=kernel-regression pooling=average"
        ),
        (
            "learned, one prediction",
            "batch=3 length=1 key-length=130 operation=kernel-regression epochs=2"
        ),
        ("learned, 2 rows of data", "batch=2 length=3 key-length=2 operation=kernel-regression"),
        (
            "learned, 33 rows of data",
            "heads=2 length=65 key-length=33 operation=kernel-regression epochs=9 rate=0.01"
        ),
        (
            "learned, large values",
            "batch=2 length=100 key-length=300 operation=kernel-regression epochs=3 values=large"
        ),
    ]

    private static let linformer = [
        ("k = 16", "batch=2 heads=4 length=90 key-length=150 head-dimension=32 linformer=16"),
        ("k = 1", "heads=2 length=40 key-length=70 head-dimension=16 linformer=1"),
        ("k = S", "heads=2 length=70 head-dimension=24 linformer=70"),
        (
            "grouped heads, D ≠ Dv, sinks",
            "batch=2 heads=6 kv-heads=2 length=70 key-length=333 head-dimension=17 "
                + "value-dimension=33 linformer=40 sinks=random"
        ),
        (
            "a decode step over more keys than a panel",
            "batch=2 heads=4 kv-heads=2 length=1 key-length=1100 head-dimension=32 linformer=130"
        ),
        (
            "additive scores, cap",
            "heads=2 length=50 key-length=120 head-dimension=16 scoring=additive soft-cap=2 "
                + "linformer=33"
        ),
    ]

    private static let bias = [
        ("bias [L,S]", "batch=2 heads=2 length=65 key-length=77 head-dimension=32 bias=shared"),
        ("bias [B,L,S]", "batch=3 heads=2 length=40 key-length=150 head-dimension=16 bias=batch"),
        (
            "bias [H,L,S], grouped heads",
            "batch=2 heads=6 kv-heads=2 length=70 key-length=130 head-dimension=32 bias=heads"
        ),
        (
            "bias [B,H,L,S]",
            "batch=2 heads=2 length=33 key-length=140 head-dimension=48 bias=slices"
        ),
        (
            "bias, fewer keys than lanes",
            "heads=2 length=70 key-length=3 head-dimension=8 bias=heads"
        ),
        (
            "bias, decode step, grouped heads",
            "batch=2 heads=4 kv-heads=1 length=1 key-length=2065 head-dimension=32 bias=heads"
        ),
        (
            "bias, causal, cap, ALiBi",
            "heads=4 length=150 head-dimension=32 mask=causal soft-cap=2 alibi=standard bias=shared"
        ),
        (
            "bias, lengths, mask, NaN",
            "batch=2 heads=2 length=60 key-length=150 head-dimension=32 lengths=rows:edges "
                + "visibility=heads:sparse bias=slices poison=nan"
        ),
        (
            "bias, additive scores",
            "heads=2 length=40 key-length=90 head-dimension=16 scoring=additive bias=heads"
        ),
    ]

    private static let sinks = [
        ("sinks", "batch=2 heads=4 length=90 head-dimension=32 sinks=random"),
        ("sinks, high and low", "heads=3 length=70 head-dimension=32 sinks=6,-90,3"),
        (
            "sinks, causal, ALiBi",
            "heads=4 length=150 head-dimension=16 mask=causal-bottom-right alibi=standard "
                + "sinks=random"
        ),
        (
            "sinks, decode over spans, grouped heads",
            "batch=2 heads=6 kv-heads=2 length=2 key-length=4100 head-dimension=16 sinks=random"
        ),
        (
            "sinks, rows over spans",
            "heads=2 length=40 key-length=2100 head-dimension=8 mask=window:30 sinks=1,-1"
        ),
        (
            "sinks, rows without keys, bias",
            "batch=3 heads=2 length=60 head-dimension=32 lengths=batch:edges sinks=random bias=heads"
        ),
    ]

    private static let scale = [
        ("scale 0", "heads=3 length=60 head-dimension=32 score-scale=0"),
        ("scale 1", "heads=3 length=60 head-dimension=64 score-scale=1"),
        ("scale -0.25", "heads=3 length=60 head-dimension=32 score-scale=-0.25 mask=causal"),
        ("scale 1e-20", "heads=3 length=60 head-dimension=32 score-scale=1e-20"),
    ]

    private static let scoring = [
        ("dot", "heads=2 length=60 head-dimension=33 scoring=dot"),
        ("cosine", "batch=2 heads=3 length=70 head-dimension=33 scoring=cosine score-scale=5"),
        ("cosine, large", "heads=2 length=40 head-dimension=16 scoring=cosine values=large"),
        (
            "bilinear, Dk > D",
            "heads=4 kv-heads=2 length=70 head-dimension=17 key-dimension=80 scoring=bilinear "
                + "mask=causal"
        ),
        ("bilinear, one row", "heads=4 length=1 key-length=300 head-dimension=32 scoring=bilinear"),
        (
            "additive, causal",
            "batch=2 heads=2 length=130 head-dimension=32 scoring=additive hidden=48 mask=causal"
        ),
        (
            "additive, Dk < D, groups",
            "heads=6 kv-heads=2 length=50 key-length=150 head-dimension=20 key-dimension=3 "
                + "scoring=additive hidden=7 lengths=batch:edges"
        ),
        (
            "additive, one row over spans",
            "heads=2 length=1 key-length=4100 head-dimension=8 scoring=additive hidden=16"
        ),
        (
            "additive, NaN, cap, ALiBi",
            "heads=2 length=60 key-length=150 head-dimension=16 scoring=additive hidden=16 "
                + "lengths=rows:edges soft-cap=2 alibi=standard poison=nan"
        ),
        ("gaussian", "batch=2 heads=2 length=90 head-dimension=40 scoring=gaussian"),
        ("gaussian, D = 1", "length=50 head-dimension=1 scoring=gaussian score-scale=4"),
        (
            "gaussian, window",
            "heads=2 length=200 head-dimension=16 scoring=gaussian mask=window:30"
        ),
        (
            "gaussian-columns",
            "heads=2 length=60 key-length=150 head-dimension=33 scoring=gaussian-columns "
                + "visibility=slices:sparse poison=infinity"
        ),
    ]
}
