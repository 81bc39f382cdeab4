/// What keys and encryption add to what travels over tcp.
package struct CurveCost: Equatable, Sendable {
    /// To a message without a payload, one way; may be below 0 where noise is larger.
    package var nanosecondsPerMessage: Double?
    /// To a MiB of payload, one way.
    package var nanosecondsPerMebibyte: Double?
    /// The payload of a task with which the latter was measured.
    package var payloadBytes: Int?
}

extension WireRecord {
    /// The cost, where both links were measured: of the smallest cluster, and of the largest payload that
    /// travels inside the trial.
    package var curveCost: CurveCost? {
        func trip(_ link: WireLink) -> Double? {
            roundTrips.first { $0.transport == link }?.times.summary.medianNanoseconds
        }
        var cost = CurveCost()
        if let plain = trip(.tcp), let encrypted = trip(.curve) {
            cost.nanosecondsPerMessage = (encrypted - plain) / 2
        }
        let sent = transfers.filter { $0.plane == .inline && $0.payloadBytes > 0 }
        let pairs = sent.filter { $0.transport == .curve }.compactMap { encrypted in
            sent.first {
                $0.transport == .tcp && $0.workers == encrypted.workers
                    && $0.payloadBytes == encrypted.payloadBytes && $0.tasks == encrypted.tasks
            }.map { (plain: $0, encrypted: encrypted) }
        }
        let least = pairs.map(\.encrypted.workers).min()
        let shown = pairs.filter { $0.encrypted.workers == least }
            .max { $0.encrypted.payloadBytes < $1.encrypted.payloadBytes }
        if let shown {
            let more =
                shown.encrypted.times.summary.medianNanoseconds
                - shown.plain.times.summary.medianNanoseconds
            let bytes = 2 * Double(shown.encrypted.payloadBytes) * Double(shown.encrypted.tasks)
            cost.nanosecondsPerMebibyte = more / bytes * Double(1 << 20)
            cost.payloadBytes = shown.encrypted.payloadBytes
        }
        return cost == CurveCost() ? nil : cost
    }
}
