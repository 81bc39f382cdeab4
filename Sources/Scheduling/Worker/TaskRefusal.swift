/// Why a worker does not take a task.
package enum TaskRefusal: Hashable, Sendable, CustomStringConvertible {
    case notPrepared
    case trialWentBackwards(current: Int)
    case missingInput(expectedBytes: UInt64, receivedBytes: UInt64)
    case outsideProblem(sliceCount: Int, queryLength: Int)
    case beyondCredit(Int)

    package var description: String {
        switch self {
        case .notPrepared: "no workload has been prepared"
        case .trialWentBackwards(let current): "trial \(current) has already begun"
        case .missingInput(let expected, let received):
            "\(received) bytes of input came before the task, expected \(expected)"
        case .outsideProblem(let sliceCount, let queryLength):
            "its ranges are empty, or outside \(sliceCount) slices and \(queryLength) rows"
        case .beyondCredit(let credit): "the worker already holds \(credit) tasks, its whole credit"
        }
    }
}
