/// How much memory processes have, as the kernel counts it; shared pages count in each.
package enum ResidentMemory {
    /// The memory of a process of this machine, or of this one; nil where nobody can tell.
    package static func byteCount(
        ofProcess identifier: Int32? = nil,
        files: SystemFiles = .live
    ) -> Int? {
        status("VmRSS", identifier, files)
    }

    /// The most that this process has had.
    package static func peakByteCount(files: SystemFiles = .live) -> Int? {
        status("VmHWM", nil, files)
    }

    private static func status(_ name: String, _ process: Int32?, _ files: SystemFiles) -> Int? {
        let text = files.contents("/proc/\(process.map { "\($0)" } ?? "self")/status")
        let line = text?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        let fields = line?.split(whereSeparator: \.isWhitespace)
        guard let fields, fields.count == 3, fields[2] == "kB" else { return nil }
        return Int(fields[1]).map { $0 * 1024 }
    }
}
