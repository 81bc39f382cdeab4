import Timing

/// Figures that this machine cannot have.
///
/// Faster than a measured roof, or more bytes than a bare connection carries: something was not
/// computed, or not measured.
package enum ImpossibleFigures {
    /// A roof is a measurement too, on a machine whose clock rate moves.
    static let roofMargin = 1.1
    /// Carrying bytes varies more from run to run than multiplying.
    static let linkMargin = 1.5

    /// `rate` in GFLOP/s of so many threads.
    package static func reasons(rate: Double, threads: Int, roofs: MeasuredRoofs) -> [String] {
        let roof = roofs.fmaGigaflopsPerSecond * Double(threads)
        guard rate > roof * roofMargin else { return [] }
        let processors = threads == 1 ? "1 thread" : "\(threads) threads"
        return [
            "\(Int(rate)) GFLOP/s is more than the \(Int(roof)) GFLOP/s measured as the roof of "
                + processors
        ]
    }

    /// Bytes each way in one trial, by what was done with them.
    package static func reasons(
        bytesPerTrial: [String: Double],
        nanoseconds: Double,
        transport: RunPlan.Transport,
        roofs: MeasuredRoofs
    ) -> [String] {
        guard let roof = roofs.linkGigabytesPerSecond, nanoseconds > 0 else { return [] }
        return bytesPerTrial.sorted { $0.key < $1.key }.compactMap { verb, bytes in
            let rate = bytes / nanoseconds
            guard rate > roof * linkMargin else { return nil }
            return "\(tenths(rate)) GB/s \(verb) is more than the \(tenths(roof)) GB/s that a bare "
                + "\(transport.rawValue) connection carried"
        }
    }

    private static func tenths(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}
