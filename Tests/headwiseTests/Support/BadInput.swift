import TestSupport
import Testing

/// A command line that must be refused before anything is started.
struct BadInput: Sendable, CustomTestStringConvertible {
    /// Words that begin with `@` are names of files in the test's folder.
    var arguments: String
    var code: Int32
    /// What the sentence must name: the flag, the file, what was expected.
    var names: [String]
    /// What the folder holds before.
    var files: [String: [UInt8]] = [:]

    init(
        _ arguments: String,
        code: Int32 = 64,
        names: String...,
        files: [String: [UInt8]] = [:]
    ) {
        self.arguments = arguments
        self.code = code
        self.names = names
        self.files = files
    }

    var testDescription: String { arguments }

    /// A run that got past its checks would not end within any test's patience.
    private static let endless = ["--trials", "1000000"]

    func check() throws {
        let folder = try TemporaryFolder()
        for (name, bytes) in files { try folder.write(name, bytes) }
        var words = arguments.split(separator: " ").map { word in
            word.hasPrefix("@") ? folder.file(String(word.dropFirst())) : String(word)
        }
        if ["run", "scale"].contains(words.first), !words.contains("--trials") {
            words += Self.endless
        }
        let before = try folder.names
        let ending = try Headwise.start(words, in: folder).finish(within: .seconds(30))
        #expect(ending.kind == .exited(code), ending.summary)
        #expect(ending.outputBytes.isEmpty, ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        expectOneSentence(ending, naming: names)
        // Neither a record nor an output nor a socket is left, and nothing was touched.
        let after = try folder.names.filter { $0 != "results" || before.contains($0) }
        #expect(after == before)
        for (name, bytes) in files { #expect(try folder.bytes(name) == bytes) }
    }
}

/// Exactly one line that begins with the program's name and says what is wrong.
func expectOneSentence(_ ending: Ending, naming names: [String]) {
    #expect(ending.errorLines.count == 1, ending.summary)
    #expect(ending.errors.hasPrefix("headwise: "), ending.summary)
    #expect(ending.errors.hasSuffix("\n"), ending.summary)
    for name in names { #expect(ending.errors.contains(name), ending.summary) }
}
