/// Everything that defines an attention computation except its numbers.
///
/// All processes of a run must agree on it.
package struct AttentionProblem: Hashable, Sendable, Codable {
    package var shape: AttentionShape
    /// The number type of query, key and value.
    package var element: Element
    package var mask: Mask
    package var score: Score
    /// A score s becomes c·tanh(s / c), between −c and c; nil for no cap.
    package var softCap: Float?
    /// A slope m for each head: a key's score falls by m·|distance from the row to the key|.
    ///
    /// Empty for none. The source is Press, Smith and Lewis, "Train short, test long", ICLR 2022.
    /// The slope is applied after the soft cap. `position(ofRow:length:)` gives the position of row i. In
    /// f32, distances are counted from the distance of the nearest key that the row sees: this
    /// changes no weight and keeps the digits of rows that are far from their keys.
    package var alibi: [Float]
    /// A sink for each head: a score without a key, in the softmax's maximum and sum only.
    ///
    /// Empty for none. It takes weight from the keys, whose weights then sum to less than 1: Xiao et
    /// al., "Efficient streaming language models with attention sinks", ICLR 2024, in the form of
    /// learned numbers.
    package var sinks: [Float]
    package var maskedRows: MaskedRows
    /// Row i stands at position i + offset among the keys: rows after a cache of that many keys.
    ///
    /// It must be 0 where the band gives positions itself, bottom-right or by length.
    package var offset: Int
    package var operation: Operation
    /// The keys of a span, where spans are computed apart and folded afterwards; nil where each row is
    /// computed over all its keys at once.
    ///
    /// It changes the stages and no bit of the output. The kernels have one length of spans, and it must
    /// be that.
    package var spanKeys: Int?
    /// Into how many arcs the spans are joined that rows visit one after the other; nil where they do not.
    ///
    /// It needs `spanKeys`, changes the stages and no bit of the output. See `keys(ofArc:)`.
    package var arcs: Int?

    package init(
        shape: AttentionShape,
        element: Element = .float32,
        mask: Mask = .none,
        score: Score? = nil,
        softCap: Float? = nil,
        alibi: [Float] = [],
        sinks: [Float] = [],
        maskedRows: MaskedRows = .zeros,
        offset: Int = 0,
        operation: Operation = .attention,
        spanKeys: Int? = nil,
        arcs: Int? = nil
    ) {
        self.shape = shape
        self.element = element
        self.mask = mask
        self.softCap = softCap
        self.alibi = alibi
        self.sinks = sinks
        self.score = score ?? .usual(headDimension: shape.headDimension)
        self.maskedRows = maskedRows
        self.offset = offset
        self.operation = operation
        self.spanKeys = spanKeys
        self.arcs = arcs
    }
}
