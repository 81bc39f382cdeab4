/// Coordinator to worker: you belong to the run whose number the header carries.
package struct Welcome: SetupMessage {
    package static let kind = MessageKind.welcome

    /// The worker's place among the workers of the run, from 0.
    package var worker: Int
    /// How often each side says that it lives.
    package var heartbeatMilliseconds: Int
    /// After how long a silence the worker takes the coordinator for dead, and exits.
    package var silenceLimitMilliseconds: Int

    package init(worker: Int, heartbeatMilliseconds: Int, silenceLimitMilliseconds: Int) {
        self.worker = worker
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.silenceLimitMilliseconds = silenceLimitMilliseconds
    }

    package func check() throws(WireError) {
        guard worker >= 0 else { throw field("worker", worker) }
        guard (1...3_600_000).contains(heartbeatMilliseconds) else {
            throw field("heartbeatMilliseconds", heartbeatMilliseconds)
        }
        guard (heartbeatMilliseconds + 1...86_400_000).contains(silenceLimitMilliseconds) else {
            throw field("silenceLimitMilliseconds", silenceLimitMilliseconds)
        }
    }
}
