import Platform

extension ChildProcess {
    /// Starts a program that reads requests from one pipe and writes answers to another; returns
    /// the other ends, which the caller closes.
    static func start(
        _ executable: String,
        _ arguments: [String],
        leadsGroup: Bool = false
    ) throws(RunError) -> (process: ChildProcess, requests: Int32, answers: Int32) {
        let (requestEnd, requests) = try System.pipe()
        defer { System.close(requestEnd) }
        var opened = [requests]
        do throws(RunError) {
            let (answers, answerEnd) = try System.pipe()
            defer { System.close(answerEnd) }
            opened.append(answers)
            let process = try ChildProcess(
                executable: executable,
                arguments: arguments,
                token: "",
                standardInput: requestEnd,
                standardOutput: answerEnd,
                leadsGroup: leadsGroup
            )
            return (process, requests, answers)
        } catch {
            for descriptor in opened { System.close(descriptor) }
            throw error
        }
    }
}
