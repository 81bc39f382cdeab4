import FoundationEssentials
import TestSupport
import Testing

@testable import Host
@testable import Platform
@testable import Record
@testable import Report
@testable import Statistics
@testable import Tables

struct ReportPageTests {
    private func page(_ records: [StoredRecord], _ gnuplot: Gnuplot = noGnuplot) throws -> String {
        try ReportPage(records, gnuplot: gnuplot).text
    }

    private static func all() throws -> [(String, StoredRecord)] {
        [
            ("two-points", try StoredRecord.read(PackageFolder.record("scale-8x8x1024x64"))),
            ("kernel", try StoredRecord.read(PackageFolder.record("kernel-avx512"))),
            ("faulty", try Records.stored(try Records.faulty(), path: "faulty.json")),
            ("six-points", try Records.stored(try Records.sweep(), path: "sweep.json")),
            ("comparison", try Records.stored(try Records.verdicts(), path: "compared.json")),
            ("checks", try Records.stored(try Records.checks(), path: "checks.json")),
        ]
    }

    @Test func `the page of a comparison has both times of every ratio`() throws {
        let record = try Records.comparison()
        try record.validate(source: "compare")
        let text = try page([
            try Records.stored(record), try Records.stored(try Records.sweep()),
        ])
        #expect(Markup(text).faults.isEmpty)
        #expect(text.contains("geometric"))
        let point = try #require(record.points.first)
        let first = try #require(point[.fastEnd]?.firstNanoseconds)
        let second = try #require(point[.fastEnd]?.secondNanoseconds)
        for part in [
            Units.time(first), Units.time(second), Units.decimal(second / first, places: 3),
            "slower", "ambiguous", "headwise compare plan.json other.json",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func `INVALID times have a table and no picture`() throws {
        var record = try Records.comparison()
        record.verdict = Verdict(reasons: ["the output of B is wrong"], sentence: "")
        let text = try page([try Records.stored(record)])
        #expect(!text.contains("<figure>"))
        let points = Markup(text).tags.filter {
            $0.attributes["class"]?.contains("numbers") == true
        }
        #expect(points.count == 1)
    }

    @Test func `every unfinished record has a badge, alone and in the overview`() throws {
        let interrupted = Verdict(reasons: ["SIGTERM"], sentence: "Well.", isFinished: false)
        let invalid = Verdict(reasons: ["SIGTERM", "too fast"], sentence: "Not well.")
        let endings: [(Verdict?, Int32?)] = [(nil, nil), (interrupted, 143), (invalid, 130)]
        for (verdict, exitCode) in endings {
            var run = try Records.measured()
            (run.verdict, run.exitCode) = (verdict, exitCode)
            var kernel = try Records.kernel()
            (kernel.verdict, kernel.exitCode) = (verdict, exitCode)
            var compared = try Records.comparison()
            (compared.verdict, compared.exitCode) = (verdict, exitCode)
            let sections = [
                run.section(title: "a"), kernel.section(title: "b"),
                compared.section(title: "c"),
            ]
            for section in sections {
                let badge = try #require(section.badges.first)
                #expect(badge.text.contains("UNFINISHED"), "\(section.title)")
                #expect(badge.text.contains("INVALID") == (verdict?.status == .invalid))
                #expect(!badge.isGood)
                #expect(section.reasons.first?.contains("UNFINISHED") == true)
                #expect(section.summary.last?.text.contains("UNFINISHED") == true)
            }
        }
    }

    /// Records with as little and as much as possible, and the longest names.
    private static func extremes() throws -> [(String, StoredRecord)] {
        var none = try Records.sweep()
        none.points = []
        none.baseCases = []
        none.analysis = nil
        none.warnings = nil
        none.sampling = nil
        none.verdict = Verdict(
            reasons: ["SIGINT asked the run to stop"],
            sentence: "No trial was finished."
        )
        none.exitCode = 130
        let name = String(repeating: "anamewithoutend", count: 15)
        var long = try Records.faulty()
        long.host.hostName = name
        long.host.processorModel = name
        long.commandLine = ["headwise", "--input", "/\(name)/\(name)"]
        long.plan.input = "/\(name)/\(name)"
        long.points[1].faults[0].reason = name
        long.points[1].verification.reasons = [name]
        long.verdict = Verdict(reasons: [name], sentence: "The output of \(name) is wrong.")
        var equal = try Records.comparison()
        equal.rule.threshold = 0
        equal.rule.meanThreshold = 0
        equal.rule.percentile90Threshold = 0
        for point in equal.points.indices {
            for index in equal.points[point].statistics.indices {
                equal.points[point].statistics[index].comparison?.ratio = 1
            }
        }
        return [
            ("compared-far", try Records.stored(try Records.comparison(), path: "far.json")),
            ("compared-equal", try Records.stored(equal, path: "equal.json")),
            ("no-points", try Records.stored(none, path: "none.json")),
            ("one-point", try Records.stored(try Records.sweep([4]), path: "one.json")),
            ("twelve", try Records.stored(try Records.sweep(Array(1...12)), path: "twelve.json")),
            ("long", try Records.stored(long, path: "\(name).json")),
        ]
    }

    @Test func `the page of a record without points has no empty table`() throws {
        let records = Dictionary(uniqueKeysWithValues: try Self.extremes())
        let stored = try #require(records["no-points"])
        let text = try page([stored])
        #expect(text.contains("SIGINT asked"))
        #expect(!text.contains("<tbody>\n</tbody>"))
        let parts = stored.record.section(title: "none").parts
        let verification = try #require(parts.first { $0.heading == "Verification" })
        #expect(verification.tables.isEmpty)
        try #require(verification.paragraphs.count == 1)
        #expect(text.contains(escapedMarkup(verification.paragraphs[0])))
    }

    @Test func `only a very long word may break`() throws {
        let records = Dictionary(uniqueKeysWithValues: try Self.extremes())
        let text = try page([try #require(records["long"])])
        let cells = Markup(text).tags.filter { $0.name == "td" }
        #expect(cells.contains { $0.attributes["class"] == "words bad endless" })
        #expect(cells.contains { $0.attributes["class"] == "words bad" })
        #expect(text.contains("td.endless{overflow-wrap:anywhere"))
    }

    @Test func `the records of these tests are records`() throws {
        try Records.sweep().validate(source: "sweep")
        try Records.faulty().validate(source: "faulty")
    }

    /// HEADWISE_PAGES names a folder that keeps the pages for people.
    @Test(.enabled(if: hasGnuplot)) func `a page is valid markup and needs no other file`() throws {
        let folder = ProcessInfo.processInfo.environment["HEADWISE_PAGES"]
        let single = try Self.all() + Self.extremes()
        var pages = single.map { ($0.0, [$0.1]) }
        pages.append(("several", single.map(\.1)))
        for (name, records) in pages {
            let page = try ReportPage(records, gnuplot: Gnuplot())
            #expect(page.problem == nil, "\(name)")
            let markup = Markup(page.text)
            #expect(markup.faults.isEmpty, "\(name): \(markup.faults)")
            #expect(
                Set(markup.identifiers).count == markup.identifiers.count,
                "\(name) has a name twice"
            )
            for tag in markup.tags {
                #expect(!["script", "link", "iframe", "img"].contains(tag.name), "\(name)")
                for key in ["src", "href", "xlink:href"] {
                    guard let address = tag.attributes[key] else { continue }
                    let isOwn = address.hasPrefix("#") || address.hasPrefix("data:")
                    #expect(isOwn, "\(name) needs \(address)")
                    if address.hasPrefix("#"), key != "src" {
                        let target = String(address.dropFirst())
                        #expect(markup.identifiers.contains(target), "\(name) lacks \(address)")
                    }
                }
            }
            #expect(!page.text.contains("url("), "\(name)")
            let isEmpty = name.hasPrefix("no-")
            #expect(markup.tags.contains { $0.name == "svg" } != isEmpty, "\(name)")
            if let folder {
                try page.text.write(
                    toFile: "\(folder)/\(name).html",
                    atomically: true,
                    encoding: .utf8
                )
            }
        }
    }

    @Test func `a page begins with the most important parts`() throws {
        let record = try Records.sweep()
        let section = record.section(title: "sweep")
        let plots = section.parts.compactMap { $0.figures.first?.plot.name }
        #expect(plots == ["speedup", "losses", "samples", "roofline"])
        let others = section.parts.dropFirst(plots.count).map(\.heading)
        #expect(
            others == ["Verification", "Warnings", "Scaling models", "How it was measured", "Host"]
        )
        let sentence = escapedMarkup(section.sentence).replacing(" %", with: "\u{A0}%")
        let figure = try #require(section.keyFigures.first)
        let order =
            ["VALID", "AGREES", sentence, figure.name]
            + section.parts.map { "<h3>\($0.heading)</h3>" } + ["id=\"record-raw\""]
        let text = try page([try Records.stored(record)])
        var rest = text[...]
        for part in order {
            let found = try #require(rest.firstRange(of: part), "\(part) is not there or too early")
            rest = rest[found.upperBound...]
        }
    }

    @Test func `without gnuplot the tables are open and the page names the package`() throws {
        for (name, record) in try Self.all() {
            let text = try page([record])
            #expect(text.contains("apt-get install gnuplot-nox"), "\(name)")
            #expect(text.contains("<details open>"), "\(name)")
            #expect(!text.contains("<svg"), "\(name)")
            #expect(Markup(text).faults.isEmpty, "\(name)")
        }
    }

    @Test func `no word of a record becomes markup`() throws {
        // A quotation mark with an accent is one character in Swift, but two to a browser.
        let evil =
            "\"\u{301} onload=alert(1) \"'><script>alert(1)</script>{{title}}"
            + "<img src=x onerror=alert(1)>&amp;"
        var record = try Records.faulty()
        record.host.hostName = evil
        record.host.processorModel = evil
        record.host.governor = evil
        record.host.operatingSystem = evil
        record.host.fingerprint = evil
        record.started = evil
        record.commandLine = [evil]
        record.plan.input = evil
        record.points[1].faults[0].reason = evil
        record.points[1].verification.reasons = [evil]
        record.verdict = Verdict(reasons: [evil], sentence: evil)
        record.warnings = [MeasurementWarning(.drift, subject: evil, sentence: evil, remedy: evil)]
        record.analysis = ScalingAnalysis(
            points: [],
            models: [
                ScalingModelFit(model: .amdahl, refusal: evil),
                ScalingModelFit(
                    model: .universalScalability,
                    parameters: [.init(name: evil, estimate: Estimate(1))]
                ),
            ],
            recommendation: WorkerRecommendation(workers: 1, reason: evil)
        )
        var kernel = try Records.kernel()
        kernel.roofs.instructionSet = evil
        kernel.host.hostName = evil
        kernel.verdict = Verdict(reasons: [evil], sentence: evil)
        kernel.warnings = [MeasurementWarning(.drift, sentence: evil, remedy: "")]
        for text in [
            try page([try Records.stored(record, path: "\(evil)/\(evil).json")]),
            try page([try Records.stored(kernel, path: evil), try Records.stored(record)]),
        ] {
            #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            let markup = Markup(text)
            #expect(markup.faults.isEmpty)
            #expect(!markup.tags.contains { $0.name == "script" || $0.name == "img" })
            #expect(!markup.tags.contains { $0.attributes.keys.contains { $0.hasPrefix("on") } })
            #expect(text.contains("{{title}}"), "a record's words are no template either")
            #expect(Array(text.utf8).firstRange(of: Array("\"\u{301}".utf8)) == nil)
        }
    }

    @Test func `the page of a kernel record has its warnings`() throws {
        var kernel = try Records.kernel()
        kernel.warnings = [
            MeasurementWarning(.drift, subject: "SUBJECT", sentence: "SENTENCE", remedy: "REMEDY")
        ]
        let items = HostPart.warnings(of: kernel).items
        try #require(!items.isEmpty)
        var rest = items[0][...]
        for part in ["SUBJECT", "SENTENCE", "REMEDY"] {
            let found = try #require(rest.firstRange(of: part), "\(items)")
            rest = rest[found.upperBound...]
        }
        #expect(try page([try Records.stored(kernel)]).contains(escapedMarkup(items[0])))
    }

    @Test func `no control character of a record or a path reaches the page`() throws {
        let evil = "a\u{1B}[31mb\u{7}c\u{9B}1md\u{7F}e\u{202E}f\rg"
        var record = try Records.faulty()
        record.host.hostName = evil
        record.commandLine = [evil]
        record.points[1].faults[0].reason = evil
        record.verdict = Verdict(reasons: [evil], sentence: evil)
        let text = try page([try Records.stored(record, path: "\(evil).json")])
        #expect(text.contains("a\\u{1b}[31mb\\u{7}c\\u{9b}1md\\u{7f}e\\u{202e}f\\u{d}g"))
        let obeyed = text.unicodeScalars.filter { scalar in
            (scalar.properties.generalCategory == .control && scalar != "\n")
                || scalar.properties.isBidiControl
        }
        #expect(obeyed.isEmpty)
        #expect(Markup(text).faults.isEmpty)
    }

    @Test func `the page holds the bytes of the record`() throws {
        let stored = try StoredRecord.read(PackageFolder.record("scale-8x8x1024x64"))
        let links = Markup(try page([stored])).tags.filter { $0.attributes["download"] != nil }
        try #require(links.count == 1)
        #expect(links[0].attributes["download"] == "scale-8x8x1024x64.json")
        let address = try #require(links[0].attributes["href"])
        let prefix = "data:application/json;base64,"
        try #require(address.hasPrefix(prefix))
        let decoded = try #require(Data(base64Encoded: String(address.dropFirst(prefix.count))))
        #expect([UInt8](decoded) == stored.bytes)
    }

    @Test func `several records have an overview and a section each`() throws {
        let records = try Self.all().map(\.1)
        let text = try page(records)
        #expect(text.contains("<h1>Headwise: 6 records</h1>"))
        let markup = Markup(text)
        #expect(markup.tags.filter { $0.name == "article" }.count == 6)
        for index in 1...6 {
            #expect(markup.identifiers.contains("r\(index)-record"))
            // The table over all leads there.
            #expect(text.contains("<a href=\"#r\(index)-record\">"))
        }
        let overview = try #require(text.firstRange(of: "<nav"))
        for name in ["scale-8x8x1024x64", "kernel-avx512", "faulty", "sweep", "compared"] {
            #expect(text[..<overview.lowerBound].contains(name))
        }
        #expect(!(try page([records[0]])).contains("<h1>"))
    }

    @Test func `no heading is said twice`() throws {
        for (name, stored) in try Self.all() {
            let text = try page([stored])
            let headings = ["h3", "h4"].flatMap { tag in
                text.split(separator: "<\(tag)>").dropFirst().compactMap { rest in
                    rest.firstRange(of: "</\(tag)>").map { rest[..<$0.lowerBound] }
                }
            }
            #expect(Set(headings).count == headings.count, "\(name): \(headings)")
            #expect(headings.count > 3, "\(name)")
        }
    }

    @Test func `warnings are counted at the top, and are nothing else`() throws {
        var record = try Records.sweep()
        let warnings = try #require(
            record.section(title: "a").parts.first { $0.heading == "Warnings" }
        )
        #expect(warnings.paragraphs.isEmpty)
        let text = try page([try Records.stored(record), try Records.stored(record)])
        #expect(text.contains("<a href=\"#r1-warnings\">\(warnings.items.count) warnings</a>"))
        record.warnings = nil
        record.host.loadAverage = []
        let rest = record.section(title: "a")
        #expect(rest.warningCount == record.host.machineAdvice.count)
        #expect(rest.warningCount == warnings.items.count - 2)
    }

    @Test func `flags and commands in notes do not break`() {
        func shown(_ text: String) -> String {
            SegmentView.segments(of: text).map { segment in
                segment.words + segment.codes.map { "[\($0)]" }.joined()
            }.joined()
        }
        #expect(
            shown("ask for --replicates 4; or `taskset -c`, and --budget.")
                == "ask for [--replicates] 4; or [taskset -c], and [--budget]."
        )
        #expect(shown("a -- b, a lone ` and -5 %") == "a -- b, a lone ` and -5 %")
        #expect(shown("") == "")
    }

    @Test func `key figures have their unit apart and their interval on the bar`() throws {
        let figure = Section.KeyFigure(
            name: "Speedup",
            value: "1.87 ×",
            reference: "ideal 2 ×",
            fraction: 0.935,
            interval: 0.9...1.2
        )
        let view = KeyFigureView(figure)
        #expect(view.value == "1.87" && view.unit == "×")
        #expect(view.meter.map(\.percent) == [94])
        #expect(view.meter[0].bands.map(\.left) == [90] && view.meter[0].bands[0].width == 10)
        let word = KeyFigureView(.init(name: "B is", value: "not slower", reference: ""))
        #expect(word.value == "not slower" && word.unit.isEmpty && word.meter.isEmpty)
    }

    @Test func `a page begins with a wrong output`() throws {
        let text = try page([try Records.stored(try Records.faulty())])
        let verdict = try #require(text.firstRange(of: "<section class=\"verdict bad\">"))
        let figures = try #require(text.firstRange(of: "<section class=\"figures\">"))
        let opening = text[verdict.lowerBound..<figures.lowerBound]
        #expect(opening.contains("INVALID"))
        #expect(opening.contains("DISAGREES"))
        #expect(opening.contains("64 elements differ"))
        #expect(!text.contains("class=\"key\""), "the times of a wrong output mean nothing")
        #expect(text.contains("a result whose checksum"))
        var record = try Records.faulty()
        record.verdict = Verdict(reasons: [], sentence: "All is well.")
        #expect(try page([try Records.stored(record)]).contains("NOT PROVED"))
        (record.verdict, record.exitCode) = (nil, nil)
        #expect(try page([try Records.stored(record)]).contains("UNFINISHED"))
    }

    @Test func `a run that lost every worker has a page`() throws {
        var record = try Records.measured()
        for index in record.points.indices {
            record.points[index].samples = []
            record.points[index].summary = nil
            record.points[index].verification = VerificationSummary(
                status: .unchecked,
                bitwiseEqual: nil
            )
        }
        record.exitCode = 31
        for bases in [record.baseCases, []] {
            record.baseCases = bases
            let text = try page([try Records.stored(record)])
            #expect(text.contains("UNCHECKED"))
            #expect(Markup(text).faults.isEmpty)
        }
    }

    @Test func `warnings have remedies, and models the reasons of refusals`() throws {
        let text = try page([try Records.stored(try Records.sweep())])
        for part in [
            "16 workers: the second half", "let the machine cool down", "the residuals grow",
            "contention 0.0250 (0.0210 to 0.0300)",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func `every end of sampling has its own sentence`() throws {
        var record = try Records.sweep()
        let sentences = try SamplingReport.End.allCases.map { end -> String in
            record.sampling?.end = end
            let parts = record.section(title: "sweep").parts
            return try #require(
                parts.first { $0.heading == "How it was measured" }?.paragraphs.first
            )
        }
        #expect(Set(sentences).count == SamplingReport.End.allCases.count)
        for sentence in sentences {
            for word in ["6", "60", "3", "±1.0 %", "±2.3 %"] {
                #expect(sentence.contains(word), "\(sentence)")
            }
        }
    }

    @Test func `moved bytes are compared with the roof of their route`() throws {
        var record = try Records.sweep()
        for (isShared, roof, other) in [(true, "9.50", "2.90"), (false, "2.90", "9.50")] {
            for point in record.points.indices {
                record.points[point].outputs = isShared ? .shared : .messages
            }
            let figures = record.section(title: "sweep").keyFigures
            let reference = try #require(figures.last).reference
            #expect(reference.contains(roof) && !reference.contains(other), "\(reference)")
        }
    }

    @Test(.enabled(if: hasGnuplot)) func `kept scripts draw the kept pictures again`() throws {
        let page = try ReportPage(
            [
                try Records.stored(try Records.sweep()),
                try Records.stored(try Records.verdicts()),
            ],
            gnuplot: Gnuplot()
        )
        let files = page.plots.flatMap(\.files)
        #expect(Set(files.map(\.name)).count == files.count)
        #expect(files.filter { $0.name.hasSuffix(".tsv") }.count == 6 + 1)
        let folder = try TemporaryFolder()
        for file in files where !file.name.hasSuffix(".svg") {
            try folder.write(file.name, file.content)
        }
        for file in files where file.name.hasSuffix(".gnuplot") {
            let outcome = try PipedProcess.run(
                "/bin/bash",
                ["-c", "cd '\(folder.path)' && gnuplot -d '\(file.name)'"],
                input: [],
                milliseconds: 60_000
            )
            #expect(
                outcome.ending == .ended(.exited(code: 0)),
                "\(String(decoding: outcome.errors, as: UTF8.self))"
            )
            #expect(outcome.errors.isEmpty, "\(String(decoding: outcome.errors, as: UTF8.self))")
            let picture = "\(folder.path)/\(file.name.dropLast(8)).svg"
            let drawn = try String(contentsOfFile: picture, encoding: .utf8)
            #expect(Markup(drawn).faults.isEmpty)
        }
    }
}
