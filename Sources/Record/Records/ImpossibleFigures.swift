import Work

/// Figures that this machine cannot reach.
///
/// They are faster than a measured roof, or they carry more bytes than a bare connection or a
/// copying thread can: so something was not computed, or not measured.
package enum ImpossibleFigures {
    /// A roof is also a measurement, on a machine whose clock rate varies.
    static let roofMargin = 1.1
    /// Carrying bytes varies more from run to run than multiplying.
    static let linkMargin = 1.5

    /// Checks `rate`, in GFLOP/s, of `threads` threads.
    package static func reasons(rate: Double, threads: Int, roofs: MeasuredRoofs) -> [String] {
        let roof = roofs.fmaGigaflopsPerSecond * Double(threads)
        guard rate > roof * roofMargin else { return [] }
        let processors = threads == 1 ? "1 thread" : "\(threads) threads"
        return [
            "\(Int(rate)) GFLOP/s is more than \(Int(roof)) GFLOP/s, the measured roof of "
                + processors
        ]
    }

    /// Bytes each way in one trial.
    package static func reasons(
        bytesSent: Double,
        bytesReceived: Double,
        nanoseconds: Double,
        transport: Transport,
        inputs: PlaneName,
        outputs: OutputRoute,
        roofs: MeasuredRoofs
    ) -> [String] {
        let ways = [("received", bytesReceived, outputs.roof), ("sent", bytesSent, inputs.roof)]
        return ways.compactMap { verb, bytes, kind in
            let (roof, means): (Double?, String)
            switch kind {
            case nil: return nil
            case .copying: (roof, means) = (roofs.copyGigabytesPerSecond, "one thread copied")
            case .link:
                roof = roofs.linkGigabytesPerSecond
                means = "a bare \(transport.rawValue) connection carried"
            }
            guard let roof, nanoseconds > 0 else { return nil }
            let rate = bytes / nanoseconds
            guard rate > roof * linkMargin else { return nil }
            return
                "\(tenths(rate)) GB/s \(verb) is more than the \(tenths(roof)) GB/s that \(means)"
        }
    }

    private static func tenths(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}
