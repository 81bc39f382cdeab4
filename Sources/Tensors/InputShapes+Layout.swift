import Attention

/// Whether shapes speak for a layout.
enum LayoutJudgement: Equatable {
    /// Nothing else fits, or nothing as well.
    case likely
    /// The other layout fits, too, and as well or better: the shape that it would make.
    case doubtful(other: AttentionShape)
    case impossible(ShapeMisfit)
}

extension InputShapes {
    /// Judges a layout by all tensors together, beside the other one.
    ///
    /// That rows are fewer than heads says little by itself: in a step of decoding, one row of each
    /// of many heads looks back at many keys, which no other reading explains. Where both layouts
    /// fit, the heads of q are a multiple of those of k, and the rows of q a multiple of those of k.
    /// So one of them may be self-attention by grouped heads, and is then likelier. Of two that are
    /// alike in this, the one with more rows than heads is. A layer has more rows than batch elements.
    func judgement(of layout: TensorLayout) -> LayoutJudgement {
        let own: AttentionShape
        do throws(ShapeMisfit) {
            own = try reading(as: layout).shape
        } catch {
            return .impossible(error)
        }
        guard let other = otherReading(than: layout)?.shape else { return .likely }
        if kind.isLayer { return own.batch > own.queryLength ? .doubtful(other: other) : .likely }
        guard own.headsAndRows != [1, 1, 1, 1] else { return .likely }
        let isUsual = own.isUsualSelfAttention
        let isBetter =
            isUsual == other.isUsualSelfAttention ? own.queryLength > own.heads : isUsual
        return isBetter ? .likely : .doubtful(other: other)
    }
}

extension AttentionShape {
    fileprivate var headsAndRows: [Int] { [heads, keyValueHeads, queryLength, keyLength] }

    /// As many rows as keys, in as many heads as models have: none has more than 128, or more than
    /// 16 that others share.
    fileprivate var isUsualSelfAttention: Bool {
        queryLength == keyLength && heads <= 128
            && (keyValueHeads == heads || keyValueHeads <= 16)
    }
}
