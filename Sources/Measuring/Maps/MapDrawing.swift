import Files
import Host
import Plan
import Platform
import Record
import Statistics
import Work

/// The maps of a matrix `[B,H,L,S]` on their way: which slices, rows and columns, and what was drawn.
struct MapDrawing {
    let slices: [Int]
    let rows: Range<Int>
    private let columns: Range<Int>
    private let request: MapRequest
    private let heads: Int
    private let axes: MapRecord.Axes
    private let isData: Bool
    private var maps: [HeatMap] = []
    private var summaries: [MapRecord.SliceSummary] = []
    private var undrawable = 0
    /// What is drawn of more, where nothing was named.
    private let selection: [String]

    /// `isData` says that slices are sets of data, and rows and columns their inputs.
    init(_ request: MapRequest, sizes: [Int], isData: Bool) throws(ExperimentError) {
        heads = sizes[1]
        slices = try request.slices(batch: sizes[0], heads: sizes[1])
        rows = try request.rows(of: sizes[2])
        columns = try request.columns(of: sizes[3])
        let sliceCount = sizes[0] * sizes[1]
        var selection: [String] = []
        if request.slices == nil, slices.count < sliceCount {
            selection = [Self.selected(slices.count, of: sliceCount, "slices", "--slices")]
        }
        if request.grid != nil, request.rows == nil, rows.count < sizes[2] {
            selection.append(Self.selected(rows.count, of: sizes[2], "rows", "--rows"))
        }
        self.selection = selection
        var axes = MapRecord.Axes()
        if isData { (axes.row, axes.column) = ("prediction", "training input") }
        axes.rowLabels = try request.rowLabels?.labels(for: sizes[2], "query row")
        axes.columnLabels = try request.columnLabels?.labels(for: sizes[3], "key")
        self.axes = axes
        self.isData = isData
        self.request = request
    }

    var notes: [String] {
        undrawable == 0
            ? selection
            : selection + [
                "\(counted(undrawable, "number is", "numbers are")) NaN or infinite, and not drawn"
            ]
    }

    /// A note about the first of many, which are drawn unless others are named.
    static func selected(_ count: Int, of all: Int, _ what: String, _ flag: String) -> String {
        (count == 1
            ? "the first of \(all) \(what) is drawn"
            : "the first \(count) of \(all) \(what) are drawn")
            + "; name others with \(flag)"
    }

    private func title(_ slice: Int) -> String {
        isData ? "set \(slice)" : "batch \(slice / heads), head \(slice % heads)"
    }

    // MARK: A slice

    /// One slice on its way.
    struct Pass {
        fileprivate let title: String
        fileprivate var map: HeatMapBuilder?
        /// One for each row, where rows lie over a grid.
        fileprivate var grids: [HeatMap] = []
        fileprivate var tally: SliceTally
        private let grid: (rows: Int, columns: Int)?
        private let rowTitle: (Int) -> String
        private var visibleInRow = 0
        private var undrawableInGrids = 0

        fileprivate init(
            title: String,
            map: HeatMapBuilder?,
            columns: Range<Int>,
            grid: (rows: Int, columns: Int)?,
            rowTitle: @escaping (Int) -> String
        ) {
            self.title = title
            self.map = map
            self.grid = grid
            self.rowTitle = rowTitle
            tally = SliceTally(columns: columns)
        }

        fileprivate var undrawable: Int { (map?.undrawable ?? 0) + undrawableInGrids }

        /// Adds the weights of a row: those of its visible keys, or of all if it is filled because it
        /// sees none.
        mutating func add(
            _ row: Int,
            _ weights: some Sequence<(key: Int, weight: Float)>,
            isFilled: Bool = false
        ) {
            if isFilled {
                tally.add(visible: 0, isHidden: true)
            } else {
                tally.add(weights)
            }
            if let grid {
                var builder = HeatMapBuilder(
                    title: rowTitle(row),
                    rows: 0..<grid.rows,
                    columns: 0..<grid.columns,
                    side: MapRecord.largestSide,
                    .maximum
                )
                for (key, weight) in weights {
                    builder.add(weight, row: key / grid.columns, column: key % grid.columns)
                }
                grids.append(builder.finish())
                undrawableInGrids += builder.undrawable
                return
            }
            for (key, weight) in weights { map?.add(weight, row: row, column: key) }
        }

        mutating func beginRow() { visibleInRow = 0 }

        /// Adds visible keys of a row, whatever their weights.
        mutating func add(_ row: Int, _ keys: Range<Int>) {
            visibleInRow += keys.clamped(to: tally.columns).count
            isSeeing = true
            map?.add(row: row, columns: keys)
        }

        private var isSeeing = false

        mutating func endRow() {
            tally.add(visible: visibleInRow, isHidden: !isSeeing)
            isSeeing = false
        }
    }

    func begin(_ slice: Int) -> Pass {
        let (axes, name) = (axes, title(slice))
        return Pass(
            title: name,
            map: request.grid == nil
                ? HeatMapBuilder(
                    title: name,
                    rows: rows,
                    columns: columns,
                    side: request.cells,
                    request.reduction
                ) : nil,
            columns: columns,
            grid: request.grid,
            rowTitle: { axes.rowLabels?[$0] ?? "\(axes.row) \($0)" }
        )
    }

    mutating func finish(_ pass: Pass) {
        if let map = pass.map { maps.append(map.finish()) }
        maps += pass.grids
        summaries.append(pass.tally.summary(pass.title))
        undrawable += pass.undrawable
    }

    // MARK: The record

    func record(_ schema: MapRecord.Schema, host: HostDescription) -> MapRecord {
        var record = MapRecord(
            schema,
            host: host,
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            reduction: request.reduction,
            scale: request.scale,
            axes: axes,
            mapsPerRow: mapsPerRow
        )
        if request.grid != nil {
            // The axes are those of the grid, and the rows' tokens are the maps' titles.
            record.axes.rowLabels = nil
            (record.axes.row, record.axes.column) = ("grid row", "grid column")
        }
        record.maps = maps
        record.slices = summaries
        record.image = request.image
        return record
    }

    /// The heads of a batch element side by side, if they are few.
    private var mapsPerRow: Int {
        let usual = min(maps.count, 4)
        guard request.grid == nil, heads > 1, heads <= 8, slices.count % heads == 0 else {
            return max(1, usual)
        }
        return heads <= 4 ? heads : 4
    }
}
