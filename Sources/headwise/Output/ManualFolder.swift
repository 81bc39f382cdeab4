import Files
import FoundationEssentials

/// Where the pages of the manual go, and how `man` finds them there.
struct ManualFolder {
    /// `~/.local/share/man`, or where XDG_DATA_HOME says.
    let path: String
    /// Whether `man` looks there without being told.
    let isFound: Bool

    init(_ folders: UserFolders) {
        let folder = folders.data + "/man"
        path = folder
        let environment = ProcessInfo.processInfo.environment
        func list(_ name: String) -> [Substring] {
            (environment[name] ?? "").split(separator: ":")
        }
        // For each folder `bin` in PATH, man looks into `share/man` beside it.
        let programs =
            folder.hasSuffix("/share/man") ? folder.dropLast("share/man".count) + "bin" : ""
        isFound =
            list("MANPATH").contains { $0 == folder }
            || list("PATH").contains { $0 == programs }
    }

    /// Writes all pages; returns the path of the first.
    func write(_ pages: [ManualPage]) throws(ExperimentError) -> String {
        for page in pages {
            try TextOutput.renew(path: "\(path)/man1/\(page.name).1").write(page.source)
        }
        return "\(path)/man1/\(pages.first?.name ?? "").1"
    }
}
