import Work

/// An error in an experiment before it runs, or in a file that it reads or writes.
///
/// Its description is one sentence that a user can act on: what is wrong, why it cannot be, what
/// was expected, what to do.
package struct ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Who has to act; decides the exit code.
    package enum Failure: Equatable, Sendable {
        /// The request contradicts itself: a flag, a plan, the content of an input file.
        case usage
        /// The request is sound but this machine cannot fulfil it: a missing file, memory,
        /// permissions.
        case environment

        package var exitCode: Int32 {
            switch self {
            case .usage: EndCode.usage
            case .environment: EndCode.environment
            }
        }
    }

    package var failure: Failure
    /// The flag with its value, or the file and the tensor in it.
    package var subject: String
    /// What is wrong with the subject: the rest of the sentence that the subject starts.
    package var problem: String
    package var expected: String
    package var remedy: String

    package init(
        _ failure: Failure,
        _ subject: String,
        _ problem: String,
        expected: String,
        remedy: String
    ) {
        self.failure = failure
        self.subject = subject
        self.problem = problem
        self.expected = expected
        self.remedy = remedy
    }

    package var exitCode: Int32 { failure.exitCode }

    package var description: String {
        [subject, problem].map(Self.clipped).joined(separator: " ")
            + ": expected \(Self.clipped(expected)); \(Self.clipped(remedy))"
    }

    /// Shortens names and values from a file, which can be as long as the file.
    private static func clipped(_ part: String) -> String {
        let most = 1000
        return part.utf8.count <= most ? part : part.prefix(most / 2) + "…"
    }
}

extension ExperimentError {
    package static func unknownValue(_ subject: String, _ text: String, known: [String])
        -> ExperimentError
    {
        ExperimentError(
            .usage,
            subject,
            "has the unknown value “\(text)”",
            expected: known.joined(separator: ", "),
            remedy: "use one of these"
        )
    }
}
