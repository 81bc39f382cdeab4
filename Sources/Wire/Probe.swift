/// Coordinator to worker, before any trial: to be answered at once, to see how long it takes.
///
/// The payload, if there is one, is only there to be moved.
package struct Probe: HotMessage {
    package static let kind = MessageKind.probe

    /// Tells the probes to one worker apart.
    package var number: Int
    package var payloadBytes: Int
    /// The payload that the answer is to have, at most 1 MiB.
    package var answerBytes: Int

    package init(number: Int, payloadBytes: Int, answerBytes: Int) {
        self.number = number
        self.payloadBytes = payloadBytes
        self.answerBytes = answerBytes
    }

    package init(header: Header) throws(WireError) {
        try header.checkIsProbing()
        number = try header.number("number", header.a)
        guard header.b <= UInt64(WireProtocol.maximumChunkBytes) else {
            throw header.field("answerBytes", header.b)
        }
        answerBytes = Int(header.b)
        payloadBytes = Int(header.payloadBytes)
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.payloadBytes = UInt64(payloadBytes)
        header.a = UInt64(number)
        header.b = UInt64(answerBytes)
        return header
    }
}

/// Worker to coordinator: the answer to a PROBE.
package struct Echo: HotMessage {
    package static let kind = MessageKind.echo

    /// That of the probe.
    package var number: Int
    package var payloadBytes: Int

    package init(number: Int, payloadBytes: Int) {
        self.number = number
        self.payloadBytes = payloadBytes
    }

    package init(header: Header) throws(WireError) {
        try header.checkIsProbing()
        number = try header.number("number", header.a)
        try header.checkEmpty("b", header.b)
        payloadBytes = Int(header.payloadBytes)
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.payloadBytes = UInt64(payloadBytes)
        header.a = UInt64(number)
        return header
    }
}

extension Header {
    /// Checks the fields that neither a PROBE nor an ECHO uses.
    fileprivate func checkIsProbing() throws(WireError) {
        try checkEmpty("trial", trial)
        try checkEmpty("shard", shard)
        try checkEmpty("attempt", attempt)
        try checkEmpty("c", c)
    }
}
