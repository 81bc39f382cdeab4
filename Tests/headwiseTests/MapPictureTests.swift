import Files
import Images
import Platform
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The files of pictures, and inputs that cannot be drawn.
struct MapPictureTests {
    private static let hasGnuplot =
        PipedProcess.find("gnuplot", path: PipedProcess.environmentPath) != nil

    @Test(.enabled(if: hasGnuplot), arguments: ["svg", "png"])
    func `a picture is drawn again by the script beside it`(_ ending: String) throws {
        let folder = try TemporaryFolder()
        let drawn = try Headwise.run(
            ["weights", "--heads", "3", "--mask", "causal", "--picture", "p.\(ending)", "--quiet"],
            in: folder
        )
        try #require(drawn.kind == .exited(0), drawn.summary)
        #expect(try folder.names == ["p.\(ending)", "p.csv", "p.gnuplot"].sorted())
        let first = try folder.bytes("p.\(ending)")
        let again = try Headwise.runShell("rm p.\(ending); gnuplot p.gnuplot", in: folder)
        #expect(again.kind == .exited(0), again.summary)
        let second = try folder.bytes("p.\(ending)")
        if ending == "png" {
            #expect(second == first)
        } else {
            // The first one follows the reader's scheme; the maps in both are the same.
            func images(_ bytes: [UInt8]) -> [Substring] {
                String(decoding: bytes, as: UTF8.self).split(separator: "base64,").dropFirst()
                    .map { $0.prefix { $0 != "'" && $0 != "\"" } }
            }
            #expect(images(first).count == 3)
            #expect(images(second) == images(first))
        }
        // The numbers are those of the record: 3 blocks of 32 rows, hidden ones a question mark.
        let rows = String(decoding: try folder.bytes("p.csv"), as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: ",").map { Double($0) } }
        #expect(rows.count == 96)
        for (index, row) in rows.enumerated() {
            #expect(row.count == 32)
            #expect(row.compactMap { $0 }.count == index % 32 + 1)
            #expect(abs(row.reduce(0) { $0 + ($1 ?? 0) } - 1) < 1e-5)
        }
    }

    @Test func `a picture that cannot be drawn is an error, and gnuplot can draw it later`() throws
    {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["mask", "--mask", "causal", "--picture", "p.svg", "--report", "p.html", "--quiet"],
            in: folder,
            environment: ["PATH": "/nowhere"]
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["--picture p.svg", "gnuplot-nox", "gnuplot p.gnuplot"])
        #expect(ending.output.contains("2,080"), ending.summary)
        #expect(try folder.names == ["p.csv", "p.gnuplot", "p.html"])
        guard Self.hasGnuplot else { return }
        let later = try Headwise.runShell("gnuplot p.gnuplot", in: folder)
        #expect(later.kind == .exited(0), later.summary)
        #expect(try folder.names.contains("p.svg"))
    }

    @Test func `a failed gnuplot is an error, too`() throws {
        let folder = try TemporaryFolder()
        try folder.writeProgram("gnuplot", "exit 3")
        let ending = try Headwise.run(
            ["weights", "--length", "4", "--picture", "p.png", "--quiet"],
            in: folder,
            environment: ["PATH": folder.path]
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["--picture p.png", "code 3"])
    }

    @Test func `an interrupted picture leaves nothing in the way of a second one`() throws {
        let folder = try TemporaryFolder()
        // It never draws.
        try folder.writeProgram(
            "gnuplot",
            ": >started; read -t 600 <> <(:)",
            shell: "/bin/bash"
        )
        let started = folder.file("started")
        let program = try Headwise.start(
            ["weights", "--length", "4", "--picture", "p.svg", "--record", "r.json", "--quiet"],
            in: folder,
            environment: ["PATH": folder.path]
        )
        try #require(program.wait(atMost: .seconds(30)) { FileSystem.exists(started) })
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(128 + SIGINT), ending.summary)
        expectOneSentence(ending, naming: ["Ctrl-C", "r.json", "--picture"])
        #expect(try folder.names.filter { $0 != "started" && $0 != "gnuplot" } == ["r.json"])
    }

    @Test(arguments: ["100%", "%g", "''s"]) func `a token is drawn as it is`(_ token: String) throws
    {
        try #require(Self.hasGnuplot)
        let folder = try TemporaryFolder()
        try folder.write("t", "\(token)\nb\nc\nd\n")
        let ending = try Headwise.run(
            [
                "weights", "--length", "4", "--heads", "1", "--query-labels", "t", "--key-labels",
                "t", "--picture", "p.svg", "--quiet",
            ],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let picture = String(decoding: try folder.bytes("p.svg"), as: UTF8.self)
        #expect(picture.split(separator: ">\(token)<").count == 3)
    }

    /// A row over 2 × 2 keys that attends to one of them, over an image of one grey.
    private static func overImage(_ grey: UInt8, attended: Int) throws -> PNGPicture {
        let folder = try TemporaryFolder()
        let pixels = Array(repeating: grey, count: 3 * 64)
        try folder.write("i.png", PNGPicture(width: 8, height: 8, pixels: pixels).file)
        try folder.write("w.npy", TensorBytes.npy(shape: [1, 4]) { $0 == attended ? 1 : 0 })
        let ending = try Headwise.run(
            [
                "weights", "--from", "w.npy", "--grid", "2x2", "--image", "i.png", "--picture",
                "p.png", "--quiet",
            ],
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        return try PNGPicture(reading: folder.file("p.png"), flag: "--picture")
    }

    @Test(.enabled(if: hasGnuplot))
    func `attention is seen on dark and on light parts of an image alike`() throws {
        func dot(_ picture: PNGPicture, _ index: Int) -> [Int] {
            (0..<3).map { Int(picture.pixels[3 * index + $0]) }
        }
        func distance(_ one: [Int], _ other: [Int]) -> Int {
            zip(one, other).map { abs($0 - $1) }.max() ?? 0
        }
        var attended: [[Int]] = []
        for grey: UInt8 in [0, 255] {
            let pictures = try [0, 3].map { try Self.overImage(grey, attended: $0) }
            try #require(pictures[0].width == pictures[1].width)
            try #require(pictures[0].height == pictures[1].height)
            let dots = 0..<pictures[0].width * pictures[0].height
            // Two cells of four differ.
            let changed = dots.filter { distance(dot(pictures[0], $0), dot(pictures[1], $0)) > 60 }
            try #require(changed.count > dots.count / 10, "grey \(grey): \(changed.count)")
            // The upper left cell comes first.
            attended.append(dot(pictures[0], changed[changed.count / 4]))
        }
        #expect(distance(attended[0], attended[1]) < 40, "\(attended)")
    }

    private static let image = Array("P6 2 2 255 ".utf8)
    private static let weights = TensorBytes.npy(shape: [4, 4]) { Float($0) / 16 }
    private static let precious = Array("precious".utf8)

    @Test(arguments: [
        BadInput("weights --slices 0:9", names: "--slices 0:9", "0 to 3"),
        BadInput("weights --slices 1:0", names: "--slices 1:0"),
        BadInput("weights --slices first", names: "--slices first"),
        BadInput("mask --slices 0:1", names: "--slices 0:1"),
        BadInput("weights --rows 0-32", names: "--rows 0-32", "31"),
        BadInput("weights --rows 9-3", names: "--rows 9-3"),
        BadInput("weights --keys 40", names: "--keys", "31"),
        BadInput("weights --keys x", names: "--keys x"),
        BadInput("weights --cells 0", names: "--cells", "1024"),
        BadInput("mask --cells 1025", names: "--cells", "1024"),
        BadInput("weights --reduce median", names: "--reduce", "median", "maximum"),
        BadInput("weights --scale cubic", names: "--scale", "cubic", "log"),
        BadInput("weights --length 4 --grid 3x2", names: "--grid 3x2", "6", "4"),
        BadInput("weights --grid 32", names: "--grid 32"),
        BadInput("weights --grid 0x32", names: "--grid 0x32"),
        BadInput("weights --grid 4x8 --keys 0-3", names: "--grid", "--keys"),
        BadInput("weights --grid 4x8 --cells 9", names: "--grid", "--cells"),
        BadInput("weights --grid 4x8 --key-labels @t", names: "--key-labels", files: ["t": [65]]),
        BadInput("weights --grid 4x8 --slices all", names: "--grid", "--slices"),
        BadInput("weights --image @i.png", names: "--image", "--grid", files: ["i.png": image]),
        BadInput(
            "weights --grid 4x8 --image @i.png",
            names: "--image",
            "i.png",
            "PNG",
            files: ["i.png": image]
        ),
        BadInput("weights --grid 4x8 --image @i.png", code: 40, names: "i.png"),
        BadInput(
            "weights --query-labels @t",
            names: "--query-labels",
            "2 lines",
            "32",
            files: ["t": Array("a\nb\n".utf8)]
        ),
        BadInput("weights --key-labels @t", names: "1 line", "32", files: ["t": [65]]),
        BadInput("weights --key-labels @none", code: 40, names: "none"),
        BadInput("weights --weights @w.npy", names: "--weights"),
        BadInput("mask --output @o.npy", names: "--output"),
        BadInput("mask --values large", names: "--values large"),
        BadInput("mask --alibi standard", names: "--alibi standard"),
        BadInput("mask --operation kernel-regression", names: "kernel-regression"),
        BadInput("mask --mask window:0", names: "window:0"),
    ])
    func `what cannot be drawn is refused in one sentence`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("weights --from @w.npy --batch 1", names: "--batch", "--from"),
        BadInput("weights --from @w.npy --mask causal", names: "--mask", "--from"),
        BadInput("weights --from @w.npy --soft-cap 3", names: "--soft-cap", "--from"),
        BadInput("mask --soft-cap 3", names: "--soft-cap 3.0 has"),
        BadInput("mask --linformer 4 --length 8", names: "--linformer 4 has"),
        BadInput("weights --from @w.npy --isa baseline", names: "--isa", "--from"),
        BadInput("weights --from @w.npy --slices 0:1", names: "--slices 0:1"),
        BadInput("weights --from @w.npy --rows 4", names: "--rows", "3"),
        BadInput("weights --from @none.npy", code: 40, names: "none.npy"),
        BadInput("weights --from @w", names: "--from"),
        BadInput("weights --picture @p.pdf", names: "--picture", "p.pdf", ".svg"),
        BadInput("weights --picture @no/p.svg", code: 40, names: "no/p.svg"),
        BadInput("weights --picture @p.svg --report @p.svg", names: "--picture", "--report"),
        BadInput("weights --picture @p.svg --record @p.csv", names: "--picture", "--record"),
        BadInput("mask --picture @p.png --report @p.gnuplot", names: "--picture", "--report"),
        BadInput("mask --report -", names: "--report -"),
    ])
    func `files and flags that do not go together are refused`(_ input: BadInput) throws {
        var input = input
        input.files["w.npy"] = Self.weights
        input.files["w"] = Self.weights
        try input.check()
    }

    @Test(arguments: ["p.svg", "p.csv", "p.gnuplot", "r.json", "p.html"])
    func `no file is overwritten`(_ name: String) throws {
        try BadInput(
            "mask --picture @p.svg --record @r.json --report @p.html",
            code: 40,
            names: name,
            files: [name: Self.precious]
        ).check()
    }
}
