import Report
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Example {
    /// Three estimators of a noisy curve.
    static let kernelRegression = Example(
        "kernel-regression",
        "a noisy curve from equal, Gaussian and learned weights"
    ) { run in
        func truth(_ x: Double) -> Double { 2 * sin(x) + pow(x, 0.8) }
        var numbers = SeededNumbers(seed: 5)
        let x = (0..<50).map { _ in 5 * numbers.uniform() }.sorted()
        let y = x.map { truth($0) + 0.5 * numbers.normal() }
        let tests = (0..<50).map { Double($0) / 10 }
        func column(_ values: [Double]) -> TensorFile {
            TensorFile([1, 1, values.count, 1], values.map { Float($0) })
        }
        try run.write("data.safetensors", q: column(tests), k: column(x), v: column(y))
        let problem = ["--operation", "kernel-regression", "--input", run.path("data.safetensors")]
        var curves = [
            CurvesPicture.Series("data", Array(zip(x, y)), isData: true),
            CurvesPicture.Series("the curve without noise", tests.map { ($0, truth($0)) }),
        ]
        var errors: [(name: String, error: Double)] = []
        for pooling in ["average", "gaussian", "learned"] {
            try run.headwise(
                ["run"] + problem + [
                    "--pooling", pooling, "--output", run.path("\(pooling).npy"),
                ] + ExampleRun.quick,
                record: "\(pooling).json",
                isShown: pooling == "learned"
            )
            let found = try run.tensor("\(pooling).npy").elements.map { Double($0) }
            curves.append(.init(pooling, Array(zip(tests, found))))
            let squares = zip(tests, found).map { ($1 - truth($0)) * ($1 - truth($0)) }
            errors.append((pooling, (squares.reduce(0, +) / 50).squareRoot()))
            guard pooling != "average" else { continue }
            try run.headwise(
                ["weights"] + problem + ["--pooling", pooling]
                    + run.picture("\(pooling)-weights.svg"),
                record: "\(pooling)-weights.json"
            )
        }
        run.say("")
        try run.draw("three-estimates-of-a-curve.svg", CurvesPicture(x: "x", y: "y", curves))
        run.say("\nestimator    RMS distance from the curve without noise")
        for row in errors { run.say("\(row.name)\(right(two(row.error), 24 - row.name.count))") }
        let training = try run.runRecord("learned.json").training
        let losses = training?.epochs.compactMap(\.meanSquaredError) ?? []
        let (before, after) = (losses.first ?? 0, losses.last ?? 0)
        try run.finish([
            "Look at the second heat map: the learned width narrows the weights round the diagonal, and "
                + "the mean squared error falls from \(two(before)) to \(two(after)).",
            "So the learned curve follows the data more closely than the Gaussian one, and is less smooth.",
        ])
    }

    /// What each kind of attention costs as the sequence grows.
    static let globalLocalSparse = Example(
        "global-local-sparse",
        "time and work over length, for five kinds of attention"
    ) { run in
        let lengths = [512, 1024, 2048, 4096]
        let kinds: [(name: String, flags: [String])] = [
            ("all keys", []),
            ("window", ["--mask", "window:129+128"]),
            ("Longformer", ["--mask", "longformer:window=256,global=0+1"]),
            ("BigBird", ["--mask", "bigbird:window=3,random=3,block=64"]),
            ("Linformer", ["--linformer", "256"]),
        ]
        var times: [CurvesPicture.Series] = []
        var works: [CurvesPicture.Series] = []
        for (name, flags) in kinds {
            var (time, work): ([(x: Double, y: Double)], [(x: Double, y: Double)]) = ([], [])
            for length in lengths {
                let record =
                    "\(name.lowercased().split(separator: " ").joined(separator: "-"))-\(length).json"
                try run.headwise(
                    [
                        "run", "--batch", "1", "--heads", "4", "--head-dimension", "64", "--length",
                        "\(length)",
                    ] + flags + ExampleRun.timed,
                    record: record,
                    isShown: false
                )
                let point = try run.runRecord(record).points.first
                guard let summary = point?.summary, let rate = summary.gigaflopsPerSecond else {
                    continue
                }
                let nanoseconds = summary.wall.medianNanoseconds
                time.append((Double(length), nanoseconds / 1e6))
                work.append((Double(length), rate * nanoseconds / 1e9))
            }
            times.append(.init(name, time))
            works.append(.init(name, work))
        }
        for kind in kinds.dropFirst().prefix(3) {
            try run.headwise(
                ["mask"] + kind.flags + ["--length", "1024"]
                    + run.picture("\(kind.name.lowercased()).svg"),
                record: "\(kind.name.lowercased())-mask.json",
                isShown: false
            )
        }
        run.say("")
        try run.draw(
            "time-over-length.svg",
            CurvesPicture(x: "length", y: "ms", isLogarithmic: true, times)
        )
        try run.draw(
            "work-over-length.svg",
            CurvesPicture(x: "length", y: "GFLOP", isLogarithmic: true, works)
        )
        run.say("\nms (GFLOP)  " + lengths.map { right($0, 16) }.joined())
        for (time, work) in zip(times, works) {
            let cells = zip(time.points, work.points).map { time, work in
                right("\(two(time.y)) (\(two(work.y)))", 16)
            }
            run.say(time.name + right("", 12 - time.name.count) + cells.joined())
        }
        func growth(_ series: CurvesPicture.Series?) -> Double {
            guard let first = series?.points.first, let last = series?.points.last else { return 0 }
            return last.y / first.y
        }
        try run.finish([
            "Look at how time grows: at eight times the length, all keys take "
                + "\(two(growth(times.first))) times as long, and a window \(two(growth(times[1]))) times.",
            "The work is what is counted, \(two(growth(works.first))) and "
                + "\(two(growth(works[1]))) times; where time grows with it, the kernel computes only "
                + "what the pattern shows.",
        ])
    }
}
