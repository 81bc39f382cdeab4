import Platform
import Scheduling
import Wire
import Work
import ZeroMQ

/// The probes of one worker's link, from its joining to its first workload.
struct LinkProbing {
    enum Answer {
        /// It is taken; if the next probes could not be sent, this says why.
        case taken(FaultReason?)
        /// No probe asked for it.
        case unasked
    }

    /// Whether the worker answers probes.
    var isPossible = false
    private var measurement: LinkMeasurement?
    private(set) var times: LinkTimes?

    var isUnderWay: Bool { measurement?.isUnderWay(at: Clock.nanoseconds) == true }

    /// Sends the first probes, if the worker answers them; returns why they cannot be sent.
    mutating func begin(
        largestPayload: Int,
        through socket: borrowing CoordinatorSocket,
        to peer: RoutingID
    ) throws(RunError) -> FaultReason? {
        guard isPossible else { return nil }
        let (measurement, first) = LinkMeasurement.begun(
            largestPayload: largestPayload,
            at: Clock.nanoseconds
        )
        self.measurement = measurement
        return try send(first, through: socket, to: peer)
    }

    mutating func take(
        _ echo: Echo,
        through socket: borrowing CoordinatorSocket,
        from peer: RoutingID
    ) throws(RunError) -> Answer {
        let standing = measurement?.take(
            number: echo.number,
            byteCount: echo.payloadBytes,
            at: Clock.nanoseconds
        )
        switch standing {
        case .expected(let next): return .taken(try send(next, through: socket, to: peer))
        case .late: return .taken(nil)
        case .unasked, nil: return .unasked
        }
    }

    /// Takes no further answer; the times of a measurement that is not valid are dropped.
    mutating func end(_ isValid: Bool) {
        if isValid { times = measurement?.times }
        measurement?.end()
    }

    private func send(
        _ probes: [LinkMeasurement.Probe],
        through socket: borrowing CoordinatorSocket,
        to peer: RoutingID
    ) throws(RunError) -> FaultReason? {
        for probe in probes {
            let message = Probe(
                number: probe.number,
                payloadBytes: probe.payloadBytes,
                answerBytes: probe.answerBytes
            )
            var payload = ProbePayload.message(byteCount: probe.payloadBytes)
            let header = message.header(run: socket.run)
            // One that does not fit into the socket has no answer, and the measurement ends without it.
            let outcome = try socket.send(header, payload: &payload, to: peer)
            if outcome == .unreachable { return .disconnected }
        }
        return nil
    }
}
