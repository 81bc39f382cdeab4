import Synchronization

/// The value of `body` for 0, 1, 2, … below `count`, computed by up to `threads` threads.
///
/// Each thread takes the next number that is free, so that a long one holds up no other. Where no
/// thread can be started, the caller computes alone.
package func concurrentMap<Value: Sendable>(
    _ count: Int,
    threads: Int,
    _ body: @escaping @Sendable (Int) -> Value
) -> [Value] {
    let work = SharedWork<Value>(count)
    var started: [PlainThread] = []
    for _ in 1..<max(1, min(threads, count)) {
        // The caller does what a missing thread would have done.
        guard let thread = try? PlainThread({ work.run(body) }) else { break }
        started.append(thread)
    }
    work.run(body)
    for thread in started { thread.join() }
    return work.values
}

/// The numbers that are still to be computed, and what was computed.
///
/// A class, since all threads share it.
private final class SharedWork<Value: Sendable>: Sendable {
    private let count: Int
    private let next = Mutex(0)
    private let found: Mutex<[Value?]>

    init(_ count: Int) {
        self.count = count
        found = Mutex([Value?](repeating: nil, count: count))
    }

    func run(_ body: (Int) -> Value) {
        while let index = taken() {
            let value = body(index)
            found.withLock { $0[index] = value }
        }
    }

    private func taken() -> Int? {
        next.withLock { next in
            guard next < count else { return nil }
            defer { next += 1 }
            return next
        }
    }

    var values: [Value] { found.withLock { $0.compactMap { $0 } } }
}
