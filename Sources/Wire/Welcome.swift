/// Coordinator to worker: the worker is admitted to the run whose number is in the header.
package struct Welcome: SetupMessage {
    package static let kind = MessageKind.welcome

    /// The worker's place among the workers of the run, from 0.
    package var worker: Int
    /// The time between two heartbeats of the worker.
    package var heartbeatMilliseconds: Int
    /// If the coordinator is silent for this long, the worker regards it as dead and exits.
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
