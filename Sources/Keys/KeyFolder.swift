import Files
import Work
import ZeroMQ

/// The keys of a coordinator and its workers, in a folder with a file for each.
///
/// The key of a worker is the key of its rank. So one folder on a file system that all hosts share is
/// enough, nothing is copied by hand, and a worker's key says which worker it is. A host that does not
/// see the folder has one of its own, with the coordinator's public key and the secret keys of its
/// workers alone.
package struct KeyFolder: Hashable, Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    // MARK: Making

    /// Makes the folder and new keys for a coordinator and workers of the ranks from 0.
    ///
    /// The folder appears with all its files, or not at all; one that exists is refused.
    ///
    /// - Returns: The fingerprint of the coordinator's public key.
    @discardableResult
    package static func make(
        _ path: String,
        workerCount: Int
    ) throws(ExperimentError) -> String {
        var folder = try NewFolder(at: path, for: "keys")
        var fingerprint = ""
        for owner in [.coordinator] + (0..<workerCount).map(KeyOwner.worker) {
            let pair: KeyPair
            do {
                pair = try .random()
            } catch {
                throw ExperimentError(
                    .environment,
                    path,
                    "cannot be made: \(error)",
                    expected: "a ZeroMQ library with CURVE",
                    remedy: "install the package libzmq5 of your system"
                )
            }
            if owner == .coordinator { fingerprint = pair.publicKey.fingerprint }
            for kind in [KeyFile.Kind.known, .secret] {
                let file = KeyFile(owner: owner, kind: kind)
                try folder.add(file.name, file.text(of: pair), permissions: file.permissions)
            }
        }
        try folder.publish()
        return fingerprint
    }

    // MARK: Reading

    /// What a coordinator of so many workers needs: its own keys, and the public key of each worker.
    package func coordinatorKeys(
        workerCount: Int
    ) throws(ExperimentError) -> CoordinatorKeys {
        try requireSafe()
        let own = try pair(of: .coordinator)
        var ranks: [PublicKey: Int] = [:]
        for rank in 0..<workerCount {
            let file = KeyFile(owner: .worker(rank: rank), kind: .known)
            guard FileSystem.exists("\(path)/\(file.name)") else {
                throw ExperimentError(
                    .environment,
                    "--keys \(path)",
                    "has no file \(file.name)",
                    expected: "the public keys of \(counted(workerCount, "worker"))",
                    remedy: "make a folder for them with 'headwise keys new NEW --workers "
                        + "\(workerCount)'"
                )
            }
            let key = try file.readPublic(in: path)
            if let other = ranks.updateValue(rank, forKey: key) {
                throw ExperimentError(
                    .environment,
                    "--keys \(path)",
                    "has one public key for worker \(other) and for worker \(rank)",
                    expected: "a key for each worker",
                    remedy: "make new keys with 'headwise keys new'"
                )
            }
        }
        return CoordinatorKeys(pair: own, ranks: ranks)
    }

    /// What a worker needs: its own keys, and the coordinator's public key.
    package func workerKeys(rank: Int) throws(ExperimentError) -> WorkerKeys {
        try requireSafe()
        return WorkerKeys(
            rank: rank,
            pair: try pair(of: .worker(rank: rank)),
            coordinator: try KeyFile(owner: .coordinator, kind: .known).readPublic(in: path)
        )
    }

    /// The only worker whose secret key is here.
    package func onlyRank() throws(ExperimentError) -> Int {
        try requireSafe()
        let ranks = try FileSystem.names(in: path).compactMap { name -> Int? in
            guard name.hasSuffix(".secret"), case .worker(let rank) = KeyOwner(name.dropLast(7))
            else { return nil }
            return rank
        }
        guard ranks.count == 1 else {
            throw ExperimentError(
                .environment,
                "--keys \(path)",
                "has the secret keys of \(counted(ranks.count, "worker"))",
                expected: "one, or the number of the worker",
                remedy: "say with --rank which worker this is"
            )
        }
        return ranks[0]
    }

    /// A secret key, whose public one must be that of its file, if it is there.
    private func pair(of owner: KeyOwner) throws(ExperimentError) -> KeyPair {
        let pair = try KeyFile(owner: owner, kind: .secret).readPair(in: path)
        let known = KeyFile(owner: owner, kind: .known)
        guard FileSystem.exists("\(path)/\(known.name)") else { return pair }
        guard try known.readPublic(in: path) == pair.publicKey else {
            throw ExperimentError(
                .environment,
                "\(path)/\(known.name)",
                "is not the public key of \(owner).secret",
                expected: "two files of one 'headwise keys new'",
                remedy: "copy both files again, or make new keys"
            )
        }
        return pair
    }

    /// Others who can change the folder can put keys of their own into it.
    private func requireSafe() throws(ExperimentError) {
        guard FileSystem.isFolder(path) else {
            throw ExperimentError(
                .environment,
                "--keys \(path)",
                FileSystem.exists(path) ? "is no folder" : "is not there",
                expected: "a folder that 'headwise keys new' made",
                remedy: "check the path, or make it with 'headwise keys new \(path)'"
            )
        }
        guard FileSystem.isOwn(path) else {
            throw ExperimentError(
                .environment,
                "--keys \(path)",
                "belongs to another user, who can change it",
                expected: "a folder of yours",
                remedy: "make one with 'headwise keys new'"
            )
        }
        let permissions = try FileSystem.permissions(ofFolder: path)
        guard permissions & 0o022 == 0 else {
            throw ExperimentError(
                .environment,
                "--keys \(path)",
                "may be changed by other users (mode \(String(permissions, radix: 8)))",
                expected: "mode 700",
                remedy: "run 'chmod 700 \(path)', and check that the files are yours"
            )
        }
    }
}

/// What a coordinator shows, and whom it lets in.
package struct CoordinatorKeys: Sendable {
    package let pair: KeyPair
    /// The rank of each worker, by its public key.
    package let ranks: [PublicKey: Int]
}

/// What a worker shows, and whom it trusts.
package struct WorkerKeys: Sendable {
    package let rank: Int
    package let pair: KeyPair
    /// The coordinator's public key.
    package let coordinator: PublicKey
}
