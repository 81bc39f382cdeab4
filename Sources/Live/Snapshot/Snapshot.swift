/// What the page shows of one record at one moment, as numbers and finished words.
///
/// The browser only draws it. It is small whatever the record's size: trials are thinned to what a
/// screen can show, and no outlier is lost.
package struct Snapshot: Encodable, Equatable, Sendable {
    package enum State: String, Encodable, Sendable {
        /// There is no record yet, or nothing in it.
        case waiting
        case measuring
        /// It has an exit code.
        case finished
        /// The file cannot be read as a record.
        case refused
    }

    package var state: State
    /// The name of the record's file, without `.json`.
    package var name: String
    /// The name of the file, which asks for this record or its whole page; absent without one.
    package var file: String?
    /// `run`, `scale`, `kernel`, …; empty without a record.
    package var kind = ""
    /// VALID, or what is wrong; absent while measuring.
    package var standing: String?
    /// Whether the standing is VALID and everything is proved.
    package var isGood = false
    /// The result, or how far it is, in one plain sentence.
    package var sentence: String
    /// Why the record must not be believed.
    package var reasons: [String] = []
    /// The problem and how it is split, a line each.
    package var lines: [String] = []
    /// The processor of the run.
    package var host = ""
    /// The command that measures.
    package var command = ""
    /// When the run began, UTC.
    package var started: String?
    /// When the file was last written, in milliseconds since 1970.
    package var writtenMilliseconds: Int64?
    package var progress: Progress?
    package var figures: [KeyFigure] = []
    package var trials: [Series] = []
    /// Speedups by worker count.
    package var speedups: [Speedup] = []
    package var clusters: [ClusterView] = []
    /// The last faults, newest first.
    package var faults: [FaultView] = []
    /// All of them.
    package var faultCount = 0
    package var bars: [Bar] = []
    package var ratios: [RatioView] = []
    package var warnings: [String] = []

    package init(state: State, name: String, sentence: String) {
        self.state = state
        self.name = name
        self.sentence = sentence
    }

    /// How much of the budget is spent.
    package struct Progress: Encodable, Equatable, Sendable {
        /// 0 to 1.
        package var fraction: Double
        package var text: String
    }

    /// A number that matters, beside what it is compared with.
    package struct KeyFigure: Encodable, Equatable, Sendable {
        package var name: String
        package var value: String
        package var reference: String
        /// The part of the reference that is reached; absent without a bar.
        package var fraction: Double?
    }

    /// The times of one configuration, trial by trial.
    package struct Series: Encodable, Equatable, Sendable {
        package var name: String
        /// Whether it is what others are compared with.
        package var isReference: Bool
        /// All trials, of which some may not be shown.
        package var count: Int
        /// The trials that are shown, counted from 0.
        package var trials: [Int]
        package var milliseconds: [Double]
        package var medianMilliseconds: Double
    }

    package struct Speedup: Encodable, Equatable, Sendable {
        package var workers: Int
        /// Compute threads of all workers: the ideal speedup.
        package var threads: Int
        package var value: Double
        /// One process with as many threads; absent where none was measured.
        package var singleProcess: Double?
    }

    /// The workers of one cluster, and what they compute.
    package struct ClusterView: Encodable, Equatable, Sendable {
        package var name: String
        /// `8 shards by head`, the check, the median.
        package var facts: [String]
        package var isGood: Bool
        package var workers: [WorkerView]
    }

    package struct WorkerView: Encodable, Equatable, Sendable {
        package var worker: Int
        /// The shares of its time in the trials: compute, queue, transfer, merge, idle.
        package var shares: [Double]
        /// The same in the last trial.
        package var lastShares: [Double]
        /// Shards it computed in the last trial.
        package var lastShards: Int
        /// Shards it computed in a trial, on average.
        package var meanShards: Double
        /// The part of its time for which other processes had its core; absent where nobody knows.
        package var offCore: Double?
    }

    package struct FaultView: Encodable, Equatable, Sendable {
        package var place: String
        package var reason: String
    }

    /// One row of a kernel record: what it reaches of its roof.
    package struct Bar: Encodable, Equatable, Sendable {
        package var name: String
        package var value: String
        package var fraction: Double?
        package var reference: String
        package var isGood: Bool
    }

    /// One statistic of a comparison: B's time over A's.
    package struct RatioView: Encodable, Equatable, Sendable {
        package var name: String
        package var ratio: Double
        package var lower: Double?
        package var upper: Double?
        /// The ratios within this fraction of 1 count as none.
        package var threshold: Double
        /// `faster`, `same`, …; absent before the end.
        package var verdict: String?
    }
}
