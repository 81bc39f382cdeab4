import Attention
import Scheduling
import Timing
import Wire
import ZeroMQ

extension Cluster {
    /// Gives every worker the problem and its resident inputs; returns when all live workers are
    /// ready.
    ///
    /// The memory of `inputs` must stay until the cluster is destroyed, even if another problem is
    /// loaded later: messages to a worker that died may still wait in the socket.
    package func load(
        _ workload: ClusterWorkload,
        inputs: borrowing AttentionInputs
    ) throws(ClusterError) {
        var bytes: [TensorName: UnsafeRawBufferPointer] = unsafe [:]
        for tensor in TensorName.allCases where tensor != .output {
            unsafe bytes[tensor] = UnsafeRawBufferPointer(inputs.bytes(of: tensor))
        }
        self.workload = unsafe LoadedWorkload(workload: workload, inputs: bytes)
        let pieces = residentPieces(of: workload)
        let residentBytes = pieces.reduce(0) { $0 + $1.byteRange.count }
        perform(dispatcher.handle(.resumed, now: Self.now))
        for link in links where link.isLive {
            guard let peer = link.peer else { continue }
            let needed = workload.instructionSet.rawValue
            guard link.instructionSets.contains(needed) else {
                let offered = link.instructionSets.joined(separator: ", ")
                lose(link, .failed("offers \(offered), and the problem needs \(needed)"))
                continue
            }
            link.state = .preparing
            link.outbox.removeAll()
            link.resetChunks()
            var message = message(for: workload, residentBytes: residentBytes)
            if workload.outputs == .shared {
                guard let sharedOutput = link.sharedOutput else {
                    preconditionFailure("workers that share outputs were given the memory for it")
                }
                message.sharedOutputOffset = try sharedOutput.makeRoom(
                    byteCount: workload.problem.byteCount(of: .output)
                )
            }
            guard try sendSetUp(message, to: peer) == .sent else {
                lose(link, .disconnected)
                continue
            }
            link.enqueue(pieces, trial: 0)
        }
        chunkTrial = 0
        let limit = preparationLimit(workload.problem)
        let start = Self.now
        while links.contains(where: { $0.state == .preparing }) {
            try step()
            guard Self.now - start > limit else { continue }
            for link in links where link.state == .preparing {
                lose(link, .failed("did not prepare the problem within \(limit)"))
            }
        }
        guard liveWorkerCount > 0 else {
            // A killed worker was lost; a worker that says it cannot go on lacks something.
            let failed = links.first { $0.isUnable(dispatcher.faults) }
            throw ClusterError(
                failed == nil ? .unfinished : .environment,
                "no worker could prepare the problem; worker \((failed ?? links[0]).ordinal): "
                    + lossReason(of: failed ?? links[0])
            )
        }
    }

    /// The longest time that making or receiving the tensors may take.
    private func preparationLimit(_ problem: AttentionProblem) -> Duration {
        let byteCount = TensorName.allCases.reduce(0) { $0 + problem.byteCount(of: $1) }
        // A slow machine that swaps: 20 MB/s, shared by all workers.
        let seconds = Double(byteCount) * Double(configuration.workerCount) / 20e6
        return configuration.joinLimit + .seconds(seconds.rounded(.up))
    }

    private func message(for workload: ClusterWorkload, residentBytes: Int) -> Workload {
        let generated: Workload.Generated? =
            switch (workload.plane, workload.source) {
            case (.resident, .generated(let kind, let seed)): .init(seed: seed, values: kind)
            case (.inline, _), (_, .external): nil
            }
        return Workload(
            problem: workload.problem,
            instructionSet: workload.instructionSet,
            generated: generated,
            residentBytes: residentBytes
        )
    }

    /// The inputs that travel before the clock starts.
    private func residentPieces(of workload: ClusterWorkload) -> [InputPiece] {
        let tensors: [TensorName] =
            switch (workload.plane, workload.source) {
            case (.inline, _): []
            // The mask decides what the generator makes, so it goes first.
            case (.resident, .generated): [.lengths, .visibility]
            case (.resident, .external): [.lengths, .visibility, .query, .key, .value]
            }
        return tensors.compactMap { Delivery.whole($0, of: workload.problem) }
    }
}

extension WorkerLink {
    /// Whether the worker ended because of something it found, and not because of an outside event.
    fileprivate func isUnable(_ faults: [FaultRecord]) -> Bool {
        switch faults.last(where: { $0.ordinal == ordinal })?.reason {
        case .failed, .exited: true
        default: false
        }
    }
}
