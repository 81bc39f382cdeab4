extension KernelRecord {
    /// Refuses what no measurement can have left; `source` is the file that the sentence names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.key("rows").require(!rows.isEmpty, "is empty", expected: "one row or more")
        let roof = place.key("roofs")
        try roof.requirePositive(roofs.fmaGigaflopsPerSecond, "fmaGigaflopsPerSecond")
        try roof.requirePositive(roofs.readGigabytesPerSecond, "readGigabytesPerSecond")
        for (index, row) in rows.enumerated() {
            let place = place.item("rows", index)
            try place.requireCount(row.threads, "threads")
            let shape = place.key("shape")
            let largest = 1 << 32
            try shape.requireCount(row.shape.batch, "batch", in: 1...largest)
            try shape.requireCount(row.shape.heads, "heads", in: 1...largest)
            try shape.requireCount(
                row.shape.keyValueHeads,
                "keyValueHeads",
                in: 1...row.shape.heads
            )
            try shape.requireCount(row.shape.queryLength, "queryLength", in: 1...largest)
            try shape.requireCount(row.shape.keyLength, "keyLength", in: 1...largest)
            try shape.requireCount(row.shape.headDimension, "headDimension", in: 1...512)
            try shape.requireCount(row.shape.valueDimension, "valueDimension", in: 1...512)
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
