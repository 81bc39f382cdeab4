/// Why a layer or a product cannot be computed, and what to do about it.
package enum LayerError: Error, Hashable, Sendable {
    case embeddingOutOfRange(found: Int, allowed: ClosedRange<Int>)
    case embeddingNotDivisible(embedding: Int, heads: Int)
    /// A size of the inner attention that does not follow from those of the layer.
    case sizeDiffers(size: Size, found: Int, expected: Int)
    /// Queries, keys and values from one tensor, but of different lengths.
    case lengthsDiffer(queryLength: Int, keyLength: Int)
    case tensorsTooLarge
    case attention(AttentionError)
    case outOfMemory(name: String, byteCount: Int)

    package enum Size: String, Hashable, Sendable {
        case keyValueHeads, headDimension, keyDimension, valueDimension
    }
}

extension LayerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .embeddingOutOfRange(let found, let allowed):
            """
            embedding is \(found): expected \(allowed.lowerBound) to \(allowed.upperBound); choose \
            a size in that range
            """
        case .embeddingNotDivisible(let embedding, let heads):
            """
            embedding is \(embedding) and heads is \(heads): expected embedding to be a multiple of \
            heads; choose a divisor of \(embedding) for heads
            """
        case .sizeDiffers(let size, let found, let expected):
            """
            \(size.rawValue) is \(found): expected \(expected), as the layer's embedding and heads \
            give it; leave it out
            """
        case .lengthsDiffer(let queryLength, let keyLength):
            """
            queryLength is \(queryLength) and keyLength is \(keyLength): expected both to be the \
            same in self-attention; leave keyLength out, or give keys their own tensor
            """
        case .tensorsTooLarge:
            """
            the tensors of this layer have more bytes than a 64-bit address can count: expected at \
            most \(Int.max); choose a smaller batch, embedding or shorter lengths
            """
        case .attention(let error): error.description
        case .outOfMemory(let name, let byteCount):
            """
            there is no memory for \(name): expected \(byteCount) bytes; choose smaller sizes, or \
            free memory
            """
        }
    }
}

extension LayerError {
    /// A new slab; the error names what it was for.
    package static func slab(_ name: String, byteCount: Int) throws(LayerError) -> Slab {
        guard let slab = Slab(byteCount: byteCount) else {
            throw .outOfMemory(name: name, byteCount: byteCount)
        }
        return slab
    }

    /// Runs what is about the attention inside a layer.
    static func attention<Value: ~Copyable>(
        _ body: () throws(AttentionError) -> Value
    ) throws(LayerError) -> Value {
        do throws(AttentionError) { return try body() } catch { throw .attention(error) }
    }
}
