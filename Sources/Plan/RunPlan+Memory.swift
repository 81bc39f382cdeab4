import Attention
import Files
import Work

extension RunPlan {
    /// The memory of the plan in all processes together, or nil when it exceeds any machine.
    ///
    /// The coordinator holds the inputs, the gathered output, and the single process's output to
    /// compare it with. Every worker and every base case has room for all of it, but inputs in shared
    /// memory are there once for all workers of a point. The processes of
    /// all points of a sweep live at the same time, since their trials are interleaved. Trials with
    /// other inputs also hold those inputs and their output, and need room for them at the workers
    /// of one point, unless each trial brings its inputs anyway. Workers that another program starts may
    /// be on other machines, so only what the coordinator holds counts then. `input` is the lengths and
    /// the mask from the input file. Where the plane is still to be chosen, one that fits will be: so the one
    /// that needs the least counts.
    package func memoryEstimateBytes(input: Mask = .none) -> Int? {
        guard let plane = arrangement.plane.name else {
            return PlaneName.toChoose.compactMap { on($0).memoryEstimateBytes(input: input) }.min()
        }
        guard arrangement.mode == .strong || largestBatchExists else { return nil }
        let parts =
            [
                largest.problem.wholeBytes(input), largest.problem.outputBytes, proofBytes,
                mixedBytes,
            ]
            + baseCases.map { forPoint(workers: $0.workers).problem.wholeBytes(input) }
            + arrangement.workers.flatMap {
                [clusterBytes(workers: $0, plane, input), stateBytes(workers: $0)]
            }
        return sum(parts)
    }

    /// What all processes of the plan need together; nil when it exceeds any machine.
    package func neededBytes(input: Mask) -> Int? {
        sum([memoryEstimateBytes(input: input), processesBytes])
    }

    /// Memory of the workers of one point, and what the coordinator shares with them.
    private func clusterBytes(workers: Int, _ plane: PlaneName, _ input: Mask) -> Int? {
        guard arrangement.launch.isLocal else { return 0 }
        let problem = forPoint(workers: workers).problem
        guard let whole = problem.wholeBytes(input) else { return nil }
        if isWithoutWorkerTensors { return whole }
        guard plane.sharesMemory else { return product([whole, workers]) }
        // The inputs are there once.
        let own = sum([problem.outputBytes, problem.scratchBytes])
        return sum([whole, own.flatMap { product([$0, workers - 1]) }])
    }

    /// Memory of the states of spans where the workers of a point cut keys, or of what rows carry from arc
    /// to arc of a ring: once where they share it, else what the coordinator gathers, and what each worker
    /// writes and reads.
    private func stateBytes(workers: Int) -> Int? {
        let problem = forPoint(workers: workers).problem
        // Then the sizes can be multiplied.
        guard problem.outputBytes != nil else { return nil }
        let isRing = arrangement.split == .ring
        let cut = problem.attentionProblem().cut(
            by: isRing ? .keys : arrangement.split,
            workerCount: workers
        )
        guard cut.spanKeys != nil else { return 0 }
        let states = isRing ? cut.mostArcs(workerCount: workers) - 1 : cut.spanCount
        let isShared = outputRoute(canShare: true).sharesMemory
        let copies = isShared || !arrangement.launch.isLocal ? 1 : 1 + 2 * workers
        return product([
            problem.batch, problem.heads, states, problem.shape.queryLength,
            2 + problem.shape.valueDimension, 4, copies,
        ])
    }

    /// Whether workers touch neither inputs nor outputs of their own: those that do not compute make
    /// none, and none are sent.
    private var isWithoutWorkerTensors: Bool {
        arrangement.compute != .kernel && arrangement.plane != .named(.inline)
            && outputRoute(canShare: true).sharesMemory && problem.input == nil
    }

    /// Memory for proving that outputs are computed, and for an output kept for its file.
    private var proofBytes: Int? {
        guard let most = arrangement.workers.max() else { return 0 }
        let problem = largest.problem
        let output = problem.outputBytes
        // Each query row is sent to one worker; values may be sent to all.
        let isHeld = arrangement.plane.name?.holdsInputs == true
        let queries = problem.queryBytes.flatMap { product([$0, isHeld ? 2 : 1]) }
        let values = problem.valueBytes.flatMap {
            problem.hasOtherValues ? product([$0, isHeld ? most + 1 : 1]) : 0
        }
        return sum(
            (sampling.output == nil ? [] : [output])
                + (sampling.audit || arrangement.compute != .kernel
                    ? [] : [output, queries, values])
        )
    }

    /// Memory for the right outputs of the other instruction sets, and for what workers with different
    /// ones make together: of the inputs, and of the other inputs.
    private var mixedBytes: Int? {
        guard let choice = arrangement.instructionSet, choice.isMixed else { return 0 }
        return largest.problem.outputBytes.flatMap { product([$0, 2 * choice.possible.count]) }
    }

    private var largestBatchExists: Bool {
        product([problem.batch, arrangement.workers.max() ?? 1]) != nil
    }

    /// What the processes need beside their tensors: stacks, buffers of messages, the kernels'
    /// scratch memory.
    private var processesBytes: Int {
        let workers = arrangement.launch.isLocal ? arrangement.workers : []
        return workers.reduce((1 + baseCases.count) * Self.processBytes) {
            $0 + Self.bytes(of: processes(workers: $1))
        }
    }

    /// What processes of workers need beside tensors.
    package static func bytes(of processes: WorkerProcesses) -> Int {
        processes.count * processBytes
            + (processes.workers - processes.count) * companionBytes
    }

    /// Measured: 5 to 14 MiB, of which the buffers for messages are the most.
    private static let processBytes = 14 << 20
    /// Of each worker but the first in a process; measured: 3 MiB.
    private static let companionBytes = 3 << 20

    func validateMemory(
        _ availableBytes: Int?,
        input given: Mask
    ) throws(ExperimentError) {
        let (input, workers) = (problem.input, arrangement.workers)
        let isInSteps = problem.operation == .decodeSteps
        let rows =
            isInSteps ? "--steps \(problem.shape.queryLength)" : "--length \(problem.length)"
        // The user cannot change the sizes of a file's tensors by a flag.
        let subject =
            input.map { "--input \($0)" }
            ?? "--batch \(problem.batch) --heads \(problem.heads) \(rows) "
            + "--key-length \(problem.keyLength)"
            + (problem.embedding.map { " --embedding \($0)" } ?? "")
            + (problem.linformer.map { " --linformer \($0)" } ?? "")
        let lengths =
            problem.embedding != nil
            ? "a smaller --embedding or --length"
            : problem.linformer != nil
                ? "a smaller --linformer or --length"
                : isInSteps ? "a smaller --key-length or --steps" : "a smaller --length"
        let smaller = input == nil ? "batch elements, or \(lengths)" : "smaller tensors"
        guard let needed = neededBytes(input: given) else {
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
}

extension RunPlan.Problem {
    /// Whether a change of the queries alone may leave a row's output unchanged.
    fileprivate var hasOtherValues: Bool {
        mask != .none || operation == .kernelRegression || operation == .decodeSteps
            || input != nil || keyLength == 1 || (values != .uniform && values != .large)
    }

    /// Bytes of the queries, or of the scores of a softmax.
    fileprivate var queryBytes: Int? {
        product([
            batch, heads, shape.queryLength,
            operation == .maskedSoftmax ? keyLength : shape.headDimension, 4,
        ])
    }

    /// Bytes of the keys; a softmax of scores has neither keys nor values.
    private var keyBytes: Int? {
        guard operation != .maskedSoftmax else { return 0 }
        return product([batch, keyValueHeads, shape.keyLength, shape.keyDimension, 4])
    }

    fileprivate var valueBytes: Int? {
        guard operation != .maskedSoftmax else { return 0 }
        return product([batch, keyValueHeads, shape.keyLength, shape.valueDimension, 4])
    }

    /// Bytes of the output; nil when they exceed every integer, as below.
    package var outputBytes: Int? {
        product([
            batch, heads, shape.queryLength,
            operation == .maskedSoftmax ? keyLength : shape.valueDimension, 4,
        ])
    }

    /// Bytes of the weights of all pairs, visible or not.
    package var weightBytes: Int? {
        product([batch, heads, shape.queryLength, shape.keyLength, 4])
    }

    /// Bytes of all tensors of the problem, inputs and output.
    fileprivate func wholeBytes(_ input: Mask) -> Int? {
        sum([
            queryBytes, keyBytes, valueBytes, maskBytes(input), outputBytes, scratchBytes,
        ])
    }

    /// Bytes of the parameters of scores, and of the keys that a thread prepares with them.
    fileprivate var scratchBytes: Int? {
        let (function, shape) = (score.function, shape)
        let attention = attentionProblem()
        let parameters = TensorName.parameters.map { tensor in
            attention.parameterShape(of: tensor).flatMap { product($0 + [4]) } ?? 0
        }
        // What a worker writes, and what all workers read.
        let projected = linformer.map {
            product([batch, keyValueHeads, $0, shape.keyDimension + valueDimension, 8])
        }
        let flops = function.preparationFlops(shape)
        let prepared =
            flops.query == 0 && flops.key == 0
            ? 0 : product([keyLength + 512, function.columns(shape), 4])
        // The heads of a layer, as they are written and as they are read.
        let heads = operation.isLayer ? product([batch, heads, length, shape.headDimension, 8]) : 0
        // The sums of training, the same.
        let epochs = attention.operation.pooling?.training?.epochs ?? 0
        let spans = attention.trainingSpans
        let training = product([batch, self.heads, epochs, spans, Training.sumColumns, 8])
        return sum(parameters + [prepared, projected ?? 0, heads, training])
    }

    private func maskBytes(_ input: Mask) -> Int? {
        let hiding = attentionProblem(input: input).mask
        let lengths =
            hiding.lengths == .none
            ? 0 : product([batch, hiding.lengths == .perRow ? length : 1, 4])
        func bytes(_ pairs: Mask.Pairs, of element: Int) -> Int? {
            let matrices: Int? =
                switch pairs {
                case .none: 0
                case .shared: 1
                case .perBatch: batch
                case .perHead: heads
                case .perSlice: product([batch, heads])
                }
            return matrices.flatMap { product([$0, length, keyLength, element]) }
        }
        return sum([lengths, bytes(hiding.visibility, of: 1), bytes(hiding.bias, of: 4)])
    }
}

/// The sum; nil when a part is nil or the sum exceeds every integer.
private func sum(_ parts: [Int?]) -> Int? {
    parts.reduce(0) { total, part in
        guard let total, let part else { return nil }
        let (value, overflow) = total.addingReportingOverflow(part)
        return overflow ? nil : value
    }
}

private func product(_ factors: [Int]) -> Int? {
    factors.reduce(1) { result, factor in
        guard let result else { return nil }
        let (value, overflow) = result.multipliedReportingOverflow(by: factor)
        return overflow ? nil : value
    }
}
