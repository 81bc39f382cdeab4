import FoundationEssentials
import Fuzzing
import TestSupport
import Testing

/// Inputs that reached a new part of a reader when `scripts/fuzz` made them.
struct FuzzCorpusTests {
    @Test func `every reader takes some kept inputs and refuses others`() throws {
        let folder = try TemporaryFolder()
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let corpus = tests.appending(path: "Fuzzing/corpus.txt")
        let lines = try String(contentsOf: corpus, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        let input = FuzzInput(folder: folder.path)
        var taken: [FuzzInput.Reader: Set<Bool>] = [:]
        for line in lines {
            let bytes = Array(try #require(Data(base64Encoded: String(line)), "\(line)"))
            let first = try #require(bytes.first)
            let reader = FuzzInput.Reader.allCases[Int(first) % FuzzInput.Reader.allCases.count]
            taken[reader, default: []].insert(input.isTaken(bytes))
        }
        for reader in FuzzInput.Reader.allCases {
            #expect(taken[reader] == [true, false], "\(reader)")
        }
    }
}
