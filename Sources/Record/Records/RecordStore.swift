import Files
import Platform

/// The one file of a run, reserved before the run and rewritten from time to time.
///
/// Each writing replaces the whole file. So a killed run leaves what was measured before the last
/// writing, and a reader never sees half a record. A store without any writing leaves no file, and
/// one without a file keeps nothing.
package struct RecordStore: ~Copyable {
    /// The word that `--record` takes for no file.
    package static let nothing = "none"

    private var file: ClaimedFile?
    /// Nil where nothing is kept.
    package let path: String?
    private var policy = KeepingPolicy()
    /// Whether a record was written, to its file or, without one, to nowhere.
    package private(set) var isFilled = false

    /// Reserves a new `<folder>/<UTC time>-<name>.json`.
    ///
    /// A missing folder is made, and removed again when no record is written. Two runs within a
    /// second get different names: the second ends in `-2`.
    package static func reserve(
        folder: String = "results",
        name: String,
        at time: UTCTime = .now
    ) throws(ExperimentError) -> RecordStore {
        let isNew = try FileSystem.makeFolder(folder, for: "records")
        for attempt in 1...1000 {
            let suffix = attempt == 1 ? "" : "-\(attempt)"
            let path = "\(folder)/\(time.fileStamp)-\(name)\(suffix).json"
            if let file = try ClaimedFile(ifFree: path, newFolder: isNew ? folder : nil) {
                return try RecordStore(holdingRoomIn: file, path: path)
            }
        }
        throw ExperimentError(
            .environment,
            folder,
            "already has a thousand records of this second",
            expected: "a free name for one more",
            remedy: "give the record's path with --record"
        )
    }

    /// Reserves the path of `--record`, where nothing may exist yet; none for `none`.
    package static func reserve(path: String) throws(ExperimentError) -> RecordStore {
        // A file of this name would be ./none.
        guard path != nothing else { return RecordStore(file: nil, path: nil) }
        guard path != "-" else {
            throw ExperimentError(
                .usage,
                "--record -",
                "names no file",
                expected: "the path of a new file",
                remedy: "use --format json to print the record to standard output"
            )
        }
        return try RecordStore(
            holdingRoomIn: try ClaimedFile.claim(path, flag: "--record"),
            path: path
        )
    }

    /// Room for the record of a usual run, with all of its samples.
    private static let roomBytes = 1 << 20

    /// Writes the final record, with room that was held for it; returns the reason if it could not.
    ///
    /// What was measured is not lost then: the caller prints it.
    package mutating func finish(_ record: some Encodable) -> ExperimentError? {
        do throws(ExperimentError) {
            let text = try JSONText.encode(record)
            try file?.finishContent(text)
            isFilled = true
            return nil
        } catch {
            return error
        }
    }

    /// Makes `record` the content of the file and returns its text.
    @discardableResult
    package mutating func write(_ record: some Encodable) throws(ExperimentError) -> String {
        let text = try JSONText.encode(record)
        try file?.replaceContent(text)
        isFilled = true
        return text
    }

    /// Writes the record of a run that continues, unless it is too early to write again.
    ///
    /// A failure to write now is no error yet: the record at the end holds everything again, and
    /// its writing reports the failure. `record` is made only when it is written, and may be nil
    /// when there is nothing to keep.
    ///
    /// - Returns: The nanoseconds it took, which do not belong to a trial.
    @discardableResult
    package mutating func keep(
        clock: () -> UInt64 = { Clock.nanoseconds },
        _ record: () -> (some Encodable)?
    ) -> UInt64 {
        let start = clock()
        guard path != nil, policy.isDue(at: start), let record = record() else { return 0 }
        // As said above.
        _ = try? write(record)
        let end = clock()
        policy.noteWriting(from: start, to: end)
        return end - start
    }

    private init(
        holdingRoomIn file: consuming ClaimedFile,
        path: String
    ) throws(ExperimentError) {
        try file.holdRoom(for: Self.roomBytes)
        self.init(file: file, path: path)
    }

    private init(file: consuming ClaimedFile?, path: String?) {
        self.file = file
        self.path = path
    }
}
