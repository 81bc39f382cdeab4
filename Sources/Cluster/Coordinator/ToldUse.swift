import Platform
import Wire

/// What a worker says that its process uses, where nobody here can look.
struct ToldUse {
    /// Whether the worker understands the question.
    var isPossible = false
    /// Whether an answer is to come.
    private(set) var isAwaited = false
    /// The last answer; nil before it has come.
    private var report: UseReport?
    private var number = 0

    mutating func request() -> UseRequest {
        number += 1
        isAwaited = true
        report = nil
        return UseRequest(number: number)
    }

    /// Takes an answer; false if nobody asked for it.
    mutating func take(_ report: UseReport) -> Bool {
        guard number > 0, (1...number).contains(report.number) else { return false }
        // An earlier one came too late.
        guard isAwaited, report.number == number else { return true }
        isAwaited = false
        self.report = report
        return true
    }

    /// Does not wait any longer.
    mutating func giveUp() { isAwaited = false }

    var processors: ProcessorUse {
        ProcessorUse(
            cpuNanoseconds: report?.cpuNanoseconds,
            computeNanoseconds: report?.computeNanoseconds,
            voluntarySwitches: report?.voluntarySwitches,
            involuntarySwitches: report?.involuntarySwitches
        )
    }

    var residentBytes: Int? { report?.residentBytes.map { Int(clamping: $0) } }
}

extension UseReport {
    /// The use of this process.
    static func ofThisProcess(number: Int) -> UseReport {
        let own = System.processIdentifier
        let use = ProcessorUse(ofProcess: own)
        return UseReport(
            number: number,
            cpuNanoseconds: use.cpuNanoseconds,
            computeNanoseconds: use.computeNanoseconds,
            voluntarySwitches: use.voluntarySwitches,
            involuntarySwitches: use.involuntarySwitches,
            residentBytes: ResidentMemory.byteCount(ofProcess: own).map { UInt64(clamping: $0) }
        )
    }
}
