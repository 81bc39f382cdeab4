/// The limits of a worker; the coordinator sends them with its welcome.
package struct WorkerLimits: Hashable, Sendable {
    package var heartbeatInterval: Duration
    /// How long the coordinator may be silent before the worker ends.
    package var silenceLimit: Duration

    package init(
        heartbeatInterval: Duration = .milliseconds(200),
        silenceLimit: Duration = .seconds(30)
    ) {
        precondition(heartbeatInterval > .zero, "heartbeats need some time between them")
        precondition(silenceLimit > .zero, "a coordinator needs some time to speak")
        self.heartbeatInterval = heartbeatInterval
        self.silenceLimit = silenceLimit
    }
}
