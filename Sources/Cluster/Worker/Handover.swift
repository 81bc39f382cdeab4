import Platform
import Synchronization

/// A bounded queue from one thread to another; a poll can wait for it.
///
/// A wake-up costs more than everything else. So the writer signals only when the queue was empty,
/// because only then the reader may be asleep, and of several elements in a row it may signal the
/// last alone. A class, since both threads hold it.
final class Handover<Element: Sendable>: Sendable {
    private struct Queue {
        var elements: [Element] = []
        /// Whether the reader may sleep without a signal to come.
        var needsSignal = false
    }

    /// Readable while the queue may hold something that was announced.
    let descriptor: Int32
    private let capacity: Int
    private let queue = Mutex(Queue())

    init(capacity: Int) throws(RunError) {
        self.capacity = capacity
        descriptor = try System.eventDescriptor()
    }

    deinit {
        System.close(descriptor)
    }

    func put(_ element: Element) {
        putSilently(element)
        announce()
    }

    /// Puts an element for which the writer soon calls `announce`.
    func putSilently(_ element: Element) {
        queue.withLock { queue in
            precondition(
                queue.elements.count < capacity,
                "the other thread does not empty the queue"
            )
            queue.needsSignal = queue.needsSignal || queue.elements.isEmpty
            queue.elements.append(element)
        }
    }

    /// Wakes the reader if it may sleep and there is something to take.
    func announce() {
        let isNeeded = queue.withLock { queue in
            defer { queue.needsSignal = false }
            return queue.needsSignal && !queue.elements.isEmpty
        }
        if isNeeded { System.signal(eventDescriptor: descriptor) }
    }

    /// The oldest element, if there is one.
    func take() -> Element? {
        queue.withLock { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
    }

    /// The oldest element; waits until there is one.
    func wait() -> Element {
        while true {
            if let element = take() { return element }
            System.wait(eventDescriptor: descriptor)
        }
    }
}
