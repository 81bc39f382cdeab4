extension KernelRecord {
    /// Refuses what no measurement can have left; `source` is the file that the sentence names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.key("rows").require(!rows.isEmpty, "is empty", expected: "one row or more")
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
