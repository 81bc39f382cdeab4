import Platform

/// The check of kernel regression's training: every step of w, and sums of some spans against float64.
///
/// A step can amplify a rounding error of the step before many times, so that two right programs end at
/// widths that differ. Each epoch is therefore judged by itself, from the width that it began with.
@unsafe
struct TrainingVerifier {
    /// More spans are sampled.
    private static let wholePairs = 1e8
    private static let sampleCount = 64
    /// The stream of `Philox` words for the sample.
    private static let stream: UInt32 = 57

    private let problem: AttentionProblem
    private let inputs: InputView
    private let training: Training
    private let sums: TrainingSums
    private let seed: UInt64
    private let mode: VerificationMode

    /// Nil where nothing is trained.
    init?(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        seed: UInt64,
        mode: VerificationMode
    ) {
        guard let training = problem.operation.pooling?.training,
            let sums = unsafe TrainingSums(problem, inputs)
        else { return nil }
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe self.training = training
        unsafe self.sums = sums
        unsafe self.seed = seed
        unsafe self.mode = mode
    }

    func verify(cancellation: Cancellation?) -> (faults: [String], doubts: [String]) {
        guard unsafe mode != .none else { return ([], []) }
        var (found, plain) = (SumErrors(), SumErrors())
        for (epoch, slice, span) in unsafe checkedSpans() {
            guard cancellation?.isCancelled != true else { break }
            let width = unsafe sums.number(0, epoch: epoch, slice: slice, span: span)
            let exact = unsafe sum(Double.self, slice: slice, span: span, width: width)
            let eager = unsafe sum(Float.self, slice: slice, span: span, width: width)
            let loss = unsafe sums.number(1, epoch: epoch, slice: slice, span: span)
            let gradient = unsafe sums.number(2, epoch: epoch, slice: slice, span: span)
            found.add(loss: Double(loss), gradient: Double(gradient), exact)
            plain.add(loss: Double(eager.loss), gradient: Double(eager.gradient), exact)
        }
        let steps = unsafe wrongStep().map { [$0] } ?? []
        return (steps + found.faults(beside: plain), found.doubts(beside: plain))
    }

    /// The first width that does not follow from the epoch before; nil if all do.
    private func wrongStep() -> String? {
        for slice in 0..<(unsafe problem.shape.sliceCount) {
            var expected = 1.0
            for epoch in 0..<(unsafe training.epochs) {
                var gradient = 0.0
                for span in 0..<(unsafe problem.trainingSpans) {
                    let width = Double(
                        unsafe sums.number(0, epoch: epoch, slice: slice, span: span)
                    )
                    // A NaN is right where the gradients have one.
                    let isRight =
                        Float(expected).isFinite
                        ? (width - expected).magnitude <= 1e-6 * max(1, expected.magnitude)
                        : !width.isFinite
                    guard isRight else {
                        return """
                            the width of slice \(slice) in epoch \(epoch + 1) is \(width), but \
                            the epoch before leads to \(expected)
                            """
                    }
                    gradient += Double(
                        unsafe sums.number(2, epoch: epoch, slice: slice, span: span)
                    )
                }
                let width = Double(unsafe sums.number(0, epoch: epoch, slice: slice, span: 0))
                expected = width - Double(unsafe training.rate) * gradient
            }
        }
        return nil
    }

    private func checkedSpans() -> [(epoch: Int, slice: Int, span: Int)] {
        let (slices, spans) = unsafe (problem.shape.sliceCount, problem.trainingSpans)
        let total = unsafe training.epochs * slices * spans
        let keys = unsafe problem.shape.keyLength
        let pairs = Double(total) * Double(Training.spanRows * keys)
        var flat = Array(0..<total)
        if unsafe mode == .sampled, pairs > (unsafe Self.wholePairs),
            total > (unsafe Self.sampleCount)
        {
            let philox = unsafe Philox(seed: seed)
            var drawn: Set<Int> = [0, total - 1]
            var index = 0
            while drawn.count < (unsafe Self.sampleCount) {
                let word = unsafe philox.word(stream: Self.stream, index: index)
                drawn.insert(Philox.below(total, word))
                index += 1
            }
            flat = drawn.sorted()
        }
        return flat.map { ($0 / spans / slices, $0 / spans % slices, $0 % spans) }
    }

    /// The sums of a span by their definition.
    private func sum<Number: ReferenceNumber>(
        _: Number.Type,
        slice: Int,
        span: Int,
        width: Float
    ) -> ReferenceSum<Number> {
        let count = unsafe problem.shape.keyLength
        let data = unsafe RegressionReference<Number>(
            inputs: inputs.key + slice * count,
            targets: inputs.value + slice * count,
            count: count
        )
        let first = span * Training.spanRows
        var sum = ReferenceSum<Number>()
        for row in first..<min(first + Training.spanRows, count) {
            unsafe sum.add(data.error(ofRow: row, width: Number(width)))
        }
        return sum
    }
}

/// Kernel regression by its definition, leave-one-out; in f64 the truth, in f32 a plain program.
@unsafe
struct RegressionReference<Number: ReferenceNumber> {
    private let inputs: UnsafePointer<Float>
    private let targets: UnsafePointer<Float>
    private let count: Int

    init(inputs: UnsafePointer<Float>, targets: UnsafePointer<Float>, count: Int) {
        unsafe self.inputs = inputs
        unsafe self.targets = targets
        unsafe self.count = count
    }

    /// The squared error of a row that all others predict, its derivative by the width, and how large
    /// their terms are.
    ///
    /// Squares are taken less the smallest, and targets less the row's own, which changes neither: terms
    /// that cancel would leave even f64 few digits where neighbours are far or targets large.
    func error(ofRow row: Int, width: Number) -> ReferenceSum<Number> {
        let x = Number(unsafe inputs[row])
        let y = Number(unsafe targets[row])
        let others = unsafe (0..<count).filter { $0 != row }.map { key in
            let distance = x - Number(unsafe inputs[key])
            return (square: distance * distance, target: Number(unsafe targets[key]) - y)
        }
        let nearest = others.reduce(Number.infinity) { min($0, $1.square) }
        let powers = others.map { Number.exp(-(($0.square - nearest) * width * width) / 2) }
        let total = powers.reduce(0, +)
        var (error, spread, mean, farthest): (Number, Number, Number, Number) = (0, 0, 0, 0)
        for (other, power) in zip(others, powers) {
            error += power / total * other.target
            spread += power / total * other.target.magnitude
            mean += power / total * (other.square - nearest)
            farthest = max(farthest, other.square)
        }
        // The derivative of a weight is the weight times what its score's exceeds their mean by.
        var (slope, size): (Number, Number) = (0, 0)
        for (other, power) in zip(others, powers) {
            let excess = other.square - nearest
            slope -= power / total * width * (excess - mean) * other.target
            size += power / total * width.magnitude * (excess + mean) * other.target.magnitude
        }
        var found = ReferenceSum<Number>()
        found.loss = error * error
        found.gradient = 2 * error * slope
        // Rounding of the squares is rounding of the scores.
        let conditioning = 1 + width * width * nearest / 8
        found.lossSize = spread * spread * conditioning
        found.gradientSize = 2 * spread * size * conditioning
        // Weights below the smallest normal number may be zeros.
        found.gradientFloor = 2 * spread * spread * width.magnitude * farthest * 0x1p-60
        return found
    }
}

/// Sums over rows, and the sums of the sizes of their terms.
struct ReferenceSum<Number: ReferenceNumber> {
    var loss: Number = 0
    var gradient: Number = 0
    var lossSize: Number = 0
    var gradientSize: Number = 0
    /// Differences of gradients up to this one are none.
    var gradientFloor: Number = 0

    mutating func add(_ row: ReferenceSum) {
        loss += row.loss
        gradient += row.gradient
        lossSize += row.lossSize
        gradientSize += row.gradientSize
        gradientFloor += row.gradientFloor
    }
}

/// Errors of sums, each as a part of the size of its terms.
private struct SumErrors {
    private var largest = (loss: 0.0, gradient: 0.0)
    /// The largest sums, as parts of their terms' sizes.
    private var shares = (loss: 0.0, gradient: 0.0)
    private var hasSlopes = false
    private var nonFinite = 0

    mutating func add(loss: Double, gradient: Double, _ exact: ReferenceSum<Double>) {
        guard loss.isFinite, gradient.isFinite, exact.loss.isFinite, exact.gradient.isFinite else {
            nonFinite += 1
            return
        }
        func share(_ number: Double, _ size: Double) -> Double {
            number == 0 ? 0 : size == 0 ? .infinity : number.magnitude / size
        }
        largest.loss = max(largest.loss, share(loss - exact.loss, exact.lossSize))
        let difference = gradient - exact.gradient
        if difference.magnitude > exact.gradientFloor {
            largest.gradient = max(largest.gradient, share(difference, exact.gradientSize))
        }
        if exact.gradientSize > exact.gradientFloor { hasSlopes = true }
        shares.loss = max(shares.loss, share(exact.loss, exact.lossSize))
        shares.gradient = max(shares.gradient, share(exact.gradient, exact.gradientSize))
    }

    /// Twice the error of the plain program, which may be lucky where there are few sums.
    private func bounds(_ plain: SumErrors) -> (loss: Double, gradient: Double) {
        (2 * plain.largest.loss + 0x1p-20, 2 * plain.largest.gradient + 0x1p-20)
    }

    func faults(beside plain: SumErrors) -> [String] {
        let bounds = bounds(plain)
        return [
            ("squared errors", largest.loss, bounds.loss),
            ("gradients", largest.gradient, bounds.gradient),
        ].filter { $0.1 > $0.2 }.map {
            """
            the sums of \($0.0) in training differ by \(threeDigits($0.1)) of their terms from \
            float64, more than the bound of \(threeDigits($0.2))
            """
        }
    }

    func doubts(beside plain: SumErrors) -> [String] {
        if nonFinite > 0 { return ["sums of training are NaN or infinite"] }
        let bounds = bounds(plain)
        // A row that others at one distance predict has the same prediction under any width.
        let isSteady = !hasSlopes || shares.gradient > 10 * bounds.gradient
        return shares.loss > 10 * bounds.loss && isSteady
            ? []
            : [
                """
                the sums of training are too small to tell from zeros: no row of data weighs on its \
                neighbours at the widths of training; scale the inputs down
                """
            ]
    }
}
