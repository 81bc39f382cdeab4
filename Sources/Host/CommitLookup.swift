import Platform

/// Finds the commit of the checkout that a program was built in, by reading git's own files.
///
/// Starting git would need an installed git and would disturb the measurement. The commit is the
/// one that was checked out when the program was linked. It comes from git's log of `HEAD`, because
/// the checkout may have changed since then.
struct CommitLookup {
    var files: SystemFiles

    /// Looks in the folders above the program for a repository that holds a Swift package; nil
    /// when there is none, as for an installed copy.
    ///
    /// `linkSeconds` is when the program was linked, in seconds since 1970.
    func commit(ofProgram path: String?, linkSeconds: Int?) -> String? {
        guard let path else { return nil }
        var names = path.split(separator: "/")
        for _ in 0..<8 where !names.isEmpty {
            names.removeLast()
            let folder = names.map { "/" + $0 }.joined()
            guard files.contents("\(folder)/Package.swift") != nil else { continue }
            guard let gitFolder = gitFolder(of: folder) else { continue }
            let log = files.contents("\(gitFolder)/logs/HEAD") ?? ""
            guard let linkSeconds, !log.isEmpty else { return head(of: gitFolder) }
            return Self.commit(in: log, at: linkSeconds)
        }
        return nil
    }

    /// A linked work tree has a file `.git` that names its folder.
    private func gitFolder(of folder: String) -> String? {
        if files.contents("\(folder)/.git/HEAD") != nil { return "\(folder)/.git" }
        guard let link = files.line("\(folder)/.git"), link.hasPrefix("gitdir:") else {
            return nil
        }
        let target = trimmed(link.dropFirst("gitdir:".count))
        return target.hasPrefix("/") ? target : "\(folder)/\(target)"
    }

    private func head(of gitFolder: String) -> String? {
        guard let head = files.line("\(gitFolder)/HEAD") else { return nil }
        guard head.hasPrefix("ref:") else { return Self.digits(head) }
        let reference = trimmed(head.dropFirst("ref:".count))
        // A linked work tree keeps its branches in the folder of the main one.
        let shared = files.line("\(gitFolder)/commondir").map {
            $0.hasPrefix("/") ? $0 : "\(gitFolder)/\($0)"
        }
        for folder in [gitFolder] + (shared.map { [$0] } ?? []) {
            if let commit = files.line("\(folder)/\(reference)") { return Self.digits(commit) }
            for line in (files.contents("\(folder)/packed-refs") ?? "").split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 2, words[1] == reference { return Self.digits(words[0]) }
            }
        }
        return nil
    }

    /// The commit that a log of `HEAD` ends with up to a time; nil when it begins later.
    ///
    /// A line is `OLD NEW NAME <MAIL> SECONDS ZONE`, a tab and what was done.
    private static func commit(in log: String, at time: Int) -> String? {
        var commit: String?
        for line in log.split(separator: "\n") {
            let words = line.prefix { $0 != "\t" }.split(separator: " ")
            guard words.count >= 4, let seconds = Int(words[words.count - 2]), seconds <= time
            else { continue }
            commit = digits(words[1])
        }
        return commit
    }

    private static func digits(_ text: some StringProtocol) -> String? {
        let isCommit = text.count >= 40 && text.allSatisfy(\.isHexDigit)
        return isCommit ? String(text) : nil
    }
}
