/// Names one connected worker.
///
/// It is never used again: a worker that connects a second time is a new worker, because what was
/// in flight to the old one is lost.
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
