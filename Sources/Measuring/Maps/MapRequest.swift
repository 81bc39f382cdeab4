import Files
import Plan
import Record
import Work

/// What of a matrix is drawn, and how.
package struct MapRequest: Sendable {
    /// Nil for the usual: all slices, if they are few.
    package var slices: SliceSpecification?
    package var rows: Range<Int>?
    package var columns: Range<Int>?
    /// The most cells of a row and of a column.
    package var cells = 128
    package var reduction = HeatMap.Reduction.maximum
    package var scale = MapRecord.ColorScale.linear
    package var rowLabels: TokenLabels?
    package var columnLabels: TokenLabels?
    /// A row's weights lie over a grid of so many rows and columns.
    package var grid: (rows: Int, columns: Int)?
    package var image: MapImage?

    package init() {}

    /// Slices that are drawn when none are named, and rows that are drawn over a grid.
    static let usualMaps = 8

    func slices(batch: Int, heads: Int) throws(ExperimentError) -> [Int] {
        if let slices {
            let chosen = try slices.slices(batch: batch, heads: heads, flag: "--slices")
            guard grid == nil || chosen.count == 1 else {
                throw ExperimentError(
                    .usage,
                    "--grid",
                    "draws the rows of one slice, but \(chosen.count) are named",
                    expected: "one slice",
                    remedy: "give one, such as --slices 0:0"
                )
            }
            try requireFew(chosen.count, "--slices")
            return chosen
        }
        return Array(0..<min(grid == nil ? Self.usualMaps : 1, batch * heads))
    }

    func requireFew(_ count: Int, _ flag: String) throws(ExperimentError) {
        guard count > MapRecord.mostMaps else { return }
        throw ExperimentError(
            .usage,
            flag,
            "names \(count) maps",
            expected: "at most \(MapRecord.mostMaps)",
            remedy: "name fewer, and draw the others in a second picture"
        )
    }

    /// The rows that are drawn of `count`.
    func rows(of count: Int) throws(ExperimentError) -> Range<Int> {
        let all = 0..<(grid == nil ? count : min(count, 2 * Self.usualMaps))
        let chosen = try Self.part(rows, of: count, "--rows") ?? all
        if grid != nil { try requireFew(chosen.count, "--rows") }
        return chosen
    }

    func columns(of count: Int) throws(ExperimentError) -> Range<Int> {
        guard let grid else { return try Self.part(columns, of: count, "--keys") ?? 0..<count }
        guard grid.rows * grid.columns == count, columns == nil else {
            throw ExperimentError(
                .usage,
                "--grid \(grid.rows)x\(grid.columns)",
                columns == nil
                    ? "has \(grid.rows * grid.columns) cells for \(counted(count, "key"))"
                    : "cannot be used with --keys",
                expected: "a grid with a cell for each key",
                remedy: "give rows x columns, the first number being rows"
            )
        }
        return 0..<count
    }

    private static func part(
        _ range: Range<Int>?,
        of count: Int,
        _ flag: String
    ) throws(ExperimentError) -> Range<Int>? {
        guard let range else { return nil }
        guard range.upperBound <= count else {
            throw ExperimentError(
                .usage,
                "\(flag) \(range.lowerBound)-\(range.upperBound - 1)",
                "is beyond the last, \(count - 1)",
                expected: "numbers from 0 to \(count - 1)",
                remedy: "name a part of these"
            )
        }
        return range
    }
}

/// The lines of a file of tokens, one for each row or key.
package struct TokenLabels: Sendable {
    private let flag: String
    private let path: String
    private let labels: [String]

    /// The largest file, in bytes.
    private static let limit = 16 << 20

    package init(reading path: String, flag: String) throws(ExperimentError) {
        let text = String(
            decoding: try OpenFile.contents(of: path, limit: Self.limit),
            as: UTF8.self
        )
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.flag = flag
        self.path = path
        labels = lines.map(String.init)
    }

    func labels(for count: Int, _ what: String) throws(ExperimentError) -> [String] {
        guard labels.count == count else {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                "has \(counted(labels.count, "line"))",
                expected: "\(count), one for each \(what)",
                remedy: "write one token on each line"
            )
        }
        return labels
    }
}
