import Files
import Platform

/// headwise-live, which a build puts beside this program.
///
/// It is asked for its description and its completions, because linking it here would link its
/// server into workers.
struct LiveProgram {
    static let name = "headwise-live"
    private let path: String

    /// Nil when it is not there.
    init?() {
        let folder = programPath()?.split(separator: "/").dropLast().joined(separator: "/")
        guard let folder, let path = PipedProcess.find(Self.name, path: "/\(folder)") else {
            return nil
        }
        self.path = path
    }

    /// The parser's description of it, in JSON.
    func help() throws(ExperimentError) -> String { try printed(["--experimental-dump-help"]) }

    func completionScript(_ shell: Shell) throws(ExperimentError) -> String {
        try printed(["--generate-completion-script", shell.rawValue])
    }

    private func printed(_ arguments: [String]) throws(ExperimentError) -> String {
        let outcome: PipedProcess.Outcome
        do throws(SystemError) {
            outcome = try PipedProcess.run(path, arguments, input: [], milliseconds: 20_000)
        } catch {
            throw refusal("cannot be started (\(error.reason))")
        }
        guard outcome.ending == .ended(.exited(code: 0)) else {
            throw refusal("does not answer '\(arguments[0])'")
        }
        return String(decoding: outcome.output, as: UTF8.self)
    }

    private func refusal(_ problem: String) -> ExperimentError {
        ExperimentError(
            .environment,
            path,
            problem,
            expected: "the program of the same build as this one",
            remedy: "build both again, or remove it"
        )
    }
}
