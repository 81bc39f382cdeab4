import Attention
import Files
import Work

extension KernelRecord {
    /// The exit code that the rows and the verdict come to, and why.
    package var ending: (code: Int32, why: String) {
        let (wrong, invalid) = (VerificationStatus.disagrees, Verdict.Status.invalid)
        if let index = rows.firstIndex(where: { $0.status == wrong }) {
            return (wrong.endCode, "rows[\(index)].status is \(wrong)")
        }
        return verdict?.status == invalid
            ? (invalid.endCode, "the verdict is \(invalid)")
            : (EndCode.done, "no row \(wrong) and the verdict is not \(invalid)")
    }

    /// Refuses what no measurement can have left; `source` is the file that the sentence names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("rows").require(
            !rows.isEmpty || exitCode != 0,
            "is empty, although the benchmark finished",
            expected: "one row or more"
        )
        try place.requireStanding(
            verdict,
            exitCode: exitCode,
            among: [EndCode.done, EndCode.disagrees, EndCode.invalid]
                + EndCode.early.filter { $0 != EndCode.unfinished },
            found: ending
        )
        try place.key("host").requireSound(host)
        let roof = place.key("roofs")
        try roof.requirePositive(roofs.fmaGigaflopsPerSecond, "fmaGigaflopsPerSecond")
        try roof.requirePositive(roofs.readGigabytesPerSecond, "readGigabytesPerSecond")
        for (index, row) in rows.enumerated() {
            let place = place.item("rows", index)
            try place.requireCount(row.threads, "threads")
            try row.requireOneProblem(place)
            try place.requireSound(
                row.samplesNanoseconds,
                named: "samplesNanoseconds",
                row.summary
            )
            try place.requirePaired(row.replicates, sampleCount: row.samplesNanoseconds.count)
            try place.requirePositive(row.gigaflopsPerSecond, "gigaflopsPerSecond")
            try place.requirePositive(row.peakGigaflopsPerSecond, "peakGigaflopsPerSecond")
            try place.requirePositive(row.fractionOfPeak, "fractionOfPeak")
            if let rate = row.gigaflopsPerSecond, let peak = row.peakGigaflopsPerSecond {
                try place.requireRatio(row.fractionOfPeak, "fractionOfPeak", rate / peak)
            }
            if let replicates = row.replicates {
                try place.key("replicates").require(
                    replicates.first == 0
                        && zip(replicates, replicates.dropFirst()).allSatisfy {
                            $0 <= $1 && $1 - $0 <= 1
                        },
                    "does not number the visits in order",
                    expected: "0 first, then the same number or the next one"
                )
            }
            if let roof = row.roof { try roof.validate(place.key("roof")) }
            try place.requireNotNegative(row.maxAbsoluteError, "maxAbsoluteError")
        }
    }
}

extension KernelRow {
    fileprivate func requireOneProblem(_ place: RecordPlace) throws(ExperimentError) {
        try place.require(
            (shape == nil) == (mask == nil) && (shape == nil) != (product == nil),
            "has neither attention's shape and mask nor a product's sizes, or both",
            expected: "shape and mask, or product"
        )
        if let shape { try place.key("shape").requireCountable(shape) }
        try place.key("layer").require(
            layer == nil || shape != nil,
            "is a layer without a shape",
            expected: "the shape of its heads"
        )
        if let product { try place.key("product").requireCountable(product) }
    }
}

extension KernelRoof {
    /// A busy machine may put a row above its roof, but not by so much.
    private static let largestFraction = 100.0

    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        for (name, value) in [("fraction", fraction), ("fractionAtBest", fractionAtBest)] {
            guard let value else { continue }
            try place.key(name).require(
                value > 0 && value <= Self.largestFraction,
                "is \(value)",
                expected: "a fraction of the roof"
            )
        }
        try place.requireCount(tensorBytes, "tensorBytes", in: 1...Int.max)
        try place.requirePositive(readGigabytesPerSecond, "readGigabytesPerSecond")
        try place.key("readGigabytesPerSecond").require(
            boundBy != .read || readGigabytesPerSecond != nil,
            "is missing, although reading is the roof",
            expected: "the measured speed of reading memory"
        )
    }
}
