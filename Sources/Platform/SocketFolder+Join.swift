import Glibc

/// What a worker reads that no process of the run has started: where to connect, and how to be let in.
///
/// It stands in a folder that only its owner may enter, beside the run's socket if there is one, and is
/// removed with that. So it is in no argument and in no environment.
extension SocketFolder {
    static let joinFile = "join.json"
    private static let mostBytes = 4096

    /// Writes the file into the folder at `path`; only this user may read it.
    package static func writeJoin(_ bytes: [UInt8], in path: String) throws(RunError) {
        let file = "\(path)/\(joinFile)"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe open(file, flags, 0o600)
        guard descriptor >= 0 else { throw .system("opening \(file)", errno) }
        defer { close(descriptor) }
        try System.write(bytes, to: descriptor)
    }

    /// Reads the file of a folder, if nobody else could have read or written either.
    package static func readJoin(_ folder: String) throws(RunError) -> [UInt8] {
        let place = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else {
            throw RunError(
                .environment,
                "the join folder \(folder) cannot be opened (\(SystemError("open", errno).reason)): the run is "
                    + "over, has all its workers, or is on a machine whose files are not here"
            )
        }
        defer { close(place) }
        try requirePrivate(place, folder, S_IFDIR, "a folder", "700")
        let path = "\(folder)/\(joinFile)"
        let file = unsafe openat(place, joinFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            throw RunError(
                .environment,
                "\(path) cannot be opened (\(SystemError("open", errno).reason)): expected the file with which "
                    + "workers join a run; use the folder that the run named"
            )
        }
        defer { close(file) }
        try requirePrivate(file, path, S_IFREG, "a file", "600")
        return try System.read(mostBytes, from: file)
    }

    private static func requirePrivate(
        _ descriptor: Int32,
        _ path: String,
        _ type: mode_t,
        _ kind: String,
        _ mode: String
    ) throws(RunError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system("fstat", errno) }
        guard status.st_mode & S_IFMT == type, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            throw RunError(
                .environment,
                "\(path) is not safe: expected \(kind) of this user with mode \(mode), as the run makes "
                    + "it; use the one that the run named"
            )
        }
    }
}
