import Files
import Images
import Record
import Report
import Tensors

/// A run of an example: its folder, and how it calls commands and speaks.
package struct ExampleRun {
    /// Where all its files are, as the commands name it.
    package let folder: String
    /// Runs a command of this program, without the program's name, and shows its output if asked.
    private let command: (_ words: [String], _ isShown: Bool) throws -> Void
    private let print: (String) -> Void
    private let gnuplot: Gnuplot
    /// Throws when a signal has asked to stop.
    private let check: () throws -> Void
    /// What its page is called.
    var title = ""
    /// The curves that it drew.
    private var drawn: [String] = []
    /// The records that it left, in their order: of maps, and of runs.
    private var maps: [String] = []
    private var runs: [String] = []

    package init(
        folder: String,
        command: @escaping (_ words: [String], _ isShown: Bool) throws -> Void,
        print: @escaping (String) -> Void,
        gnuplot: Gnuplot,
        check: @escaping () throws -> Void
    ) {
        self.folder = folder
        self.command = command
        self.print = print
        self.gnuplot = gnuplot
        self.check = check
    }

    /// The fewest trials that have an interval, where an example shows numbers.
    static let quick = ["--workers", "2", "--trials", "6", "--warmup", "0", "--replicates", "1"]
    /// Enough trials to compare speeds that differ by far.
    static let timed = ["--workers", "2", "--budget", "0.3", "--replicates", "1"]

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    // MARK: Inputs

    func write(_ name: String, _ bytes: [UInt8]) throws(ExperimentError) {
        try TextOutput.reserve(path: path(name), flag: "example").write(bytes: bytes)
        print("wrote \(path(name))")
    }

    func write(_ name: String, lines: [String]) throws(ExperimentError) {
        try write(name, Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    /// Writes queries, keys and values of one head.
    func write(
        _ name: String,
        q: TensorFile,
        k: TensorFile,
        v: TensorFile
    ) throws(ExperimentError) {
        try write(name, TensorFile.bundle([("q", q), ("k", k), ("v", v)]))
    }

    // MARK: Commands

    /// Runs a command; one that leaves a record in a file of the folder names it `record`.
    mutating func headwise(
        _ words: [String],
        record: String? = nil,
        isShown: Bool = true,
        isOnPage: Bool = true
    ) throws {
        var words = words
        if let record {
            words += ["--record", path(record)]
            if isOnPage {
                if ["weights", "mask"].contains(words.first) {
                    maps.append(path(record))
                } else {
                    runs.append(path(record))
                }
            }
        }
        print("\n$ headwise \(words.map(shellQuoted).joined(separator: " "))")
        try command(words, isShown)
    }

    /// Makes the page of all records, which begins with what to look at and the pictures.
    mutating func finish(_ sentences: [String]) throws {
        try headwise(
            ["report"] + maps + runs + ["-o", path("page.html"), "--quiet", "--title", title]
                + sentences.flatMap { ["--note", $0] } + drawn.flatMap { ["--picture", $0] },
            isShown: false
        )
        print("")
        for sentence in sentences { print(sentence) }
        print("Page: \(path("page.html"))")
        if let absence = gnuplot.absence { print("There are no pictures, because \(absence).") }
    }

    /// Draws curves for the page, beside their numbers and the script.
    mutating func draw(_ name: String, _ curves: CurvesPicture) throws {
        guard gnuplot.absence == nil else { return }
        let files = try PictureFiles(path: path(name), flag: "example")
        let drawing = files.draw(curves, gnuplot: gnuplot)
        try check()
        try files.write(drawing)
        if let problem = drawing.problem { throw problem }
        drawn.append(path(name))
        print("wrote \(path(name))")
    }

    /// The flag that draws `name`; nothing where there is no gnuplot, so that the rest goes on.
    func picture(_ name: String) -> [String] {
        gnuplot.absence == nil ? ["--picture", path(name)] : []
    }

    // MARK: Results

    func runRecord(_ name: String) throws(ExperimentError) -> RunRecord {
        try RunRecord.read(path(name))
    }

    func tensor(_ name: String) throws(ExperimentError) -> TensorFile {
        try TensorFile(reading: path(name))
    }

    func say(_ line: String) { print(line) }
}

extension ArraySlice where Element: Comparable {
    /// The place of the largest, counted from the first.
    var placeOfLargest: Int {
        (indices.max { self[$0] < self[$1] } ?? startIndex) - startIndex
    }
}
