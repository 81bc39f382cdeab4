import Testing

/// The end of a program and its output.
struct Ending {
    enum Kind: Equatable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)
        /// The test killed it after the time limit.
        case hung

        var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .killed(let signal): "killed by signal \(signal)"
            case .hung: "killed by the test, since it hung"
            }
        }
    }

    var kind: Kind
    var outputBytes: [UInt8]
    var errorBytes: [UInt8]
    /// Whether its child processes outlived it by a while.
    var leftProcesses: Bool

    var code: Int32? {
        if case .exited(let code) = kind { code } else { nil }
    }

    var output: String { String(decoding: outputBytes, as: UTF8.self) }
    var errors: String { String(decoding: errorBytes, as: UTF8.self) }
    var errorLines: [Substring] { errors.split(separator: "\n") }

    /// For the message of a failed expectation.
    var summary: Comment {
        "\(kind)\nstandard error: \(errors)\nstandard output: \(output.prefix(2000))"
    }
}
