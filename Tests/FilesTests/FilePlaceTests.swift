import FoundationEssentials
import TestSupport
import Testing

@testable import Files

struct FilePlaceTests {
    @Test func `a file has one place however its path is written`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        _ = try folder.write("there", [1])
        for (link, target) in [("link", path), ("alias", "\(path)/there")] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/\(link)",
                withDestinationPath: target
            )
        }
        for other in ["link/new", "./new", "link/link/./new", "/new"] {
            #expect(FilePlace("\(path)/\(other)") == FilePlace("\(path)/new"), "\(other)")
        }
        #expect(FilePlace("\(path)/alias") == FilePlace("\(path)/there"))
        #expect(FilePlace("\(path)/new") != FilePlace("\(path)/other"))
        #expect(FilePlace("./a") == FilePlace("a"))
        #expect(FilePlace("none/./a") == FilePlace("none/a"))
        #expect(FilePlace("none/a") != FilePlace("/none/a"))
    }
}
