import CSystem
import Glibc

/// Every operating-system call of this module that is not a socket's, in one place.
///
/// So errno is read right after the call, and EINTR is handled once. `SpawnedProcess` starts
/// processes.
package enum System {
    /// Whether this process may do everything.
    package static var isRoot: Bool { geteuid() == 0 }

    // MARK: Descriptors

    package static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    /// Another descriptor of the same file, which is closed in spawned programs.
    package static func duplicate(_ descriptor: Int32) throws(RunError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .system("fcntl", errno) }
        return copy
    }

    /// A pipe whose ends are closed in spawned programs, unless a program is given them explicitly.
    package static func pipe() throws(RunError) -> (readEnd: Int32, writeEnd: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw .system("pipe2", errno)
        }
        return (ends[0], ends[1])
    }

    /// Two connected sockets, closed in spawned programs unless a program is given them explicitly.
    static func socketPair() throws(RunError) -> (Int32, Int32) {
        let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, stream, 0, &ends) == 0 else {
            throw .system("socketpair", errno)
        }
        return (ends[0], ends[1])
    }

    /// What a socket holds now, at most `byteCount` bytes; none if it is empty or at its end.
    static func receiveAvailable(_ byteCount: Int, from descriptor: Int32) -> [UInt8] {
        var part = [UInt8](repeating: 0, count: byteCount)
        let count = unsafe recv(descriptor, &part, byteCount, Int32(MSG_DONTWAIT))
        return Array(part[..<max(count, 0)])
    }

    /// Sends the bytes over a socket at once; false if it is no socket, or does not take them.
    static func sendAtOnce(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return unsafe Glibc.send(descriptor, bytes, bytes.count, flags) == bytes.count
    }

    /// A counter that a poll can wait for, so that one thread can wake another thread's loop.
    package static func eventDescriptor() throws(RunError) -> Int32 {
        let descriptor = headwise_eventfd()
        guard descriptor >= 0 else { throw .system("eventfd", errno) }
        return descriptor
    }

    /// Memory that has a descriptor but no name.
    ///
    /// Its size is 0 at first; it can grow and never shrinks.
    package static func sharedMemory(
        name: String,
        remedy: String = "use --outputs messages"
    ) throws(RunError) -> Int32 {
        let descriptor = unsafe headwise_memfd_create(name)
        guard descriptor >= 0 else {
            throw .system("memfd_create", errno, remedy)
        }
        return descriptor
    }

    /// The size of a file or of shared memory; nil if the descriptor is not open or has no size.
    package static func byteCount(of descriptor: Int32) -> Int? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        return Int(status.st_size)
    }

    /// Grows shared memory to `byteCount` bytes.
    ///
    /// The added bytes read as zeros and take no memory before they are written.
    package static func grow(
        _ descriptor: Int32,
        to byteCount: Int,
        remedy: String = "use --outputs messages"
    ) throws(RunError) {
        guard ftruncate(descriptor, off_t(byteCount)) != 0 else { return }
        throw .system(
            "ftruncate of shared memory to \(byteCount) bytes",
            errno,
            "raise the limit with 'ulimit -f', or \(remedy)"
        )
    }

    /// Whether the system gives shared memory without a limit.
    ///
    /// Shared memory counts as a file, and the coordinator maps that of every worker into its
    /// address space.
    package static let isSharedMemoryUnlimited: Bool = {
        // The reason does not matter: outputs then travel as messages.
        guard let descriptor = try? sharedMemory(name: "headwise-output") else { return false }
        close(descriptor)
        return isUnlimited(RLIMIT_FSIZE) && isUnlimited(RLIMIT_AS)
    }()

    /// Whether the system sets this process no limit for a resource.
    private static func isUnlimited(_ resource: __rlimit_resource) -> Bool {
        var limit = rlimit()
        let resource = __rlimit_resource_t(resource.rawValue)
        return unsafe getrlimit(resource, &limit) == 0 && limit.rlim_cur == .max
    }

    /// Frees shared memory up to an offset; if that fails, the memory only stays in use.
    package static func release(_ descriptor: Int32, upTo byteCount: Int) {
        if byteCount > 0 { _ = headwise_punch_hole(descriptor, 0, byteCount) }
    }

    package static func signal(eventDescriptor: Int32) {
        _ = headwise_eventfd_signal(eventDescriptor)
    }

    package static func drain(eventDescriptor: Int32) {
        _ = headwise_eventfd_drain(eventDescriptor)
    }

    /// Waits until the counter is signalled, and resets it.
    package static func wait(eventDescriptor: Int32) {
        var item = pollfd(fd: eventDescriptor, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&item, 1, -1) < 0 && errno == EINTR {}
        drain(eventDescriptor: eventDescriptor)
    }

    /// Waits until the descriptor is readable, at most `limit` milliseconds.
    static func isReadable(_ descriptor: Int32, withinMilliseconds limit: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&item, 1, limit)
            if count >= 0 { return count == 1 }
            guard errno == EINTR else { return false }
        }
    }

    /// Waits until a descriptor is readable or at its end; returns those, or none when the time is
    /// over.
    package static func readable(
        _ descriptors: [Int32],
        withinMilliseconds limit: Int32
    ) throws(RunError) -> [Bool] {
        var items = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while unsafe poll(&items, nfds_t(items.count), limit) < 0 {
            guard errno == EINTR else { throw .system("poll", errno) }
        }
        return items.map { $0.revents != 0 }
    }

    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(RunError) {
        try unsafe bytes.span.withUnsafeBytes { (bytes) throws(RunError) in
            try unsafe write(bytes, to: descriptor)
        }
    }

    package static func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32
    ) throws(RunError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe Glibc.write(
                descriptor,
                bytes.baseAddress.map { unsafe $0 + written },
                bytes.count - written
            )
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system("write", errno)
            }
            written += count
        }
    }

    /// Reads up to `byteCount` bytes; fewer only at the end of the stream.
    package static func read(
        _ byteCount: Int,
        from descriptor: Int32
    ) throws(RunError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            var part = [UInt8](repeating: 0, count: byteCount - bytes.count)
            let count = unsafe Glibc.read(descriptor, &part, part.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("read", errno)
            }
            guard count > 0 else { break }
            bytes.append(contentsOf: part[..<count])
        }
        return bytes
    }

    /// Fills the buffer; false when the stream ends before it is full.
    package static func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from descriptor: Int32
    ) throws(RunError) -> Bool {
        var received = 0
        while received < bytes.count {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[received...])
            let count = unsafe Glibc.read(descriptor, part.baseAddress, part.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("read", errno)
            }
            guard count > 0 else { return false }
            received += count
        }
        return true
    }

    // MARK: Descriptors that never block

    /// The result of one try to move bytes.
    enum Transfer {
        case moved(Int)
        case wouldBlock
        /// The other end is gone.
        case ended
    }

    static func makeNonBlocking(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    /// Writes as many bytes as fit now; `bytes` is not empty.
    static func writeSome(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Transfer {
        transfer { unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
    }

    /// Reads the bytes that are there now, as many as fit; `bytes` is not empty.
    static func readSome(
        into bytes: UnsafeMutableRawBufferPointer,
        from descriptor: Int32
    ) -> Transfer {
        transfer { unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count) }
    }

    static func transfer(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .ended
            }
        }
    }

    /// Waits until one descriptor is ready for reading or writing, or another one is readable.
    ///
    /// False when the time is over. `awake` is called whenever the wait wakes up, which is at least
    /// every `sliceMilliseconds`; the time is counted in these, so that no pause of this process
    /// counts.
    static func isReady(
        _ descriptor: Int32,
        toWrite: Bool,
        orReadable other: Int32,
        withinMilliseconds limit: Int,
        awake: () -> Void = {}
    ) throws(RunError) -> Bool {
        var items = [
            pollfd(fd: descriptor, events: Int16(toWrite ? POLLOUT : POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        var left = limit
        while left > 0 {
            let slice = min(left, sliceMilliseconds)
            let count = unsafe poll(&items, nfds_t(items.count), Int32(slice))
            guard count >= 0 || errno == EINTR else { throw .system("poll", errno) }
            awake()
            if count > 0 { return true }
            left -= slice
        }
        return false
    }

    private static let sliceMilliseconds = 50

    // MARK: Processes

    package static var processIdentifier: Int32 { getpid() }

    /// CPU time of all threads of this process so far.
    package static var cpuNanoseconds: UInt64 { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) ?? 0 }

    /// CPU time of the calling thread so far.
    package static var threadCPUNanoseconds: UInt64 { nanoseconds(CLOCK_THREAD_CPUTIME_ID) ?? 0 }

    /// How long the calling thread was ready so far while others had the processors; zero where
    /// the kernel does not count.
    package static var threadReadyNanoseconds: UInt64 {
        let fields = (SystemFiles.live.line("/proc/thread-self/schedstat") ?? "")
            .split(separator: " ")
        return fields.count > 1 ? UInt64(fields[1]) ?? 0 : 0
    }

    /// CPU time of all threads of another process so far; nil if that process is gone.
    package static func cpuNanoseconds(ofProcess identifier: Int32) -> UInt64? {
        var clock = clockid_t()
        return unsafe clock_getcpuclockid(identifier, &clock) == 0 ? nanoseconds(clock) : nil
    }

    /// The numbers of a process's threads, which may end meanwhile; none if the process is gone.
    static func threads(ofProcess identifier: Int32) -> [Int32] {
        guard let folder = unsafe opendir("/proc/\(identifier)/task") else { return [] }
        defer { unsafe closedir(folder) }
        var threads: [Int32] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            // The folder also names itself and the one above.
            if let thread = Int32(name) { threads.append(thread) }
        }
        return threads
    }

    /// Gives the calling thread, and those that it starts, a name of at most 15 characters.
    package static func nameThread(_ name: String) { unsafe headwise_name_thread(name) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64? {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Reads and drops bytes until the stream ends or breaks.
    static func waitForEnd(of descriptor: Int32) {
        var part = [UInt8](repeating: 0, count: 256)
        while true {
            let count = unsafe Glibc.read(descriptor, &part, part.count)
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            return
        }
    }

    /// The bytes that a pipe holds now, at most `byteCount`; none at its end.
    package static func readAvailable(
        _ byteCount: Int,
        from descriptor: Int32
    ) throws(RunError) -> [UInt8] {
        var part = [UInt8](repeating: 0, count: byteCount)
        while true {
            let count = unsafe Glibc.read(descriptor, &part, byteCount)
            if count >= 0 { return Array(part[..<count]) }
            guard errno == EINTR else { throw .system("read", errno) }
        }
    }

    // MARK: Bare connections

    /// Two connected stream sockets of this machine, Unix or TCP over loopback.
    package static func connectedPair(
        isTCP: Bool
    ) throws(RunError) -> (sender: Int32, receiver: Int32) {
        let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard isTCP else { return try socketPair() }
        let listener = socket(AF_INET, stream, 0)
        guard listener >= 0 else { throw .system("socket", errno) }
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let sender = socket(AF_INET, stream, 0)
        guard sender >= 0 else { throw .system("socket", errno) }
        let isConnected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(listener, generic, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, generic, &length) == 0
                    && connect(sender, generic, length) == 0
            }
        }
        let receiver = isConnected ? accept(listener, nil, nil) : -1
        guard receiver >= 0 else {
            let code = errno
            close(sender)
            throw .system("connecting over loopback", code)
        }
        return (sender, receiver)
    }

    /// Sends all bytes; false when the other end is gone.
    package static func sendAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else {
                if errno == EINTR { continue }
                return false
            }
            sent += count
        }
        return true
    }

    /// Reads what is there, at most `limit` bytes; 0 at the end.
    package static func receive(
        into buffer: inout [UInt8],
        atMost limit: Int,
        from descriptor: Int32
    ) throws(RunError) -> Int {
        while true {
            let count = unsafe recv(descriptor, &buffer, min(buffer.count, limit), 0)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system("recv", errno) }
        }
    }
}
