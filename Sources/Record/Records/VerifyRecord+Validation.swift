import Files
import Work

extension VerifyRecord {
    /// Refuses numbers that no catalogue can produce; `source` is the file that the error names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("host").requireSound(host)
        try strangers?.validate(place.key("strangers"))
        for (name, count) in [
            ("clusterComparisons", counts.clusterComparisons),
            ("processComparisons", counts.processComparisons),
            ("referenceComparisons", counts.referenceComparisons),
            ("redrawnCases", counts.redrawnCases),
        ] {
            // So that a sum of them is a number, too.
            try place.key("counts").requireCount(count, name, in: 0...Int(Int32.max))
        }
        for (index, row) in rows.enumerated() {
            let place = place.item("rows", index)
            try place.requireCount(
                row.clusterComparisons,
                "clusterComparisons",
                in: 0...Int(Int32.max)
            )
            try place.requireNotNegative(row.errorOverBound, "errorOverBound")
            try row.verification.validate(place.key("verification"))
            try row.verification.validateAgreement(place)
        }
        guard let exitCode else { return }
        try place.key("exitCode").require(
            exitCode == ending || EndCode.early.contains(exitCode),
            "is \(exitCode), although the checks come to \(ending)",
            expected: "\(ending)"
        )
    }
}
