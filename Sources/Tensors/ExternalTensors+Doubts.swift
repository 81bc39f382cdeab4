import Attention
import Statistics
import Work

extension ExternalTensors {
    /// The sizes in the other layout, when the tensors fit that too.
    package var otherShape: AttentionShape? {
        shapes.otherReading(than: layout)?.shape
    }

    /// What to do when the tensors are in the other layout.
    package var otherLayoutRemedy: String {
        kind.isLayer
            ? InputKind.turnedRows
            : "give --layout \(layout.other), in which the file has this size"
    }

    /// Whether query, key and value may be in the other layout.
    package var layoutDoubt: MeasurementWarning? {
        if layout != .bld, let packed = shapes.packed {
            return MeasurementWarning(
                .doubtfulInput,
                sentence: "\(path): q \(shapes.query) is read as \(layout.text(rank: rank)), "
                    + shape.headsOfRows,
                remedy: "give --layout bld if it is [B,L,H·D], "
                    + "\(counted(packed.batch, "batch element")) of \(packed.headsOfRows)"
            )
        }
        guard case .doubtful(let other) = shapes.judgement(of: layout) else { return nil }
        if kind.isLayer {
            let batch = counted(shape.batch, "batch element")
            return MeasurementWarning(
                .doubtfulInput,
                sentence: "\(path): query \(shapes.query) is read as [B,L,E], \(batch) of "
                    + counted(shape.queryLength, "row"),
                remedy: otherLayoutRemedy
            )
        }
        return MeasurementWarning(
            .doubtfulInput,
            sentence: "\(path): q \(shapes.query) is read as \(layout.text(rank: rank)), "
                + shape.headsOfRows,
            remedy: "give --layout \(layout.other) if it is \(layout.other.text(rank: rank)), "
                + other.headsOfRows
        )
    }

    /// Whether the first axis of the mask, or of the bias, may be another.
    package var maskDoubt: MeasurementWarning? {
        doubt(shapes.mask, .visibility, other: reading.otherMaskAxes)
            ?? doubt(shapes.bias, .bias, other: reading.otherBiasAxes)
    }

    private func doubt(
        _ sizes: [Int]?,
        _ tensor: TensorName,
        other: [Int]?
    ) -> MeasurementWarning? {
        guard let sizes, let name = tensors[tensor]?.name, other != nil else { return nil }
        // The batch of two sizes, or the heads of three, get an axis of their own.
        let isMatrix = sizes.count == 2
        return MeasurementWarning(
            .doubtfulInput,
            sentence: "\(path): \(name) \(sizes) is read as \(isMatrix ? "[L,S]" : "[B,L,S]")",
            remedy: isMatrix
                ? "save \(name)[:, None, None] if it is [B,S]"
                : "save \(name)[None] if it is [H,L,S]"
        )
    }
}
