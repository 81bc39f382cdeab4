import Attention
import Files

/// The tensors with an element for every (query, key) pair: mask and bias.
extension ExternalTensors {
    /// Reads the boolean mask: what the mask shows, unless the bias or the score of the pair is −∞.
    func loadVisibility(
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        precondition(
            destination.count == byteCount(of: .visibility),
            "a tensor must be loaded whole into its own size"
        )
        unsafe destination.initializeMemory(as: UInt8.self, repeating: 1)
        let bytes = unsafe destination.assumingMemoryBound(to: UInt8.self)
        if let stored = tensors[.visibility], let axes = reading.maskAxes {
            let shown = try mask(stored)
            forEachPair(of: mask.visibility, axes) { unsafe bytes[$0] = shown[$1] }
        }
        if reading.biasHides, let stored = tensors[.bias], let axes = reading.biasAxes {
            let added = try bias(stored)
            forEachPair(of: mask.visibility, axes) {
                if added[$1] == -.infinity { unsafe bytes[$0] = 0 }
            }
        }
        if reading.scoresHide, let stored = tensors[.scores] {
            // Scores have an element for every pair, and so has the mask then.
            try stored.forEachFloat { pair, score in
                if score == -.infinity { unsafe bytes[pair] = 0 }
            }
        }
        return NonFiniteCount()
    }

    /// Reads the scores of a softmax.
    ///
    /// Where a score is −∞, it becomes 0, since the boolean mask hides the pair.
    func loadScores(
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        guard let stored = tensors[.scores] else {
            preconditionFailure("only a tensor that exists can be loaded")
        }
        precondition(
            destination.count == byteCount(of: .scores),
            "a tensor must be loaded whole into its own size"
        )
        var count = try unsafe stored.load(into: destination, order: stored.order, clamps: true)
        guard count.infinite > 0 else { return count }
        let scores = unsafe destination.assumingMemoryBound(to: Float.self)
        for pair in scores.indices where unsafe scores[pair] == -.infinity {
            unsafe scores[pair] = 0
            count.infinite -= 1
        }
        return count
    }

    /// Reads the bias.
    ///
    /// Where it is −∞, it becomes 0, since the boolean mask hides the pair. Numbers beyond
    /// `Mask.largestBias` become this number.
    func loadBias(
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        precondition(
            destination.count == byteCount(of: .bias),
            "a tensor must be loaded whole into its own size"
        )
        guard let stored = tensors[.bias], let axes = reading.biasAxes else {
            preconditionFailure("only a tensor that exists can be loaded")
        }
        let floats = unsafe destination.assumingMemoryBound(to: Float.self)
        let added = try bias(stored)
        var count = NonFiniteCount()
        for number in added where number != -.infinity {
            if number.isNaN { count.notANumber += 1 }
            if number == .infinity { count.infinite += 1 }
        }
        forEachPair(of: mask.bias, axes) {
            let number = added[$1]
            let largest = Mask.largestBias
            unsafe floats[$0] =
                number == -.infinity
                ? 0 : number.isFinite ? min(max(number, -largest), largest) : number
        }
        return count
    }

    /// The elements of a mask as they are stored; any byte but 0 becomes 1, so that equal masks are
    /// equal bytes on the wire.
    private func mask(_ stored: StoredTensor) throws(ExperimentError) -> [UInt8] {
        var flags = [UInt8](repeating: 0, count: stored.count)
        try stored.forEachInteger { index, number in flags[index] = number == 0 ? 0 : 1 }
        return flags
    }

    private func bias(_ stored: StoredTensor) throws(ExperimentError) -> [Float] {
        var numbers = [Float](repeating: 0, count: stored.count)
        try stored.forEachFloat { index, number in numbers[index] = number }
        return numbers
    }

    /// Calls `body` with every element of a tensor of pairs, and the stored element that holds for
    /// it: along an axis of size 1, one element holds for all.
    ///
    /// `axes` are the stored sizes along batch, heads, rows and keys.
    private func forEachPair(
        of pairs: Mask.Pairs,
        _ axes: [Int],
        _ body: (_ element: Int, _ stored: Int) -> Void
    ) {
        let (rows, keys) = (shape.queryLength, shape.keyLength)
        for matrix in 0..<pairs.matrixCount(shape) {
            let (batch, head) =
                switch pairs {
                case .none, .shared: (0, 0)
                case .perBatch: (matrix, 0)
                case .perHead: (0, matrix)
                case .perSlice: (matrix / shape.heads, matrix % shape.heads)
                }
            for row in 0..<rows {
                let place = [batch, head, row]
                let line =
                    zip(place, axes).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) } * axes[3]
                let first = (matrix * rows + row) * keys
                for key in 0..<keys { body(first + key, axes[3] == 1 ? line : line + key) }
            }
        }
    }
}

extension StoredTensor {
    /// Whether an element of a bias or a score is −∞.
    func hidesKeys() throws(ExperimentError) -> Bool {
        var hides = false
        try forEachFloat { _, number in
            if number == -.infinity { hides = true }
        }
        return hides
    }
}
