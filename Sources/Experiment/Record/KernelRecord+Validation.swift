extension KernelRecord {
    /// The exit code that the rows and the verdict come to, and why.
    private var found: (code: Int32, why: String) {
        if let index = rows.firstIndex(where: { $0.status == "DISAGREES" }) {
            return (10, "rows[\(index)].status is DISAGREES")
        }
        return verdict?.status == .invalid
            ? (12, "the verdict is INVALID") : (0, "nothing speaks against it")
    }

    /// Refuses what no measurement can have left; `source` is the file that the sentence names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("rows").require(
            !rows.isEmpty || exitCode != 0,
            "is empty, although the benchmark says that it was finished",
            expected: "one row or more"
        )
        try place.requireStanding(
            verdict,
            exitCode: exitCode,
            among: [0, 10, 12, 40, 129, 130, 143],
            found: found
        )
        try place.key("host").requireSound(host)
        let roof = place.key("roofs")
        try roof.requirePositive(roofs.fmaGigaflopsPerSecond, "fmaGigaflopsPerSecond")
        try roof.requirePositive(roofs.readGigabytesPerSecond, "readGigabytesPerSecond")
        for (index, row) in rows.enumerated() {
            let place = place.item("rows", index)
            try place.requireCount(row.threads, "threads")
            if let status = row.status { try place.requireStatus(status, "status") }
            try place.key("shape").requireCountable(row.shape)
            try place.requireSound(
                row.samplesNanoseconds,
                named: "samplesNanoseconds",
                row.summary
            )
            try place.requirePaired(row.replicates, sampleCount: row.samplesNanoseconds.count)
            try place.requirePositive(row.gigaflopsPerSecond, "gigaflopsPerSecond")
            try place.requirePositive(row.peakGigaflopsPerSecond, "peakGigaflopsPerSecond")
            try place.requirePositive(row.fractionOfPeak, "fractionOfPeak")
            try place.key("roof").requirePositive(row.roof?.fraction, "fraction")
            try place.key("roof").requirePositive(row.roof?.fractionAtBest, "fractionAtBest")
            try place.requireNotNegative(row.maxAbsoluteError, "maxAbsoluteError")
        }
    }
}
