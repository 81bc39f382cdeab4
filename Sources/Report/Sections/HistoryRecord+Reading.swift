import Files
import Host
import Platform
import Record

extension HistoryRecord {
    /// Reads the records in folders, and single records.
    ///
    /// A file that cannot be read is listed with the reason and does not stop the others; what a
    /// script measured (`ScriptRecord`) is passed over. Throws where a folder cannot be read, or
    /// where there is no record at all.
    package static func read(
        _ sources: [String],
        host: HostDescription,
        started: String,
        commandLine: [String]
    ) throws(ExperimentError) -> HistoryRecord {
        let paths = try paths(in: sources)
        let found = concurrentMap(paths.count, threads: min(host.usableCPUCount, 16)) { index in
            Found(reading: paths[index])
        }
        var records: [Measured] = []
        var unread: [UnreadFile] = []
        var ofScripts: [UnreadFile] = []
        for (path, found) in zip(paths, found) {
            switch found {
            case .record(let record): records.append((path, record))
            case .other(let schema):
                let file = UnreadFile(path: path, reason: "another schema", schema: schema)
                if ScriptRecord.schemas.contains(schema) {
                    ofScripts.append(file)
                } else {
                    unread.append(file)
                }
            case .unread(let error): unread.append(UnreadFile(path: path, reason: "\(error)"))
            }
        }
        guard !records.isEmpty else { throw nothing(in: sources, unread + ofScripts) }
        return HistoryRecord(
            host: host,
            started: started,
            commandLine: commandLine,
            sources: sources,
            entries: entries(of: records),
            unread: unread
        )
    }

    /// `run`, `scale` and so on: the kinds of record that a history holds.
    package static var heldKinds: [String] { heldTypes.flatMap { $0.kinds } }

    private static let heldTypes = StoredRecord.kinds.compactMap { $0 as? any HistoricRecord.Type }

    /// What a file turned out to be.
    private enum Found: Sendable {
        case record(any HistoricRecord)
        /// A plan, a picture, a history, what a script measured, or a file of another program.
        case other(schema: String)
        case unread(ExperimentError)

        init(reading path: String) {
            do throws(ExperimentError) {
                let file = try JSONFile(reading: path, noun: "record")
                guard let kind = heldTypes.first(where: { $0.schemas.contains(file.schema) }) else {
                    self = .other(schema: file.schema)
                    return
                }
                let record = try kind.init(checking: file)
                if let run = record as? RunRecord {
                    // A thousand records of a hundred thousand trials would not fit into memory.
                    self = .record(run.withoutWorkerTimes)
                } else {
                    self = .record(record)
                }
            } catch {
                self = Self.hasNoSchema(path) ? .other(schema: "") : .unread(error)
            }
        }

        /// Whether it is sound JSON of another program.
        private static func hasNoSchema(_ path: String) -> Bool {
            struct Head: Decodable {
                var schema: String?
            }
            do throws(ExperimentError) {
                let bytes = try OpenFile.contents(of: path, limit: JSONFile.largestBytes)
                return try JSONText.decode(Head.self, from: bytes, source: path).schema == nil
            } catch {
                return false
            }
        }
    }

    /// The files to read, each once.
    private static func paths(in sources: [String]) throws(ExperimentError) -> [String] {
        var paths: [String] = []
        for source in sources {
            guard !source.isEmpty else { throw .emptyPath }
            guard FileSystem.isFolder(source) else {
                guard FileSystem.exists(source) else { throw missing(source) }
                paths.append(source)
                continue
            }
            let folder = source.hasSuffix("/") ? source : source + "/"
            paths += try FileSystem.names(in: source).filter { $0.hasSuffix(".json") }
                .map { folder + $0 }
        }
        var places: Set<FilePlace> = []
        return paths.filter { places.insert(FilePlace($0)).inserted }
    }

    private static func missing(_ source: String) -> ExperimentError {
        ExperimentError(
            .environment,
            source,
            "does not exist",
            expected: "a folder of records, such as the results folder of earlier runs",
            remedy: "name that folder, or make a record with 'headwise run'"
        )
    }

    private static func nothing(in sources: [String], _ unread: [UnreadFile]) -> ExperimentError {
        let place = sources.joined(separator: ", ")
        guard let first = unread.first else {
            return ExperimentError(
                .environment,
                place,
                "has no .json file",
                expected: "records that headwise wrote",
                remedy: "name another folder, or make a record with 'headwise run'"
            )
        }
        return ExperimentError(
            .usage,
            place,
            "has no record; the first of \(unread.count) files: "
                + (first.schema.map { schema in
                    schema.isEmpty
                        ? "\(first.path) has no schema" : "\(first.path) has the schema “\(schema)”"
                } ?? first.reason),
            expected: heldTypes.flatMap { $0.schemas }.joined(separator: ", "),
            remedy: "name another folder"
        )
    }
}
