import Glibc

/// A thread that runs one closure; its owner joins or detaches it.
///
/// A class, since the thread and its owner both refer to it.
package final class PlainThread {
    private var handle = pthread_t()

    package init(_ body: @escaping @Sendable () -> Void) throws(RunError) {
        let box = unsafe Unmanaged.passRetained(Body(body))
        let code = unsafe pthread_create(
            &handle,
            nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            unsafe box.release()
            throw .system("starting a thread", code)
        }
    }

    /// Waits for the closure to return.
    package func join() {
        pthread_join(handle, nil)
    }

    /// Lets the thread end by itself, with nobody to join it.
    package func detach() {
        pthread_detach(handle)
    }

    private final class Body: Sendable {
        package let run: @Sendable () -> Void
        package init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
