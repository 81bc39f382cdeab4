import Files
import ZeroMQ

/// One key in a file that people can read.
///
/// Lines that begin with `#` say what the file is for. `owner: NAME` says whose key it is, and
/// `public: KEY` or `secret: KEY` holds it as 40 characters of Z85 (RFC 32).
struct KeyFile {
    enum Kind: String {
        case known = "public"
        case secret
    }

    let owner: KeyOwner
    let kind: Kind

    var name: String { "\(owner).\(kind.rawValue)" }

    /// A secret is for the eyes of its owner alone.
    var permissions: UInt32 { kind == .secret ? 0o600 : 0o644 }

    private static let largestBytes = 4096

    // MARK: Writing

    func text(of pair: KeyPair) -> String {
        let key = kind == .secret ? pair.secretKey.z85 : pair.publicKey.z85
        return """
            \(purpose)
            # \(kind == .secret ? "Its public key has" : "Its") fingerprint \
            \(pair.publicKey.fingerprint).
            owner: \(owner)
            \(kind.rawValue): \(key)

            """
    }

    private var purpose: String {
        switch (owner, kind) {
        case (.coordinator, .known):
            """
            # The public key of the coordinator. Every worker needs this file: by it a worker knows
            # that it talks to this coordinator. It is no secret.
            """
        case (.coordinator, .secret):
            """
            # The secret key of the coordinator. Only the machine that runs the coordinator needs this
            # file. Whoever reads it can pretend to be the coordinator.
            """
        case (.worker(let rank), .known):
            """
            # The public key of worker \(rank). The coordinator needs this file: it lets nobody in but the
            # workers whose public keys it has. It is no secret.
            """
        case (.worker(let rank), .secret):
            """
            # The secret key of worker \(rank). Only the machine that runs worker \(rank) needs this file.
            # Whoever reads it can join as worker \(rank).
            """
        }
    }

    // MARK: Reading

    func readPublic(in folder: String) throws(ExperimentError) -> PublicKey {
        let text = try read(in: folder)
        guard let key = PublicKey(z85: text) else { throw broken(in: folder) }
        return key
    }

    func readPair(in folder: String) throws(ExperimentError) -> KeyPair {
        guard let key = SecretKey(z85: try read(in: folder)) else { throw broken(in: folder) }
        do {
            return try KeyPair(of: key)
        } catch {
            throw broken(in: folder)
        }
    }

    /// The text of the key.
    private func read(in folder: String) throws(ExperimentError) -> String {
        let path = "\(folder)/\(name)"
        let file = try OpenFile(reading: path)
        if kind == .secret, file.permissions & 0o077 != 0 {
            throw ExperimentError(
                .environment,
                path,
                "holds a secret that other users may read or change "
                    + "(mode \(String(file.permissions, radix: 8)))",
                expected: "mode 600",
                remedy: "run 'chmod 600 \(path)', and make new keys if others may have read it"
            )
        }
        guard file.isOwn, file.permissions & 0o022 == 0 else {
            throw ExperimentError(
                .environment,
                path,
                "may be changed by other users",
                expected: "a file of yours that nobody else may change",
                remedy: "make new keys with 'headwise keys new': this one may be another's"
            )
        }
        guard file.byteCount <= Self.largestBytes else { throw broken(in: folder) }
        let text = String(
            decoding: try file.bytes(at: 0, count: file.byteCount),
            as: UTF8.self
        )
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let value = parts[1].split(separator: " ").first,
                fields.updateValue(String(value), forKey: String(parts[0])) == nil
            else { throw broken(in: folder) }
        }
        if kind == .known, fields[Kind.secret.rawValue] != nil {
            throw ExperimentError(
                .environment,
                path,
                "holds a secret key in the place of a public one",
                expected: "the public key of \(owner.inWords)",
                remedy: "make new keys: whoever could read this file has the secret"
            )
        }
        guard let key = fields[kind.rawValue] else { throw broken(in: folder) }
        guard let named = fields["owner"], KeyOwner(named) == owner else {
            throw ExperimentError(
                .environment,
                path,
                "holds the key of \(fields["owner"].map { "“\($0)”" } ?? "nobody")",
                expected: "that of \(owner.inWords)",
                remedy: "give each file its own name again, or make new keys"
            )
        }
        return key
    }

    private func broken(in folder: String) -> ExperimentError {
        ExperimentError(
            .environment,
            "\(folder)/\(name)",
            "holds no \(kind.rawValue) key",
            expected: "a line “owner: \(owner)” and a line “\(kind.rawValue): ” with 40 characters",
            remedy: "copy the file again, or make new keys with 'headwise keys new'"
        )
    }
}
