import Platform
import Synchronization

/// A bounded queue from one thread to another; a poll can wait for it.
///
/// The writer signals only when the queue was empty, because only then the reader may be asleep: a
/// wake-up costs more than everything else. A class, since both threads hold it.
final class Handover<Element: Sendable>: Sendable {
    /// Readable while the queue may hold something.
    let descriptor: Int32
    private let capacity: Int
    private let elements = Mutex<[Element]>([])

    init(capacity: Int) throws(RunError) {
        self.capacity = capacity
        descriptor = try System.eventDescriptor()
    }

    deinit {
        System.close(descriptor)
    }

    func put(_ element: Element) {
        let wasEmpty = elements.withLock { elements in
            precondition(elements.count < capacity, "the other thread does not empty the queue")
            elements.append(element)
            return elements.count == 1
        }
        if wasEmpty { System.signal(eventDescriptor: descriptor) }
    }

    /// The oldest element, if there is one.
    func take() -> Element? {
        elements.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// The oldest element; waits until there is one.
    func wait() -> Element {
        while true {
            if let element = take() { return element }
            System.wait(eventDescriptor: descriptor)
        }
    }
}
