import FoundationEssentials
import TestSupport
import Testing

@testable import Files

/// Texts and folders that appear whole or not at all.
struct TextOutputTests {
    @Test func `a text does not exist before it is whole`() throws {
        let folder = try TemporaryFolder()
        let output = try TextOutput.reserve(path: "\(folder.path)/page", flag: "--output")
        #expect(try folder.names.isEmpty)
        try output.write("all of it")
        #expect(try folder.names == ["page"])
        #expect(try folder.bytes("page") == Array("all of it".utf8))
    }

    @Test func `a file that appears at the path meanwhile is kept`() throws {
        let folder = try TemporaryFolder()
        let output = try TextOutput.reserve(path: "\(folder.path)/page", flag: "--output")
        _ = try folder.write("page", "somebody's")
        expectRefusal(.environment, naming: "page") {
            try output.write("mine")
        }
        #expect(try folder.bytes("page") == Array("somebody's".utf8))
        #expect(try folder.names == ["page"])
    }

    @Test func `a taken path and a path into a missing folder are refused at once`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("page", "somebody's")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/link",
            withDestinationPath: "nowhere"
        )
        for (path, failure, part) in [
            ("\(folder.path)/page", ExperimentError.Failure.environment, "/page"),
            ("\(folder.path)/link", .environment, "/link"),
            ("\(folder.path)/none/page", .environment, "No such file"),
            ("", .usage, "--output"),
        ] {
            expectRefusal(failure, naming: part) {
                _ = try TextOutput.reserve(path: path, flag: "--output")
            }
        }
    }

    @Test func `a renewed text takes the place of the old one`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a/b/script"
        for text in ["old", "new"] { try TextOutput.renew(path: path).write(text) }
        #expect(try folder.bytes("a/b/script") == Array("new".utf8))
    }

    @Test(arguments: [false, true])
    func `a folder appears with all its files`(isThere: Bool) throws {
        let parent = try TemporaryFolder()
        let path = "\(parent.path)/plots"
        if isThere {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: false
            )
        }
        let before = try parent.names
        // A slash at the end changes nothing.
        let folder = try OutputFolder.reserve("\(path)/", flag: "--keep-plots")
        #expect(try parent.names == before)
        try folder.write([("a", "first"), ("b", "second")])
        #expect(try parent.names == ["plots"])
        #expect(try parent.bytes("plots/a") == Array("first".utf8))
        #expect(try parent.bytes("plots/b") == Array("second".utf8))
    }

    @Test func `files that cannot be written leave no folder`() throws {
        let parent = try TemporaryFolder()
        let folder = try OutputFolder.reserve("\(parent.path)/plots", flag: "--keep-plots")
        expectRefusal(.environment, naming: "none") {
            try folder.write([("a", "first"), ("none/b", "second")])
        }
        #expect(try parent.names.isEmpty)
    }

    @Test func `a folder that others filled meanwhile is refused and kept`() throws {
        let parent = try TemporaryFolder()
        let folder = try OutputFolder.reserve("\(parent.path)/plots", flag: "--keep-plots")
        try TextOutput.renew(path: "\(parent.path)/plots/theirs").write("theirs")
        expectRefusal(.environment, naming: "--keep-plots") {
            try folder.write([("mine", "mine")])
        }
        #expect(try parent.names == ["plots"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(parent.path)/plots")
                == ["theirs"]
        )
    }

    @Test(arguments: ["file", "full", ".", "", "/"])
    func `a path that is no empty folder is refused at once`(name: String) throws {
        let parent = try TemporaryFolder()
        _ = try parent.write("file", "somebody's")
        try TextOutput.renew(path: "\(parent.path)/full/a").write("somebody's")
        let path = ["", "/"].contains(name) ? name : "\(parent.path)/\(name)"
        expectRefusal(
            name.isEmpty ? .usage : .environment,
            naming: "--keep-plots"
        ) {
            _ = try OutputFolder.reserve(path, flag: "--keep-plots")
        }
        #expect(try parent.names == ["file", "full"])
    }
}
