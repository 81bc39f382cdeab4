import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The result of a thread; 0 until it is done.
final class Result: Sendable {
    private let stored = Atomic(0)
    var value: Int { stored.load(ordering: .acquiring) }
    func finish(_ value: Int) { stored.store(value, ordering: .releasing) }
}

/// A plain thread, to be joined.
struct Thread: ~Copyable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let identifier: pthread_t

    init(_ run: @escaping @Sendable () -> Void) throws {
        var made = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let result = pthread_create(
            &made,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            body.toOpaque()
        )
        try #require(result == 0)
        identifier = made
    }

    func signal(_ number: Int32) { pthread_kill(identifier, number) }

    consuming func join() { pthread_join(identifier, nil) }
}
