/// Why a problem cannot be computed, and what to do about it.
package enum AttentionError: Error, Hashable, Sendable {
    /// A size outside its range.
    case sizeOutOfRange(field: Field, found: Int, allowed: ClosedRange<Int>)
    case headsNotDivisible(heads: Int, keyValueHeads: Int)
    /// Query and key have different columns, but the scoring function multiplies them.
    case keyDimensionDiffers(found: Int, headDimension: Int)
    case scoreScaleOutOfRange(found: Float)
    case softCapOutOfRange(found: Float)
    case slopeCountWrong(found: Int, heads: Int)
    case slopeOutOfRange(found: Float)
    case sinkCountWrong(found: Int, heads: Int)
    case sinkNotFinite(found: Float)
    /// Rows without keys would be means of values, but a sink takes all of their weight.
    case sinksWithMeans
    /// Linformer with a mask, a bias or positions: every projected key mixes all keys.
    case linformerMasked
    /// A softmax of given scores with something that would change the scores.
    case softmaxOfScores
    /// A layer whose heads differ in their columns, or share keys.
    case layerOfSizes
    /// Self-attention with other keys than rows.
    case layerOfLengths
    /// Kernel regression of anything but plain data of one column.
    case regressionOfData
    /// Leave-one-out of a single row of data.
    case trainingOfOneRow
    case trainingRateNotFinite(found: Float)
    /// Steps of decoding of anything but rows after a cache.
    case stepsOfProblem
    /// Spans of keys of anything but attention.
    case spansOfOperation
    /// Arcs of anything but attention whose keys are cut into spans.
    case arcsWithoutSpans
    /// A pattern that is not valid, or that does not fit the shape.
    case patternImpossible(found: String, expected: String)
    /// The tensors together have more bytes than an address can count.
    case tensorsTooLarge
    /// Causal by length, without one length for every batch element.
    case bandWithoutLengths
    case lengthCountWrong(found: Int, expected: Int)
    case lengthOutOfRange(index: Int, found: Int, keyLength: Int)
    /// Generated values that this problem cannot have.
    case valuesImpossible(kind: ValueKind, field: Field, reason: String, remedy: String)
    case outOfMemory(tensor: TensorName, byteCount: Int)

    /// The faulty part of a problem, so that a command line can name its flag.
    package enum Field: String, Hashable, Sendable {
        case batch, heads, keyValueHeads, queryLength, keyLength, headDimension, keyDimension
        case valueDimension, mask, scoring, hidden, scoreScale, softCap, alibi, offset, bias, sinks
        case linformer, operation, epochs, rate, spanKeys, arcs
    }

    /// The faulty part of the problem; nil when the fault is in the whole.
    package var field: Field? {
        switch self {
        case .sizeOutOfRange(let field, _, _), .valuesImpossible(_, let field, _, _): field
        case .headsNotDivisible: .keyValueHeads
        case .keyDimensionDiffers: .keyDimension
        case .scoreScaleOutOfRange: .scoreScale
        case .softCapOutOfRange: .softCap
        case .slopeCountWrong, .slopeOutOfRange: .alibi
        case .sinkCountWrong, .sinkNotFinite, .sinksWithMeans: .sinks
        case .linformerMasked: .linformer
        case .softmaxOfScores, .layerOfSizes, .layerOfLengths, .regressionOfData, .stepsOfProblem:
            .operation
        case .spansOfOperation: .spanKeys
        case .arcsWithoutSpans: .arcs
        case .trainingOfOneRow: .keyLength
        case .trainingRateNotFinite: .rate
        case .lengthCountWrong, .lengthOutOfRange, .patternImpossible, .bandWithoutLengths: .mask
        case .tensorsTooLarge, .outOfMemory: nil
        }
    }
}

extension AttentionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sizeOutOfRange(let field, let found, let allowed):
            """
            \(field.rawValue) is \(found): expected \(allowed.lowerBound) to \
            \(allowed.upperBound); choose a size in that range
            """
        case .headsNotDivisible(let heads, let keyValueHeads):
            """
            heads is \(heads) and keyValueHeads is \(keyValueHeads): expected heads to be a \
            multiple of keyValueHeads; choose a divisor of \(heads) for keyValueHeads
            """
        case .keyDimensionDiffers(let found, let headDimension):
            """
            keyDimension is \(found) and headDimension is \(headDimension): expected both to be \
            the same for this scoring function; leave keyDimension out, or choose bilinear or \
            additive scoring
            """
        case .scoreScaleOutOfRange(let found):
            """
            scoreScale is \(found): expected a number within ±\(AttentionProblem.largestFactor); leave \
            it out for the scoring function's own factor, or give a smaller one
            """
        case .softCapOutOfRange(let found):
            """
            softCap is \(found): expected a number above 0, at most \
            \(AttentionProblem.largestFactor); leave it out for no cap, or give a number such as 30
            """
        case .slopeCountWrong(let found, let heads):
            """
            alibi has \(found) slopes: expected \(heads), one for every head; give one per head
            """
        case .slopeOutOfRange(let found):
            """
            alibi has the slope \(found): expected numbers from 0 to 1e28; correct it, or leave \
            alibi out
            """
        case .sinkCountWrong(let found, let heads):
            """
            sinks has \(found) numbers: expected \(heads), one for every head; give one per head
            """
        case .sinkNotFinite(let found):
            """
            sinks has the number \(found): expected finite numbers; correct it, or leave sinks out
            """
        case .sinksWithMeans:
            """
            sinks cannot be used with maskedRows uniform: expected zeros for a row without keys, \
            because its sink takes all weight; choose zeros, or leave sinks out
            """
        case .linformerMasked:
            """
            linformer cannot be used with a mask, a bias, alibi or an offset: expected attention \
            over all keys, since every projected key mixes all of them; leave these out
            """
        case .softmaxOfScores:
            """
            operation maskedSoftmax takes scores as they are: expected no scoring, scale, cap, bias, \
            alibi or sinks; leave these out
            """
        case .layerOfSizes:
            """
            a layer has the same columns in all heads: expected keyValueHeads to be heads, and \
            keyDimension and valueDimension to be headDimension; leave them out
            """
        case .layerOfLengths:
            """
            self-attention takes queries and keys from one tensor: expected queryLength and \
            keyLength to be the same; leave keyLength out, or give keys their own tensor
            """
        case .regressionOfData:
            """
            kernel regression takes data of one column as they are: expected keyValueHeads to be heads, \
            all dimensions to be 1, and no mask, scoring, scale, cap, bias, alibi, sinks or offset; \
            leave these out
            """
        case .stepsOfProblem:
            """
            decodeSteps adds one key and one row in each step: expected more keys than rows, the band \
            causalBottomRight, dot scores, zeros for rows without keys, and no lengths, boolean mask, \
            bias or offset; leave these out
            """
        case .trainingOfOneRow:
            """
            keyLength is 1: expected at least 2, since training predicts each target from the others; \
            give more data, or choose gaussian pooling
            """
        case .spansOfOperation:
            """
            spanKeys is given for an operation whose keys cannot be cut: expected attention or \
            linformer; leave it out
            """
        case .arcsWithoutSpans:
            """
            arcs are given for a problem without spans that rows could visit: expected attention with \
            spanKeys; leave them out
            """
        case .trainingRateNotFinite(let found):
            """
            rate is \(found): expected a finite number; give one such as 0.5
            """
        case .patternImpossible(let found, let expected):
            """
            the pattern has \(found): expected \(expected); change the pattern or the lengths
            """
        case .tensorsTooLarge:
            """
            the tensors of this shape have more bytes than a 64-bit address can count: expected \
            at most \(Int.max); choose a smaller batch, fewer heads or shorter lengths
            """
        case .bandWithoutLengths:
            """
            the mask is causal by length without one valid length for every batch element: expected \
            lengths [B]; give the lengths, or choose another causal mask
            """
        case .lengthCountWrong(let found, let expected):
            """
            the mask has \(found) valid lengths: expected \(expected), one for every batch \
            element or one for every query row; give that number of lengths
            """
        case .lengthOutOfRange(let index, let found, let keyLength):
            """
            valid length \(index) is \(found): expected 0 to \(keyLength), the number of keys; \
            shorten it, or give more keys
            """
        case .valuesImpossible(let kind, let field, let reason, let remedy):
            """
            \(kind.rawValue) values cannot be generated for this \(field.rawValue): \(reason); \
            \(remedy)
            """
        case .outOfMemory(let tensor, let byteCount):
            """
            there is no memory for the \(tensor) tensor: expected \(byteCount) bytes; choose a \
            smaller problem, or free memory
            """
        }
    }
}
