import Files
import FoundationEssentials
import Work

/// What is followed: one record, or the newest of a folder.
package enum FollowedPlace: Equatable, Sendable {
    case record(folder: String, name: String)
    case folder(String)

    /// The folder that runs write to unless they are told otherwise.
    package static let usual = "results"

    /// The place that a user names; nil for the usual one.
    ///
    /// A record or the usual folder may come later. Whatever else is missing is an error, and so is
    /// a file that is no record.
    package init(_ path: String?) throws(ExperimentError) {
        guard let path else {
            self = .folder(Self.usual)
            return
        }
        guard !path.isEmpty else { throw .emptyPath }
        if FileStamp(ofFolder: path) != nil {
            self = .folder(path)
            return
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let name = String(parts.last ?? "")
        let above = parts.dropLast().joined(separator: "/")
        let folder = parts.count == 1 ? "." : above.isEmpty ? "/" : above
        guard FileStamp(of: path) != nil || name.hasSuffix(".json"),
            FileStamp(ofFolder: folder) != nil
        else {
            throw ExperimentError(
                .environment,
                path,
                "does not exist",
                expected: "a folder of records, or a record that ends in .json, in a folder that "
                    + "exists",
                remedy: "check the path"
            )
        }
        self = .record(folder: folder, name: name)
    }

    package var folder: String {
        switch self {
        case .record(let folder, _): folder
        case .folder(let folder): folder
        }
    }

    package func path(of name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// As the user named it.
    package var text: String {
        switch self {
        case .record(_, let name): path(of: name)
        case .folder(let folder): folder
        }
    }

    /// The files that may be records, newest first; those of one moment by name.
    ///
    /// A link in a folder is left out, because it may lead out of it.
    func files() -> [(name: String, stamp: FileStamp)] {
        switch self {
        case .record(_, let name):
            return FileStamp(of: path(of: name)).map { [(name, $0)] } ?? []
        case .folder(let folder):
            // A folder that cannot be listed, or is not there yet, has no records.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
                .compactMap { name in
                    FileStamp(of: path(of: name), followingLinks: false).map { (name, $0) }
                }
                .sorted {
                    ($0.1.writtenNanoseconds, $0.0) > ($1.1.writtenNanoseconds, $1.0)
                }
        }
    }
}
