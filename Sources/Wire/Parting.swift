import Work

/// Coordinator to worker: the worker is not admitted; it reports the reason and exits.
package struct Refuse: SetupMessage {
    package static let kind = MessageKind.refuse
    package var reason: String
    package init(reason: String) { self.reason = reason }
    package func check() throws(WireError) { try checkReason(reason) }
}

/// Worker to coordinator: the worker cannot do the workload or a task, with the reason.
package struct Failed: SetupMessage {
    package static let kind = MessageKind.failed
    package var reason: String
    /// The refused task, after which the worker goes on; nil if the worker cannot go on.
    package var task: TaskIdentity?

    package init(reason: String, task: TaskIdentity? = nil) {
        self.reason = reason
        self.task = task
    }

    package func check() throws(WireError) { try checkReason(reason) }
}

/// In both directions: the sender leaves in an orderly way and sends no more.
package struct Bye: SetupMessage {
    package static let kind = MessageKind.bye
    package var reason: String
    package init(reason: String) { self.reason = reason }
    package func check() throws(WireError) { try checkReason(reason) }
}

extension SetupMessage {
    /// Limits the length of a reason, which is one sentence for a reader.
    fileprivate func checkReason(_ reason: String) throws(WireError) {
        guard reason.utf8.count <= 4096 else {
            throw field("length of reason", reason.utf8.count)
        }
    }
}
