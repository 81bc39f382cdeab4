import Files

/// NumPy's `.npz`: a ZIP file whose members are `.npy` arrays, as `numpy.savez` writes it.
///
/// Compressed members are refused: they could only be read through memory twice, and undoing the
/// compression would be a second library for files that one word fewer avoids.
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
            try requireStored(member, path: file.path)
            let range = try directory.range(of: member, in: file)
            let whole = member.headerOffset..<range.upperBound
            guard !ranges.contains(where: { $0.overlaps(whole) }) else {
                throw ZipDirectory.refusal(
                    "\(file.path): member \(member.name)",
                    "overlaps another member"
                )
            }
            ranges.append(whole)
            var tensor = try NpyFile.tensor(
                in: file,
                start: range.lowerBound,
                byteCount: range.count,
                name: name
            )
            tensor.checksum = MemberChecksum(
                member: member.name,
                start: range.lowerBound,
                value: member.checksum
            )
            found.append(tensor)
        }
        return (found, others)
    }

    private static func requireStored(
        _ member: ZipDirectory.Member,
        path: String
    ) throws(ExperimentError) {
        guard !member.isEncrypted else {
            throw ExperimentError(
                .usage,
                "\(path): member \(member.name)",
                "is encrypted",
                expected: "members that can be read without a password",
                remedy: "decrypt it and write the file again with numpy.savez"
            )
        }
        guard member.method == 0 else {
            throw ExperimentError(
                .usage,
                "\(path): member \(member.name)",
                "is compressed",
                expected: "stored members",
                remedy: "write the file with numpy.savez instead of numpy.savez_compressed"
            )
        }
        guard member.storedByteCount == member.byteCount else {
            throw ZipDirectory.refusal(
                "\(path): member \(member.name)",
                "is stored in \(member.storedByteCount) bytes, but states \(member.byteCount)"
            )
        }
    }
}
