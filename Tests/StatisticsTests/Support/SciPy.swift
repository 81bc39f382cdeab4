import Foundation
import Statistics
import Synchronization
import Testing

/// SciPy, where Python has it: an independent program for what this module computes.
///
/// One interpreter answers all questions, since loading SciPy takes longer than any of them. It
/// ends with the tests, when its input does.
enum SciPy {
    static var isPresent: Bool { server.withLock { $0 != nil } }

    private static let server = Mutex<SciPyServer?>(SciPyServer())

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a program that finds its input, read from JSON, in `given` and leaves numbers in
    /// `results`.
    static func compute(_ program: String, _ given: some Encodable) throws -> [Double] {
        let question = try JSONEncoder().encode([program, text(given)])
        let answer = try server.withLock { try $0?.answer(question) }
        let decoded = try JSONDecoder().decode(Answer.self, from: answer ?? Data())
        if let error = decoded.error { throw Failure(description: error) }
        return decoded.results ?? []
    }

    private static func text(_ given: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(given), as: UTF8.self)
    }

    private struct Answer: Decodable {
        var results: [Double]?
        var error: String?
    }
}

/// A Python that reads a question per line and writes an answer per line.
private final class SciPyServer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    private static let program = """
        import json, sys, traceback
        import numpy as np
        from scipy import optimize, stats
        print("ready", flush=True)
        for line in sys.stdin:
            program, given = json.loads(line)
            names = dict(np=np, optimize=optimize, stats=stats, given=json.loads(given), results=[])
            try:
                exec(program, names)
                answer = dict(results=[float(result) for result in names["results"]])
            except Exception:
                answer = dict(error=traceback.format_exc())
            print(json.dumps(answer), flush=True)
        """

    /// Nil where there is no Python, or it cannot import SciPy.
    init?() {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let python = ProcessInfo.processInfo.environment["HEADWISE_PYTHON"] ?? "python3"
        process.arguments = [python, "-c", Self.program]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        // Whatever the reason that it does not start, there is nobody to ask.
        guard (try? process.run()) != nil, (try? line()) == Data("ready".utf8) else { return nil }
    }

    func answer(_ question: Data) throws -> Data {
        try input.fileHandleForWriting.write(contentsOf: question + Data("\n".utf8))
        return try line()
    }

    private func line() throws -> Data {
        var line = Data()
        while true {
            guard let part = try output.fileHandleForReading.read(upToCount: 1), !part.isEmpty
            else { throw SciPy.Failure(description: "Python ended without an answer") }
            if part == Data("\n".utf8) { return line }
            line += part
        }
    }
}

/// Compares two series number by number.
func expectClose(
    _ ours: [Double],
    _ theirs: [Double],
    within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(ours.count == theirs.count && !ours.isEmpty, sourceLocation: sourceLocation)
    for (index, (our, their)) in zip(ours, theirs).enumerated() {
        #expect(
            abs(our - their) <= tolerance * max(abs(their), 0.01),
            "number \(index): \(our), and SciPy has \(their)",
            sourceLocation: sourceLocation
        )
    }
}
