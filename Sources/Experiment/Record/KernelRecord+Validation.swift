extension KernelRecord {
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
            among: [0, 12, 40, 130, 143],
            found: verdict?.status == .invalid
                ? (12, "the verdict is INVALID") : (0, "nothing speaks against it")
        )
        try place.key("host").requireSound(host)
        let roof = place.key("roofs")
        try roof.requirePositive(roofs.fmaGigaflopsPerSecond, "fmaGigaflopsPerSecond")
        try roof.requirePositive(roofs.readGigabytesPerSecond, "readGigabytesPerSecond")
        for (index, row) in rows.enumerated() {
            let place = place.item("rows", index)
            try place.requireCount(row.threads, "threads")
            try place.key("shape").requireCountable(row.shape)
            try place.requireSound(
                row.samplesNanoseconds,
                named: "samplesNanoseconds",
                row.summary
            )
            try place.requirePositive(row.gigaflopsPerSecond, "gigaflopsPerSecond")
            try place.requirePositive(row.peakGigaflopsPerSecond, "peakGigaflopsPerSecond")
            try place.requirePositive(row.fractionOfPeak, "fractionOfPeak")
            try place.requireNotNegative(row.maxAbsoluteError, "maxAbsoluteError")
        }
    }
}
