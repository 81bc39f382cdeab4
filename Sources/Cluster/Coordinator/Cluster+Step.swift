import Attention
import Processes
import Scheduling
import Timing
import Wire
import ZeroMQ

extension Cluster {
    /// One turn of the loop: send what may be sent, wait, and handle what arrived.
    func step() throws(ClusterError) {
        for link in links where link.isLive { try pump(link) }
        do throws(ZeroMQError) {
            try poller.wait(dispatcher.limits.tickInterval)
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
        try takeArrived()
        let now = Clock.nanoseconds
        if Duration.nanoseconds(Int64(now - lastTickNanoseconds)) >= dispatcher.limits.tickInterval
        {
            lastTickNanoseconds = now
            perform(dispatcher.handle(.tick, now: Self.now))
        }
    }

    /// Handles the results of the last wait: signals, messages, ended workers.
    func takeArrived() throws(ClusterError) {
        if !poller.events(of: interruptionItem).isEmpty { try interruption.check() }
        try receiveAll()
        for link in links where link.isLive && !poller.events(of: link.exitItem).isEmpty {
            let status = link.process.reap()
            lose(link, FaultReason(status))
        }
    }

    /// Takes messages until none is left, or up to a limit, so that the other descriptors have a
    /// turn.
    private func receiveAll() throws(ClusterError) {
        for _ in 0..<64 {
            do throws(ZeroMQError) {
                guard try socket.receive(into: &envelope) else { return }
            } catch {
                throw ClusterError(.environment, "\(error)")
            }
            try handleEnvelope()
            // The clock of a finished trial has stopped, but a new trial must not wait for late
            // workers.
            for link in links where link.isLive { try pump(link) }
        }
    }

    /// Sends the worker as many messages as its window allows.
    func pump(_ link: WorkerLink) throws(ClusterError) {
        guard let peer = link.peer else { return }
        var sent = 0
        sending: for outgoing in link.outbox {
            let header: Header
            var payload: Message?
            switch outgoing {
            case .task(let task):
                header = task.header(run: run)
            case .chunk(let chunk):
                guard link.sentChunks - link.acknowledgedChunks < WorkerLink.chunkWindow else {
                    break sending
                }
                header = chunk.header(run: run)
                payload = unsafe inputBytes(chunk).map { unsafe Message(borrowing: $0) }
            }
            let byteCount = Header.byteCount + (payload?.byteCount ?? 0)
            switch try send(header, payload: &payload, to: peer) {
            case .sent: break
            case .wouldBlock: break sending
            case .unreachable:
                link.outbox.removeAll()
                return lose(link, .disconnected)
            }
            if case .chunk = outgoing { link.sentChunks += 1 }
            link.account.sent(byteCount)
            sent += 1
        }
        link.outbox.removeFirst(sent)
    }

    private func inputBytes(_ chunk: ChunkMessage) -> UnsafeRawBufferPointer? {
        // The remaining chunks of a former trial are sent in full, too, but nobody uses their
        // content.
        let own = unsafe chunk.trial == trial?.number ? trial?.inputs[chunk.tensor] : nil
        guard let bytes = unsafe own ?? workload?.inputs[chunk.tensor] else { return nil }
        return unsafe UnsafeRawBufferPointer(
            rebasing: bytes[chunk.byteOffset..<chunk.byteOffset + chunk.payloadBytes]
        )
    }

    // MARK: Losing a worker

    /// Handles the loss of a worker's process or connection.
    func lose(_ link: WorkerLink, _ reason: FaultReason) {
        guard link.isLive else { return }
        var reason = reason
        // If a process ends, its connection breaks too; how the process ended says more.
        if reason == .disconnected, let ending = link.process.endingIfAny() {
            reason = FaultReason(ending)
        }
        link.ending = reason
        retire(link)
        let event: DispatcherEvent =
            link.hasJoined
            ? .workerLost(link.id, reason)
            : .workerMissed(link.id, ordinal: link.ordinal, reason)
        perform(dispatcher.handle(event, now: Self.now))
    }

    /// Makes sure that the worker is gone, and forgets its connection.
    func retire(_ link: WorkerLink) {
        guard link.isLive else { return }
        link.state = .gone
        link.outbox.removeAll()
        link.account.abandoned(at: Clock.nanoseconds)
        if let peer = link.peer { linkByPeer[peer] = nil }
        poller.remove(link.exitItem)
        link.process.kill()
    }

    // MARK: Sending

    func send(
        _ header: Header,
        payload: inout Message?,
        to peer: RoutingID
    ) throws(ClusterError) -> SendOutcome {
        do throws(ZeroMQError) {
            return try socket.send(to: peer, header: header.bytes.span, payload: &payload)
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
    }

    /// Sends a set-up message: a header and JSON.
    ///
    /// These are few, so a full pipe means a dead peer.
    @discardableResult
    func sendSetUp<Body: SetupMessage>(
        _ body: Body,
        to peer: RoutingID
    ) throws(ClusterError) -> SendOutcome {
        do {
            let json = try body.payload()
            var payload: Message? = try Message(copying: json.span)
            let header = Body.header(run: run, payloadBytes: json.count).bytes
            return try socket.send(to: peer, header: header.span, payload: &payload)
        } catch {
            throw ClusterError(.environment, "\(error)")
        }
    }
}

extension FaultReason {
    init(_ status: ExitStatus) {
        switch status {
        case .exited(let code): self = .exited(status: Int(code))
        case .signalled(let number): self = .signalled(Int(number))
        case .unknown: self = .failed("ended in an unknown way")
        }
    }
}
