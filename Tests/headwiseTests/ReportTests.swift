import FoundationEssentials
import Host
import TestSupport
import Testing

/// Pages that the program writes.
struct ReportTests {
    @Test func `report writes the page of records and keeps their plots`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [
                "report", PackageFolder.record("scale-8x8x1024x64"),
                PackageFolder.record("kernel-avx2"),
                "-o", "page.html", "--keep-plots", "plots",
            ],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.outputBytes.isEmpty)
        #expect(ending.errors == "report: page.html\n", ending.summary)
        #expect(try folder.names == ["page.html", "plots"])
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
        #expect(page.contains("<svg"))
        let kept = try TemporaryFolder.names(in: folder.file("plots"))
        for name in ["r1-speedup.svg", "r1-speedup.gnuplot", "r1-speedup.tsv", "r2-speeds.svg"] {
            #expect(kept.contains(name), "\(kept)")
        }
    }

    @Test func `a page can go to standard output`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["report", PackageFolder.record("kernel-avx2"), "-o", "-"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.hasPrefix("<!DOCTYPE html>") && ending.output.hasSuffix("</html>\n"))
        #expect(!ending.errors.contains("report:"), ending.summary)
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: [
        ("markdown", "scale-8x8x1024x64", "|"), ("markdown", "kernel-avx2", "|"),
        ("csv", "scale-8x8x1024x64", "schema,"), ("csv", "kernel-avx2", "schema,"),
    ])
    func `report writes the tables or CSV rows of a record`(
        _ format: String,
        _ name: String,
        _ sign: String
    ) throws {
        let folder = try TemporaryFolder()
        let arguments = ["report", PackageFolder.record(name), "--format", format]
        let shown = try Headwise.run(arguments, in: folder)
        #expect(shown.kind == .exited(0), shown.summary)
        #expect(shown.output.contains(sign), shown.summary)
        #expect(shown.errors.isEmpty && !shown.output.contains("<"), shown.summary)
        let written = try Headwise.run(arguments + ["-o", "text"], in: folder)
        #expect(written.kind == .exited(0), written.summary)
        #expect(try folder.bytes("text") == shown.outputBytes)
        #expect(try folder.names == ["text"])
    }

    @Test(arguments: [
        ["--format", "csv", "SECOND"], ["--format", "markdown", "--keep-plots", "plots"],
        ["--format", "csv", "--picture", "p.svg"],
    ])
    func `a format without this form is refused`(_ flags: [String]) throws {
        let folder = try TemporaryFolder()
        let words = flags.map { $0 == "SECOND" ? PackageFolder.record("kernel-avx512") : $0 }
        let ending = try Headwise.run(
            ["report", PackageFolder.record("kernel-avx2")] + words,
            in: folder
        )
        #expect(ending.kind == .exited(64), ending.summary)
        expectOneSentence(ending, naming: ["--format"])
        #expect(try folder.names.isEmpty)
    }

    @Test func `a page begins with the pictures that it is given`() throws {
        let folder = try TemporaryFolder()
        let drawing = "<svg xmlns='http://www.w3.org/2000/svg'/>"
        for name in ["one", "a<b"] { try folder.write("\(name).svg", drawing) }
        let record = PackageFolder.record("kernel-avx2")
        let given = ["--picture", "one.svg", "--picture", "a<b.svg"]
        let ending = try Headwise.run(["report", record, "-o", "page.html"] + given, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        let head = try #require(page.split(separator: "<article").first)
        let encoded = Data(drawing.utf8).base64EncodedString()
        for name in ["one", "a&lt;b"] {
            let image = "src=\"data:image/svg+xml;base64,\(encoded)\" alt=\"\(name)\""
            let isShown = head.contains(image)
            #expect(isShown, "\(name)")
        }
    }

    @Test(arguments: [("missing.svg", Int32(40)), ("text.svg", 64), ("picture.png", 64), ("", 64)])
    func `a page takes no other file for a picture`(_ name: String, _ code: Int32) throws {
        let folder = try TemporaryFolder()
        try folder.write("text.svg", "no picture")
        try folder.write("picture.png", "<svg/>")
        let record = PackageFolder.record("kernel-avx2")
        let ending = try Headwise.run(["report", record, "--picture", name], in: folder)
        #expect(ending.kind == .exited(code), ending.summary)
        expectOneSentence(ending, naming: [name])
        #expect(try folder.names == ["picture.png", "text.svg"])
    }

    @Test func `a page without gnuplot names the missing package`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["report", PackageFolder.record("scale-8x8x1024x64"), "-o", "page.html"],
            in: folder,
            environment: ["PATH": folder.path]
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.contains("apt-get install gnuplot-nox"), ending.summary)
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        #expect(page.contains("apt-get install gnuplot-nox"))
        #expect(page.contains("<table") && !page.contains("<svg"))
    }

    @Test(arguments: ["run", "scale"])
    func `a run writes its page beside its record`(command: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [command, "--workers", "1", "--record", "r.json", "--report", "page.html"]
                + smallProblem + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors == "record: r.json\nreport: page.html\n", ending.summary)
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        #expect(page.contains("download=\"r.json\""))
    }

    @Test func `a kernel table writes its page beside its record`() throws {
        let folder = try TemporaryFolder()
        let threads = HostDescription.current().usableCPUCount + 1
        let ending = try Headwise.run(
            [
                "kernel", "--length", "64", "--budget", "0.001", "--threads", "\(threads)",
                "--record", "k.json", "--report", "page.html",
            ],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors == "record: k.json\nreport: page.html\n", ending.summary)
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        #expect(page.contains("download=\"k.json\""))
        // The page and the screen warn of more threads than cores.
        let warnings = try JSONValue(file: folder.file("k.json"))["warnings"]?.list ?? []
        let warning = try #require(warnings.first { $0["kind"] == .text("oversubscription") })
        let sentence = try #require(warning["sentence"]?.text)
        #expect(sentence.contains("\(threads)"))
        #expect(page.contains(sentence), ending.summary)
        #expect(ending.output.contains("Warning: "), ending.summary)
    }

    @Test func `a run that loses its workers has an UNFINISHED page`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["run", "--workers", "1", "--record", "r.json", "--report", "page.html"]
                + smallProblem + fewTrials,
            in: folder
        )
        let ending = program.finish { $0.workers }
        #expect(ending.kind == .exited(31), ending.summary)
        let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
        #expect(page.contains("UNFINISHED"))
    }

    private static let mine = Array("somebody's\n".utf8)

    @Test(arguments: [
        BadInput("report", names: "record"),
        BadInput("report @none.json -o @p.html", code: 40, names: "none.json", "No such file"),
        BadInput("report . -o @p.html", code: 40),
        BadInput("report @r.json -o @p.html", names: "r.json", files: ["r.json": []]),
        BadInput(
            "report @r.json -o @p.html",
            names: "r.json",
            "JSON",
            files: ["r.json": Array(#"{"schema":"headwise.run/1","poi"#.utf8)]
        ),
        BadInput(
            "report @r.json -o @p.html",
            names: "r.json",
            "headwise.other/1",
            "headwise.scale/1",
            files: ["r.json": Array(#"{"schema":"headwise.other/1"}"#.utf8)]
        ),
        BadInput(
            "report @r.json -o @p.html",
            names: "r.json",
            "results/README.md",
            files: ["r.json": Array(#"{"schema":"headwise.copies/1"}"#.utf8)]
        ),
        BadInput(
            "report @r.json -o @p.html",
            names: "r.json",
            files: ["r.json": Array(#"{"schema":"headwise.run/1"}"#.utf8)]
        ),
        BadInput(
            "report @r.json -o @p.html",
            names: "r.json",
            files: ["r.json": Array(#"{"schema":4}"#.utf8)]
        ),
    ])
    func `the refusal names a record and its fault`(
        _ input: BadInput
    ) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "report \(PackageFolder.record("kernel-avx2")) -o @p.html",
            code: 40,
            names: "--output",
            "p.html",
            files: ["p.html": mine]
        ),
        BadInput(
            "report \(PackageFolder.record("kernel-avx2")) -o @p.html --keep-plots @plots",
            code: 40,
            names: "--keep-plots",
            "plots",
            files: ["plots/a": mine]
        ),
        BadInput(
            "report \(PackageFolder.record("kernel-avx2")) -o @no/p.html",
            code: 40,
            names: "no/p.html",
            "No such file"
        ),
        BadInput(
            "report \(PackageFolder.record("kernel-avx2")) -o /proc/p.html",
            code: 40,
            names: "/proc"
        ),
        BadInput(
            "run --record @r.json --report @p.html",
            code: 40,
            names: "--report",
            "p.html",
            files: ["p.html": mine]
        ),
        BadInput("scale --workers 1 --record @r.json --report @no/p.html", code: 40, names: "no/p"),
        BadInput(
            "kernel --record @r.json --report @p.html",
            code: 40,
            names: "--report",
            "p.html",
            files: ["p.html": mine]
        ),
    ])
    func `a page that cannot be written is refused before the run`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        (["run", "--workers", "1"] + smallProblem + fewTrials, "markdown", "| workers |"),
        (["run", "--workers", "1"] + smallProblem + fewTrials, "csv", "schema,started,"),
        (["scale", "--workers", "1"] + smallProblem + fewTrials, "csv", "headwise.scale/1,"),
        (["kernel", "--length", "64", "--budget", "0.001"], "markdown", "| isa |"),
        (["kernel", "--length", "64", "--budget", "0.001"], "csv", "headwise.kernel/1,"),
    ])
    func `standard output has the requested format`(
        arguments: [String],
        format: String,
        part: String
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            arguments + ["--record", "r.json", "--format", format],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.contains(part), ending.summary)
        #expect(ending.errors == "record: r.json\n", ending.summary)
    }
}
