import ArgumentParser
import Attention
import Files
import Images
import Measuring
import Plan
import Platform
import Record
import Tensors

struct WeightsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights",
        abstract: "Draw attention weights as heat maps.",
        discussion: """
            Computes the weights with the kernel of 'run', checks some rows against float64, and draws \
            them in the terminal, and with --picture as SVG or PNG. By default the problem is small: 1 \
            batch element, 4 heads, 32 rows. Examples:
              headwise weights --input qkv.safetensors --mask causal --slices 0:0,0:5
              headwise weights --length 4096 --mask causal+window:256 --picture w.svg
              headwise weights --from w.safetensors --rows 0-255 --keys 0-255
            """
    )

    @OptionGroup(title: "Problem") var problem: ProblemOptions

    @Option(
        help: ArgumentHelp(
            """
            Draw the weights in this .npy or .safetensors file, as 'run --weights' writes them, \
            instead of computing some.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var from: String?

    @Option(
        help: "The instruction set: avx512, avx2 or baseline. Default: the best of this CPU.",
        completion: .names(of: InstructionSet.self)
    )
    var isa: String?

    @OptionGroup(title: "Picture") var map: MapOptions

    @Option(
        help: "What a cell of several weights shows: maximum or mean. Default: maximum.",
        completion: .names(of: HeatMap.Reduction.self)
    )
    var reduce: String?

    @Option(
        help: "How colours follow weights: linear or log. Default: linear.",
        completion: .names(of: MapRecord.ColorScale.self)
    )
    var scale: String?

    @Option(
        help: ArgumentHelp(
            "A file of tokens, one on each line, one for each row.",
            valueName: "file"
        ),
        completion: .file()
    )
    var queryLabels: String?

    @Option(
        help: ArgumentHelp(
            "A file of tokens, one on each line, one for each key.",
            valueName: "file"
        ),
        completion: .file()
    )
    var keyLabels: String?

    @Option(
        help: ArgumentHelp(
            "Draw each row's weights over a grid of keys, rows x columns, such as 14x14.",
            valueName: "grid"
        )
    )
    var grid: String?

    @Option(
        help: ArgumentHelp(
            "Lay --grid over this .png file, drawn in light grey; red is attended.",
            valueName: "file"
        ),
        completion: .file()
    )
    var image: String?

    func run() throws {
        let interruption = try Interruption()
        var request = try map.request()
        if let reduce { request.reduction = try choice("--reduce", reduce) }
        if let scale { request.scale = try choice("--scale", scale) }
        request.rowLabels = try queryLabels.map { path throws(ExperimentError) in
            try TokenLabels(reading: path, flag: "--query-labels")
        }
        request.columnLabels = try keyLabels.map { path throws(ExperimentError) in
            try TokenLabels(reading: path, flag: "--key-labels")
        }
        request.grid = try gridSizes()
        if grid != nil { try map.requireGrid(keyLabels) }
        request.image = try pixels()
        if let from {
            try requireOnlyPicture()
            let stored = try StoredWeights(reading: from, flag: "--from")
            return try map.run(interruption) { _ in
                try MapRecord.weights(
                    in: stored,
                    path: from,
                    request,
                    interruption: interruption
                )
            }
        }
        let plan = try plan()
        let stated = PlanBuilder.statedFlags(of: problem)
        try map.run(interruption) { progress in
            try MapRecord.weights(
                of: plan,
                stated: stated,
                request,
                interruption: interruption,
                note: map.printing.note,
                progress: progress
            )
        }
    }

    private func plan() throws -> RunPlan {
        var plan = RunPlan { plan in
            (plan.batch, plan.heads, plan.length, plan.workers) = (1, 4, 32, [1])
        }
        try problem.apply(to: &plan)
        if let isa { plan.instructionSet = .one(try choice("--isa", isa)) }
        return plan
    }

    /// A file has its own sizes.
    private func requireOnlyPicture() throws(ExperimentError) {
        guard let flag = problem.someGiven ?? (isa == nil ? nil : "--isa") else { return }
        throw ExperimentError(
            .usage,
            flag,
            "has no effect on --from, which has the weights of its own problem",
            expected: "no flag of a problem beside it",
            remedy: "leave out --from, or \(flag)"
        )
    }

    private func gridSizes() throws(ExperimentError) -> (rows: Int, columns: Int)? {
        guard let grid else { return nil }
        let sizes = grid.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sizes.count == 2, let rows = sizes[0], let columns = sizes[1],
            (1...MapRecord.largestSide).contains(rows),
            (1...MapRecord.largestSide).contains(columns)
        else {
            throw ExperimentError(
                .usage,
                "--grid \(grid)",
                "is no grid",
                expected: "rows x columns, each 1 to \(MapRecord.largestSide), such as 14x14",
                remedy: "write for example --grid 14x14"
            )
        }
        return (rows, columns)
    }

    private func pixels() throws(ExperimentError) -> MapImage? {
        guard let image else { return nil }
        guard grid != nil else {
            throw ExperimentError(
                .usage,
                "--image \(image)",
                "has no grid of keys to lie under",
                expected: "--grid with rows x columns of keys",
                remedy: "give --grid, such as --grid 14x14"
            )
        }
        let picture = try PNGPicture(reading: image, flag: "--image").fitting(side: 160)
        return MapImage(width: picture.width, height: picture.height, pixels: picture.base64)
    }
}
