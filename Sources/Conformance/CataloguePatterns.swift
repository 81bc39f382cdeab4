import Attention
import Plan

/// The patterns of the catalogue: the edges of each, and what random cases draw.
enum CataloguePatterns {
    static let corners = [
        ("sliding window", window), ("Longformer", longformer), ("BigBird", bigBird),
        ("block-sparse", blocks),
    ]

    /// A random pattern or block layout, or none.
    static func draw(
        _ draw: inout CatalogueDraw,
        _ shape: AttentionShape
    ) -> (PatternSpecification, CatalogueCase.Layout?) {
        let keys = shape.keyLength
        let block = draw.one(of: [1, 7, 16, 32, 64, 100])
        switch draw.number(in: 0...11) {
        case 0, 1:
            let ahead = draw.chance(50) ? 0 : draw.number(in: 0...keys)
            return (.window(back: draw.number(in: 1...keys), ahead: ahead), nil)
        case 2:
            let globals = Set(
                (0..<draw.number(in: 0...3)).map { _ in draw.number(in: 0...keys - 1) }
            )
            let window = 2 * draw.number(in: 0...64)
            return (
                .longformer(LongformerPattern(window: window, globals: globals.sorted())), nil
            )
        case 3:
            return (
                .bigBird(
                    BigBirdPattern(
                        window: draw.one(of: [1, 3, 5]),
                        random: draw.number(in: 0...4),
                        global: draw.number(in: 0...2),
                        block: block,
                        seed: UInt64(draw.number(in: 1...9))
                    )
                ), nil
            )
        case 4:
            return (.none, CatalogueCase.Layout(block: block, isPerHead: draw.chance(50)))
        default:
            return (.none, nil)
        }
    }

    private static let window = [
        ("window, one key", "heads=2 length=70 head-dimension=16 mask=window:1"),
        ("window, looking back", "batch=2 heads=2 length=300 head-dimension=32 mask=window:100"),
        ("window, two-sided", "heads=3 length=290 head-dimension=32 mask=window:17+40"),
        ("window, ahead only", "heads=2 length=150 head-dimension=16 mask=window:0+30"),
        (
            "window, bottom-right, L < S",
            "heads=2 length=60 key-length=400 head-dimension=32 "
                + "mask=causal-bottom-right+window:130"
        ),
        (
            "window, bottom-right, L > S",
            "heads=2 length=200 key-length=90 head-dimension=32 mask=causal-bottom-right+window:33"
        ),
        ("window, over spans", "length=20 key-length=4200 head-dimension=8 mask=window:9+4000"),
        (
            "window, with lengths and mask",
            "batch=3 heads=2 length=130 head-dimension=32 mask=window:64+3 lengths=rows:edges "
                + "visibility=batch:random"
        ),
        (
            "window, permutation",
            "heads=2 length=200 head-dimension=32 mask=window:20+5 values=exact-permutation"
        ),
        (
            "window, NaN",
            "heads=2 length=33 key-length=300 head-dimension=32 mask=window:9+7 poison=nan"
        ),
    ]

    private static let longformer = [
        (
            "Longformer, window alone",
            "heads=2 length=200 head-dimension=32 mask=longformer:window=32"
        ),
        (
            "Longformer, global tokens",
            "batch=2 heads=2 length=260 head-dimension=32 "
                + "mask=longformer:window=48,global=0+1+100+259"
        ),
        (
            "Longformer, causal",
            "heads=2 length=260 head-dimension=32 mask=causal+longformer:window=64,global=0+200"
        ),
        (
            "Longformer, globals alone, mask",
            "heads=2 length=150 head-dimension=16 mask=longformer:window=0,global=3+77 "
                + "visibility=shared:random"
        ),
        (
            "Longformer, NaN",
            "heads=2 length=20 key-length=290 head-dimension=32 "
                + "mask=longformer:window=8,global=140 poison=nan"
        ),
    ]

    private static let bigBird = [
        (
            "BigBird, blocks of 16",
            "batch=2 heads=2 length=400 head-dimension=32 "
                + "mask=bigbird:window=3,random=3,block=16,seed=7"
        ),
        (
            "BigBird, causal",
            "heads=3 length=390 head-dimension=32 "
                + "mask=causal+bigbird:window=1,random=2,block=32,global=0"
        ),
        (
            "BigBird, bottom-right, L < S",
            "heads=2 length=70 key-length=500 head-dimension=32 "
                + "mask=causal-bottom-right+bigbird:window=3,random=2,block=20"
        ),
        (
            "BigBird, more random blocks than there are",
            "heads=2 length=100 head-dimension=16 mask=bigbird:window=1,random=50,block=10"
        ),
        (
            "BigBird, permutation, lengths",
            "batch=3 heads=2 length=256 head-dimension=32 lengths=batch:edges "
                + "mask=bigbird:window=1,random=1,block=13,global=0 values=exact-permutation"
        ),
    ]

    private static let blocks = [
        ("blocks, one layout", "batch=2 heads=2 length=300 head-dimension=32 layout=shared:64"),
        (
            "blocks, a layout per head",
            "heads=4 kv-heads=2 length=200 head-dimension=32 layout=heads:32"
        ),
        ("blocks, causal", "heads=2 length=250 head-dimension=32 mask=causal layout=heads:48"),
        (
            "blocks, odd blocks, L < S",
            "heads=2 length=90 key-length=310 head-dimension=16 layout=shared:37 "
                + "visibility=slices:random"
        ),
        (
            "blocks, Inf",
            "heads=2 length=40 key-length=300 head-dimension=32 layout=shared:20 poison=infinity"
        ),
    ]
}
