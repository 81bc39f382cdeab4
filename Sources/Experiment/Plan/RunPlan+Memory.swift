import Attention

extension RunPlan {
    /// What the plan takes in all processes together, or nil when the number is beyond any machine.
    ///
    /// The coordinator holds the inputs, the gathered output, and the single process's output to
    /// compare it with; every worker and every base case has room for all of it. The processes of all
    /// points of a sweep live at the same time, since their trials are interleaved. Trials with other
    /// inputs take those and their output besides, and room for them at the workers of one point,
    /// unless each trial brings its inputs anyway. `input` is the lengths and the mask that the input
    /// file holds.
    package func memoryEstimateBytes(input: Mask = .none) -> Int? {
        guard mode == .strong || largestBatchExists,
            let whole = largest.wholeBytes(input), let output = largest.outputBytes,
            var total = Self.sum(whole, output)
        else { return nil }
        for base in baseCases {
            guard let each = forPoint(workers: base.workers).wholeBytes(input),
                let sum = Self.sum(total, each)
            else { return nil }
            total = sum
        }
        for count in workers {
            guard let each = forPoint(workers: count).wholeBytes(input),
                let all = Self.product([each, count]), let sum = Self.sum(total, all)
            else { return nil }
            total = sum
        }
        return proofBytes.flatMap { Self.sum(total, $0) }
    }

    /// What proving that outputs are computed takes, and an output kept for its file.
    private var proofBytes: Int? {
        guard let most = workers.max() else { return 0 }
        guard let output = largest.outputBytes, let query = largest.queryBytes,
            let value = largest.hasOtherValues ? largest.valueBytes : 0,
            // Each query row is sent to one worker, and values perhaps to all.
            let values = Self.product([value, plane == .inline ? 1 : most + 1]),
            let queries = Self.product([query, plane == .inline ? 1 : 2])
        else { return nil }
        let parts = (self.output == nil ? [] : [output]) + (audit ? [] : [output, queries, values])
        return parts.reduce(0 as Int?) { total, part in total.flatMap { Self.sum($0, part) } }
    }

    /// Whether other queries alone may leave a row's output as it was.
    private var hasOtherValues: Bool {
        let kind = ValueKind(rawValue: values)
        return mask != .none || input != nil || keyLength == 1
            || (kind != .uniform && kind != .large)
    }

    private var queryBytes: Int? { Self.product([batch, heads, length, headDimension, 4]) }

    private var valueBytes: Int? {
        Self.product([batch, keyValueHeads, keyLength, valueDimension, 4])
    }

    private var largestBatchExists: Bool {
        !batch.multipliedReportingOverflow(by: workers.max() ?? 1).overflow
    }

    /// All tensors of the problem, inputs and output.
    private func wholeBytes(_ input: Mask) -> Int? {
        guard let tensors = inputBytes, let hiding = maskBytes(input), let output = outputBytes,
            let inputs = Self.sum(tensors, hiding)
        else { return nil }
        return Self.sum(inputs, output)
    }

    private var inputBytes: Int? {
        let widths = headDimension.addingReportingOverflow(valueDimension)
        guard !widths.overflow,
            let query = Self.product([batch, heads, length, headDimension, 4]),
            let keyAndValue = Self.product([
                batch, keyValueHeads, keyLength, widths.partialValue, 4,
            ])
        else { return nil }
        return Self.sum(query, keyAndValue)
    }

    private func maskBytes(_ input: Mask) -> Int? {
        let hiding = problem(input: input).mask
        let lengths = Self.product([batch, hiding.lengths == .perRow ? length : 1, 4])
        let parts: Int? =
            switch hiding.visibility {
            case .none: 0
            case .shared: 1
            case .perBatch: batch
            case .perSlice: Self.product([batch, heads])
            }
        guard let lengths, let parts, let visibility = Self.product([parts, length, keyLength])
        else { return nil }
        return Self.sum(hiding.lengths == .none ? 0 : lengths, visibility)
    }

    /// Of the output; nil beyond any number, as below.
    package var outputBytes: Int? {
        Self.product([batch, heads, length, valueDimension, 4])
    }

    /// Of the weights of all pairs, visible or not.
    package var weightBytes: Int? {
        Self.product([batch, heads, length, keyLength, 4])
    }

    func validateMemory(
        _ availableBytes: Int?,
        input given: Mask
    ) throws(ExperimentError) {
        let sizes = "--batch \(batch) --heads \(heads) --length \(length) --key-length \(keyLength)"
        // The sizes of a file's tensors are not the user's to change by a flag.
        let subject = input.map { "--input \($0)" } ?? sizes
        let smaller = input == nil ? "batch elements, or a smaller --length" : "smaller tensors"
        guard let needed = memoryEstimateBytes(input: given) else {
            throw ExperimentError(
                .environment,
                subject,
                "needs more than 8 EiB of memory",
                expected: "tensors that a machine can hold",
                remedy: "use \(input == nil ? "fewer heads or " : "")\(smaller)"
            )
        }
        guard let availableBytes, needed > availableBytes else { return }
        throw ExperimentError(
            .environment,
            subject,
            "needs \(amount(needed, .up)) of memory"
                + (workers.isEmpty ? "" : " with \(counted(workers.reduce(0, +), "worker"))"),
            expected: "at most the \(amount(availableBytes, .down)) that are available",
            remedy: "use fewer \(workers.isEmpty ? "heads" : "--workers") or \(smaller)"
        )
    }

    private static func sum(_ first: Int, _ second: Int) -> Int? {
        let (value, overflow) = first.addingReportingOverflow(second)
        return overflow ? nil : value
    }

    private static func product(_ factors: [Int]) -> Int? {
        var result = 1
        for factor in factors {
            let (value, overflow) = result.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            result = value
        }
        return result
    }
}
