import Testing

@testable import Host
@testable import Plan
@testable import Record
@testable import Statistics
@testable import Tables

/// Texts of a record, path or host that a terminal would obey.
struct VisibleTextTests {
    @Test(arguments: [
        ("plain µs, é and 注意 👩‍💻", "plain µs, é and 注意 👩‍💻"),
        ("\u{1B}[2J", "\\u{1b}[2J"), ("a\u{7}b", "a\\u{7}b"), ("a\r\nb", "a\\u{d}\\u{a}b"),
        ("\u{7F}", "\\u{7f}"), ("\u{9B}31m", "\\u{9b}31m"), ("a\u{202E}b", "a\\u{202e}b"),
        ("a\u{2028}b", "a\\u{2028}b"), ("a\u{2066}b", "a\\u{2066}b"), ("", ""),
        ("~\u{A0}", "~\u{A0}"), ("\0", "\\u{0}"),
    ])
    func `control characters are shown, not sent`(text: String, shown: String) {
        #expect(visible(text) == shown)
    }

    @Test func `line ends and tabs are kept on request`() {
        #expect(visible("a\n\tb\u{1B}", keepingLines: true) == "a\n\tb\\u{1b}")
    }

    private static let evil = "x\u{1B}[31m\u{9B}1m\u{202E}y\nz\rw"

    private static var record: RunRecord {
        let fault = Fault(worker: 1, shard: 17, reason: evil, trial: 4)
        var point = Samples.point(workers: 2, milliseconds: 42.1, faults: [fault])
        point.verification.reasons = [evil]
        point.verdict = Verdict(reasons: [evil], sentence: evil)
        var record = Samples.record([Samples.point(workers: 1, milliseconds: 79.8), point])
        record.plan.input = evil
        record.started = evil
        record.host.fingerprint = evil
        record.host.instructionSets = [evil]
        record.warnings = [MeasurementWarning(.drift, subject: evil, sentence: evil, remedy: evil)]
        record.analysis = ScalingAnalysis(
            points: [],
            models: [ScalingModelFit(model: .amdahl, refusal: evil)],
            recommendation: WorkerRecommendation(workers: 1, reason: evil)
        )
        record.verdict = Verdict(reasons: [evil], sentence: evil)
        return record
    }

    private static var comparison: CompareRecord {
        var side = ComparedSide(
            path: evil,
            plan: RunPlan(),
            hostFingerprint: evil,
            instructionSet: evil
        )
        side.program = evil
        side.commit = evil
        var point = ComparedPoint(
            workers: 1,
            threads: [1, 1],
            firstNanoseconds: [[5, 6]],
            secondNanoseconds: [[5, 6]]
        )
        point.comparePairs(CompareRule(confidence: 0.99), points: 1, secondsPerPair: 1)
        point.reason = evil
        var record = CompareRecord(
            form: .records,
            host: Samples.host,
            started: evil,
            commandLine: [evil],
            first: side,
            second: side,
            rule: CompareRule(confidence: 0.99),
            points: [point],
            notes: [evil]
        )
        record.warnings = [
            MeasurementWarning(.busyMachine, subject: evil, sentence: evil, remedy: evil)
        ]
        record.verdict = Verdict(reasons: [evil], sentence: evil)
        return record
    }

    private static func catalogue(_ feature: String = evil) -> VerifyRecord {
        let row = VerifyRow(
            name: evil,
            feature: feature,
            specification: evil,
            instructionSet: .avx2,
            clusterComparisons: 1,
            verification: VerificationSummary(
                status: .disagrees,
                bitwiseEqual: false,
                reasons: [evil]
            )
        )
        var record = VerifyRecord(
            host: Samples.host,
            started: evil,
            commandLine: [evil],
            seed: 1,
            randomCases: 0,
            instructionSets: [.avx2],
            workers: [1]
        )
        record.rows = [row]
        record.notes = [evil]
        record.failures = [
            VerifyFailure(
                name: evil,
                specification: evil,
                shrunkSpecification: nil,
                command: evil,
                reasons: [evil]
            )
        ]
        return record
    }

    private static var host: HostDescription {
        var host = Samples.host
        host.hostName = evil
        host.processorModel = evil
        host.governor = evil
        return host
    }

    private static var outputs: [(name: String, text: String)] {
        var kernel = Samples.kernel([Samples.kernelRow(128, mask: .none, fraction: 0.8)])
        kernel.roofs.instructionSet = evil
        kernel.verdict = Verdict(reasons: [evil], sentence: evil)
        kernel.host.fingerprint = evil
        return [
            ("scale", record.table()),
            ("run", Samples.record([record.points[1]]).table()),
            ("markdown", record.markdown), ("csv", record.samples.csv),
            ("kernel", kernel.table()),
            ("kernel markdown", kernel.markdown),
            ("kernel csv", kernel.samples.csv),
            ("compare", comparison.table()),
            ("compare markdown", comparison.markdown),
            ("verify", catalogue().table()),
            ("verify each", catalogue(VerifyRow.givenCase).table()),
            ("verify markdown", catalogue().markdown), ("verify csv", catalogue().samples.csv),
            ("host", HostTable.rendered(host)),
        ]
    }

    @Test func `no output sends the control characters of a record`() {
        for (name, text) in Self.outputs {
            // Lines of CSV end in both.
            let plain = name.hasSuffix("csv") ? text.replacing("\r\n", with: "\n") : text
            let obeyed = plain.unicodeScalars.filter { scalar in
                (scalar.properties.generalCategory == .control && scalar != "\n")
                    || scalar.properties.isBidiControl
            }
            #expect(obeyed.isEmpty, "\(name)")
            #expect(text.contains("u{1b}") || text.contains("u\\{1b\\}"), "\(name): \(text)")
        }
    }
}
