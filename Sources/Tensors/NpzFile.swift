import Files

/// NumPy's `.npz`: a ZIP file whose members are `.npy` arrays, as `numpy.savez` and
/// `savez_compressed` write it.
enum NpzFile {
    /// Finds the arrays with a name that is wanted and lists the names of all others.
    static func tensors(
        in file: borrowing OpenFile,
        where isWanted: (String) -> Bool
    ) throws(ExperimentError) -> (found: [StoredTensor], others: [String]) {
        let directory = try ZipDirectory(of: file)
        var found: [StoredTensor] = []
        var others: [String] = []
        var ranges: [Range<Int>] = []
        for member in directory.members {
            let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
            guard isWanted(name) else {
                others.append(name)
                continue
            }
            try requireReadable(member, path: file.path)
            let range = try directory.range(of: member, in: file)
            let whole = member.headerOffset..<range.upperBound
            guard !ranges.contains(where: { $0.overlaps(whole) }) else {
                throw ZipDirectory.refusal(
                    "\(file.path): member \(member.name)",
                    "overlaps another member"
                )
            }
            ranges.append(whole)
            let deflated: Inflation.Source? =
                member.method == 0
                ? nil
                : Inflation.Source(
                    member: member.name,
                    start: range.lowerBound,
                    byteCount: range.count
                )
            let start = deflated == nil ? range.lowerBound : 0
            var tensor = try NpyFile.tensor(
                in: file,
                start: start,
                byteCount: member.byteCount,
                name: name,
                deflated: deflated
            )
            tensor.checksum = MemberChecksum(
                member: member.name,
                start: start,
                value: member.checksum
            )
            found.append(tensor)
        }
        return (found, others)
    }

    /// A byte of deflated content is at most this many bytes: a match of 258 takes two bits.
    private static let largestRatio = 1032

    private static func requireReadable(
        _ member: ZipDirectory.Member,
        path: String
    ) throws(ExperimentError) {
        let subject = "\(path): member \(member.name)"
        guard !member.isEncrypted else {
            throw ExperimentError(
                .usage,
                subject,
                "is encrypted",
                expected: "members that can be read without a password",
                remedy: "decrypt it and write the file again with numpy.savez"
            )
        }
        guard member.method == 0 || member.method == 8 else {
            throw ExperimentError(
                .usage,
                subject,
                "is compressed by method \(member.method)",
                expected: "members that are stored or deflated",
                remedy: "write the file with numpy.savez or numpy.savez_compressed"
            )
        }
        let (stored, stated) = (member.storedByteCount, member.byteCount)
        let isPossible =
            member.method == 0 ? stored == stated : stated / largestRatio <= stored
        guard isPossible else {
            throw ZipDirectory.refusal(
                subject,
                "is stored in \(stored) bytes, but states \(stated)"
            )
        }
    }
}
