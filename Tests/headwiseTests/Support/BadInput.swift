import TestSupport
import Testing

/// A command line that must be refused before any process is started.
struct BadInput: Sendable, CustomTestStringConvertible {
    /// Words that begin with `@` are names of files in the test's folder.
    var arguments: String
    var code: Int32
    /// Words of the error: the flag, the file, the expected values.
    var names: [String]
    /// The files of the folder.
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

    /// A run that is not refused never ends.
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
        // No record, output or socket is left, and no file has changed.
        let after = try folder.names.filter { $0 != "results" || before.contains($0) }
        #expect(after == before)
        for (name, bytes) in files { #expect(try folder.bytes(name) == bytes) }
    }
}

/// Expects one line that begins with the program's name and holds `names`.
func expectOneSentence(_ ending: Ending, naming names: [String]) {
    #expect(ending.errorLines.count == 1, ending.summary)
    #expect(ending.errors.hasPrefix("headwise: "), ending.summary)
    #expect(ending.errors.hasSuffix("\n"), ending.summary)
    for name in names { #expect(ending.errors.contains(name), ending.summary) }
}
