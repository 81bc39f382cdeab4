/// The limits of a worker; the coordinator sends them with its welcome.
package struct WorkerLimits: Hashable, Sendable {
    package var heartbeatInterval: Duration
    /// How long the coordinator may be silent before the worker ends.
    package var silenceLimit: Duration

    package init(
        heartbeatInterval: Duration = .milliseconds(200),
        silenceLimit: Duration = .seconds(30)
    ) {
        precondition(heartbeatInterval > .zero, "heartbeats need an interval above 0")
        precondition(silenceLimit > .zero, "a coordinator needs time to send messages")
        self.heartbeatInterval = heartbeatInterval
        self.silenceLimit = silenceLimit
    }
}
