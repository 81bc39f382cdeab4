import FoundationEssentials

/// The document of a join folder: all that a worker must know to join a run, and the secret that admits
/// it.
package struct JoinDocument: Codable, Equatable, Sendable {
    package var endpoint: String
    /// The run's token, 32 hexadecimal digits.
    package var token: String
    /// Compute threads of each worker.
    package var threads: Int
    /// How many tasks each worker may hold.
    package var credit: Int

    package init(endpoint: String, token: String, threads: Int, credit: Int) {
        self.endpoint = endpoint
        self.token = token
        self.threads = threads
        self.credit = credit
    }

    /// Reads the document; nil if it is not one, or has values that no coordinator writes.
    package init?(json: [UInt8]) {
        // Whoever wrote it, nothing in it is worth repeating: it may hold a secret.
        guard let read = try? JSONDecoder().decode(Self.self, from: Data(json)),
            RunToken(hexadecimal: read.token) != nil,
            ["ipc://", "tcp://"].contains(where: read.endpoint.hasPrefix),
            (1...1024).contains(read.threads), (1...1024).contains(read.credit)
        else { return nil }
        self = read
    }

    package func json() throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(self))
        } catch {
            throw .document(.welcome, "\(error)")
        }
    }
}
