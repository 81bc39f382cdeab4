/// Finds the commit of the checkout that a program was built in, by reading git's own files: to
/// spawn git would need it installed, and would disturb what is measured.
struct CommitLookup {
    var files: SystemFiles

    /// Looks in the folders above the program for a repository that holds a Swift package; nil
    /// when there is none, as for an installed copy.
    func commit(ofProgram path: String?) -> String? {
        guard let path else { return nil }
        var names = path.split(separator: "/")
        for _ in 0..<8 where !names.isEmpty {
            names.removeLast()
            let folder = names.map { "/" + $0 }.joined()
            guard files.contents("\(folder)/Package.swift") != nil else { continue }
            if let gitFolder = gitFolder(of: folder) { return head(of: gitFolder) }
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

    private static func digits(_ text: some StringProtocol) -> String? {
        let isCommit = text.count >= 40 && text.allSatisfy(\.isHexDigit)
        return isCommit ? String(text) : nil
    }
}
