import Attention
import Files
import FoundationEssentials
import Host
import Plan
import Statistics
import Work

/// Matrices as pictures: attention weights, or what a mask shows.
package struct MapRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        case weights = "headwise.weights/1"
        case mask = "headwise.mask/1"
    }

    package private(set) var schema: Schema
    package var host: HostDescription
    /// When the command began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// What was computed; absent where the weights come from a file.
    package var plan: RunPlan?
    /// The file that the weights come from.
    package var file: String?
    package var instructionSet: InstructionSet?
    package var reduction: HeatMap.Reduction
    package var scale: ColorScale
    /// What rows and columns are.
    package var axes: Axes
    /// Maps in a row of the picture.
    package var mapsPerRow: Int
    package var maps: [HeatMap]
    /// What lies below the maps, cut as their cells are.
    package var image: MapImage?
    /// One for each slice that was drawn.
    package var slices: [SliceSummary]
    /// For a mask: the whole problem's work.
    package var work: MaskWork?
    /// For computed weights: their check against float64.
    package var check: Check?
    package var exitCode: Int32?

    package init(
        _ schema: Schema,
        host: HostDescription,
        started: String,
        commandLine: [String],
        reduction: HeatMap.Reduction,
        scale: ColorScale = .linear,
        axes: Axes = Axes(),
        mapsPerRow: Int = 1
    ) {
        self.schema = schema
        self.host = host
        self.started = started
        self.commandLine = commandLine
        self.reduction = reduction
        self.scale = scale
        self.axes = axes
        self.mapsPerRow = mapsPerRow
        maps = []
        slices = []
    }
}

extension MapRecord {
    package enum ColorScale: String, Codable, Sendable, CaseIterable {
        case linear, log
    }

    package struct Axes: Codable, Equatable, Sendable {
        package var row = "query row"
        package var column = "key"
        /// Tokens, one for each row or column of the whole matrix.
        package var rowLabels: [String]?
        package var columnLabels: [String]?

        package init() {}
    }

    package struct SliceSummary: Codable, Equatable, Sendable {
        package var title: String
        /// Visible pairs of the drawn rows and columns; for a file, the pairs that have a weight.
        package var visiblePairs: Int
        package var pairs: Int
        /// Rows that see nothing, whether they are filled with equal weights or not; of a file, rows
        /// without a weight.
        package var hiddenRows: Int
        /// The largest weight of a row that sees something, on average.
        package var meanLargest: Double?
        /// The entropy of a row's weights in bits, on average: all on one key have 0.
        package var meanEntropyBits: Double?

        package init(
            title: String,
            visiblePairs: Int,
            pairs: Int,
            hiddenRows: Int,
            meanLargest: Double? = nil,
            meanEntropyBits: Double? = nil
        ) {
            self.title = title
            self.visiblePairs = visiblePairs
            self.pairs = pairs
            self.hiddenRows = hiddenRows
            self.meanLargest = meanLargest
            self.meanEntropyBits = meanEntropyBits
        }
    }

    /// The work of all slices, drawn or not.
    package struct MaskWork: Codable, Equatable, Sendable {
        package var visiblePairs: Int
        package var pairs: Int
        /// Floating-point operations, as `run` counts them.
        package var flops: Int

        package init(visiblePairs: Int, pairs: Int, flops: Int) {
            self.visiblePairs = visiblePairs
            self.pairs = pairs
            self.flops = flops
        }
    }

    package struct Check: Codable, Equatable, Sendable {
        package var status: VerificationStatus
        package var rowsChecked: Int
        package var rowsTotal: Int
        /// The largest |weight − float64| / float64.
        package var maxRelativeError: Double?
        package var boundRelative: Double?
        package var reasons: [String]

        package init(
            status: VerificationStatus,
            rowsChecked: Int,
            rowsTotal: Int,
            maxRelativeError: Double?,
            boundRelative: Double?,
            reasons: [String]
        ) {
            self.status = status
            self.rowsChecked = rowsChecked
            self.rowsTotal = rowsTotal
            self.maxRelativeError = maxRelativeError
            self.boundRelative = boundRelative
            self.reasons = reasons
        }
    }
}

/// A picture of red, green and blue bytes, row by row.
package struct MapImage: Codable, Equatable, Sendable {
    package var width: Int
    package var height: Int
    /// Base64 of `3 · width · height` bytes.
    package var pixels: String

    package init(width: Int, height: Int, pixels: String) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}

extension MapRecord: KeptRecord {
    package var warnings: [MeasurementWarning]? { nil }

    package var verdict: Verdict? {
        check?.status == .disagrees ? Verdict(reasons: check?.reasons ?? [], sentence: "") : nil
    }

    /// The exit code that its check comes to.
    package var ending: Int32 { check?.status.endCode ?? EndCode.done }

    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("host").requireSound(host)
        try place.requireCount(mapsPerRow, "mapsPerRow", in: 1...Self.mostMaps)
        try place.requireCount(maps.count, "maps", in: 1...Self.mostMaps)
        for (index, map) in maps.enumerated() { try map.validate(place.item("maps", index)) }
        try requireLabels(axes.rowLabels, place.key("axes.rowLabels")) { $0.firstRow + $0.rowCount }
        try requireLabels(axes.columnLabels, place.key("axes.columnLabels")) {
            $0.firstColumn + $0.columnCount
        }
        for (index, slice) in slices.enumerated() {
            let place = place.item("slices", index)
            try place.requireCount(slice.pairs, "pairs", in: 1...Int.max)
            try place.requireCount(slice.visiblePairs, "visiblePairs", in: 0...slice.pairs)
            try place.requireCount(slice.hiddenRows, "hiddenRows", in: 0...slice.pairs)
            try place.requireNotNegative(slice.meanLargest, "meanLargest")
            try place.requireNotNegative(slice.meanEntropyBits, "meanEntropyBits")
        }
        if let work {
            let place = place.key("work")
            try place.requireCount(work.pairs, "pairs", in: 1...Int.max)
            try place.requireCount(work.visiblePairs, "visiblePairs", in: 0...work.pairs)
            try place.requireCount(work.flops, "flops", in: 0...Int.max)
        }
        try place.key("check").requireNotNegative(check?.maxRelativeError, "maxRelativeError")
        if let image { try image.validate(place.key("image")) }
    }

    /// Every row or column that is drawn must have a token.
    private func requireLabels(
        _ labels: [String]?,
        _ place: RecordPlace,
        _ end: (HeatMap) -> Int
    ) throws(ExperimentError) {
        guard let labels, let needed = maps.map(end).max() else { return }
        try place.require(
            labels.count >= needed,
            "has \(counted(labels.count, "token"))",
            expected: "one for each of \(needed)"
        )
    }

    package static let mostMaps = 256
    package static let largestSide = 1024
}

extension HeatMap {
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(rowCount, "rowCount")
        try place.requireCount(columnCount, "columnCount")
        try place.requireCount(firstRow, "firstRow", in: 0...Int(Int32.max))
        try place.requireCount(firstColumn, "firstColumn", in: 0...Int(Int32.max))
        try place.requireCount(rowsPerCell, "rowsPerCell", in: 1...rowCount)
        try place.requireCount(columnsPerCell, "columnsPerCell", in: 1...columnCount)
        let sides = 1...MapRecord.largestSide
        try place.require(
            sides.contains(height) && sides.contains(width),
            "has \(height) × \(width) cells",
            expected: "at most \(MapRecord.largestSide) a side"
        )
        try place.key("cells").require(
            cells.count == height * width,
            "has \(cells.count) numbers",
            expected: "\(height) × \(width)"
        )
    }
}

extension MapImage {
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(width, "width", in: 1...MapRecord.largestSide)
        try place.requireCount(height, "height", in: 1...MapRecord.largestSide)
        try place.key("pixels").require(
            Data(base64Encoded: pixels)?.count == 3 * width * height,
            "has \(pixels.utf8.count) characters that are no such picture",
            expected: "base64 of \(3 * width * height) bytes"
        )
    }
}
