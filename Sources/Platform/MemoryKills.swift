/// How many processes of this process's control group the kernel has ended for lack of memory.
package enum MemoryKills {
    /// Nil where nobody counts.
    ///
    /// The count of a group above would include other containers.
    package static func count(files: SystemFiles) -> UInt64? {
        let folders = ControlGroupFolders(files: files)
        let texts =
            folders.version2.map { "\($0)/memory.events" }
            + folders.version1("memory").map { "\($0)/memory.oom_control" }
        return texts.lazy.compactMap { files.contents($0).flatMap(kills) }.first
    }

    /// The number in the line `oom_kill N`.
    private static func kills(_ text: String) -> UInt64? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return UInt64(words[1]) }
        }
        return nil
    }
}
