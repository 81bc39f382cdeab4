import Work

/// Coordinator to worker: you are not let in; the worker says why and exits.
package struct Refuse: SetupMessage {
    package static let kind = MessageKind.refuse
    package var reason: String
    package init(reason: String) { self.reason = reason }
    package func check() throws(WireError) { try checkReason(reason) }
}

/// Worker to coordinator: I cannot do the workload or a task, and why.
package struct Failed: SetupMessage {
    package static let kind = MessageKind.failed
    package var reason: String
    /// The task that is refused while the worker goes on; nil when it cannot go on at all.
    package var task: TaskIdentity?

    package init(reason: String, task: TaskIdentity? = nil) {
        self.reason = reason
        self.task = task
    }

    package func check() throws(WireError) { try checkReason(reason) }
}

/// Either way: I am going, in order; nothing more will come from me.
package struct Bye: SetupMessage {
    package static let kind = MessageKind.bye
    package var reason: String
    package init(reason: String) { self.reason = reason }
    package func check() throws(WireError) { try checkReason(reason) }
}

extension SetupMessage {
    /// A reason is a sentence that somebody will read, not a place to leave things.
    fileprivate func checkReason(_ reason: String) throws(WireError) {
        guard reason.utf8.count <= 4096 else {
            throw field("length of reason", reason.utf8.count)
        }
    }
}
