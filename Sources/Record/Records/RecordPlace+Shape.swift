import Attention
import Files

extension RecordPlace {
    /// Sizes whose operations and bytes 64 bits can count.
    func requireCountable(_ product: ProductShape) throws(ExperimentError) {
        let largest = 1 << 20
        try requireCount(product.rows, "rows", in: 1...largest)
        try requireCount(product.columns, "columns", in: 1...largest)
        try requireCount(product.depth, "depth", in: 1...largest)
    }

    /// Sizes that a problem can have, and whose operations and bytes 64 bits can count.
    func requireCountable(_ shape: AttentionShape) throws(ExperimentError) {
        let largest = 1 << 32
        try requireCount(shape.batch, "batch", in: 1...largest)
        try requireCount(shape.heads, "heads", in: 1...largest)
        try requireCount(shape.keyValueHeads, "keyValueHeads", in: 1...shape.heads)
        try requireCount(shape.queryLength, "queryLength", in: 1...largest)
        try requireCount(shape.keyLength, "keyLength", in: 1...largest)
        try requireCount(shape.headDimension, "headDimension", in: 1...512)
        try requireCount(shape.keyDimension, "keyDimension", in: 1...512)
        try requireCount(shape.valueDimension, "valueDimension", in: 1...512)
        let factors = [
            shape.batch, shape.heads, max(shape.queryLength, shape.keyLength), shape.keyLength,
            // Columns of scores, which hidden units may make more, and of values.
            512 + shape.valueDimension,
            // The operations of a pair, four bytes of a number, and every tensor.
            64,
        ]
        let product = factors.reduce(1 as Int?) { product, factor in
            guard let product else { return nil }
            let (result, overflows) = product.multipliedReportingOverflow(by: factor)
            return overflows ? nil : result
        }
        try require(
            product != nil,
            "describes a problem whose operations cannot be counted",
            expected: "a problem that a machine can compute"
        )
    }
}
