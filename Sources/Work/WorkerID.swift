/// Identifies one connected worker.
///
/// An ID is never reused: a worker that connects a second time is a new worker, because messages in
/// flight to the old one are lost.
package struct WorkerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: Int

    package init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    package static func < (left: WorkerID, right: WorkerID) -> Bool {
        left.rawValue < right.rawValue
    }

    package var description: String { "worker \(rawValue)" }
}
