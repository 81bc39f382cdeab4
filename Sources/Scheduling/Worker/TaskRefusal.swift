/// Why a worker does not take a task.
package enum TaskRefusal: Hashable, Sendable, CustomStringConvertible {
    case notPrepared
    case trialWentBackwards(current: Int)
    case missingInput(expectedBytes: UInt64, receivedBytes: UInt64)
    case unknownStage(count: Int)
    case outsideProblem(sliceCount: Int, rowCount: Int)
    /// Its rows are not in one of so many parts of the stage.
    case acrossParts(Int)
    case beyondCredit(Int)

    package var description: String {
        switch self {
        case .notPrepared: "no workload has been prepared"
        case .trialWentBackwards(let current): "trial \(current) has already begun"
        case .missingInput(let expected, let received):
            "\(received) bytes of input came before the task, expected \(expected)"
        case .unknownStage(let count): "its stage is not one of the problem's \(count)"
        case .outsideProblem(let sliceCount, let rowCount):
            "its ranges are empty, or outside \(sliceCount) slices and \(rowCount) rows"
        case .acrossParts(let count):
            "its rows are not in one of the stage's \(count) parts: a step, or rows that visit the "
                + "same arcs"
        case .beyondCredit(let credit): "the worker already holds \(credit) tasks, its whole credit"
        }
    }
}
