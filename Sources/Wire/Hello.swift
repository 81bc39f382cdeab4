/// Worker to coordinator, first of all: who I am and what I can do.
package struct Hello: SetupMessage {
    package static let kind = MessageKind.hello

    package var protocolVersion: Int
    package var token: RunToken
    /// A UUID that the worker made for itself when it started.
    package var workerIdentifier: String
    package var processIdentifier: Int32
    package var hostName: String
    /// How many tasks the worker wants to hold at once: one computing, the rest waiting.
    package var credit: Int
    package var threads: Int
    /// What this processor runs, weakest first.
    package var instructionSets: [String]
    /// The processors this process may run on.
    package var processors: [Int]
    /// What names the program, so that two builds in one run are seen.
    package var buildIdentifier: String

    package init(
        token: RunToken,
        workerIdentifier: String,
        processIdentifier: Int32,
        hostName: String,
        credit: Int,
        threads: Int,
        instructionSets: [String],
        processors: [Int],
        buildIdentifier: String
    ) {
        protocolVersion = Int(WireProtocol.version)
        self.token = token
        self.workerIdentifier = workerIdentifier
        self.processIdentifier = processIdentifier
        self.hostName = hostName
        self.credit = credit
        self.threads = threads
        self.instructionSets = instructionSets
        self.processors = processors
        self.buildIdentifier = buildIdentifier
    }

    package func check() throws(WireError) {
        guard (1...1024).contains(credit) else { throw field("credit", credit) }
        guard (1...4096).contains(threads) else { throw field("threads", threads) }
        guard (1...64).contains(workerIdentifier.utf8.count) else {
            throw field("length of workerIdentifier", workerIdentifier.utf8.count)
        }
        guard hostName.utf8.count <= 255 else {
            throw field("length of hostName", hostName.utf8.count)
        }
        guard buildIdentifier.utf8.count <= 255 else {
            throw field("length of buildIdentifier", buildIdentifier.utf8.count)
        }
    }
}
