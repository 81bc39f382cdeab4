import CZeroMQ

/// One frame of a ZeroMQ message, owned: sending consumes it.
///
/// The `zmq_msg_t` is behind a pointer because libzmq keeps payloads of up to 33 bytes inside it.
/// Moving the Swift value would otherwise move these bytes while somebody reads them.
///
/// `@unchecked Sendable`: a frame has one owner at a time and belongs to no thread.
@safe
package struct Message: ~Copyable, @unchecked Sendable {
    @unsafe let pointer: UnsafeMutablePointer<zmq_msg_t>

    /// An empty frame.
    package init() {
        unsafe pointer = Message.allocate()
        unsafe zmq_msg_init(pointer)
    }

    /// A frame that holds a copy of `bytes`.
    package init(copying bytes: Span<UInt8>) throws(ZeroMQError) {
        unsafe pointer = try Message.allocate(byteCount: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe Message.contents(of: pointer).copyMemory(from: source)
        }
    }

    /// A frame that refers to `bytes` without copying them.
    ///
    /// ZeroMQ does not report when it is done with the bytes. So they must not change until the
    /// peer has acknowledged them, and must stay mapped until the context and its sockets are gone.
    @unsafe
    package init(borrowing bytes: UnsafeRawBufferPointer) {
        unsafe pointer = Message.allocate()
        let base = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        if let base = unsafe base, unsafe !bytes.isEmpty {
            // Without a free function this stores the address and cannot fail.
            unsafe zmq_msg_init_data(pointer, base, bytes.count, nil, nil)
        } else {
            unsafe zmq_msg_init(pointer)
        }
    }

    deinit {
        unsafe zmq_msg_close(pointer)
        unsafe pointer.deallocate()
    }

    package var byteCount: Int { unsafe zmq_msg_size(pointer) }

    /// The descriptor of the connection that a received frame came from; nil if it came from none.
    package var connection: Int32? {
        let descriptor = unsafe zmq_msg_get(pointer, ZMQ_SRCFD)
        return descriptor >= 0 ? descriptor : nil
    }

    /// The name that the context's `Admission` gave to the peer of a received frame; nil if none did.
    package var user: String? {
        guard let text = unsafe zmq_msg_gets(pointer, "User-Id") else { return nil }
        let name = unsafe String(cString: text)
        return name.isEmpty ? nil : name
    }

    /// Whether a received frame is followed by another one of the same message.
    package var hasMore: Bool { unsafe zmq_msg_more(pointer) != 0 }

    /// Lets `body` look at the bytes; their address need not be aligned.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(Message.contents(of: pointer))
        return try unsafe body(bytes.assumingMemoryBound(to: UInt8.self).span)
    }

    /// Lets `body` look at the bytes; their address need not be aligned.
    @unsafe
    package func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(Message.contents(of: pointer)))
    }

    /// A copy of the bytes.
    package var copiedBytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// Drops the content; the frame is empty and can be received into again.
    mutating func clear() {
        unsafe zmq_msg_close(pointer)
        unsafe zmq_msg_init(pointer)
    }

    private static func allocate() -> UnsafeMutablePointer<zmq_msg_t> {
        let made = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
        unsafe made.initialize(to: zmq_msg_t())
        return unsafe made
    }

    private static func allocate(
        byteCount: Int
    ) throws(ZeroMQError) -> UnsafeMutablePointer<zmq_msg_t> {
        let made = unsafe allocate()
        guard unsafe zmq_msg_init_size(made, byteCount) == 0 else {
            let error = ZeroMQError.last("make a message of \(byteCount) bytes")
            unsafe made.deallocate()
            throw error
        }
        return unsafe made
    }

    private static func contents(
        of pointer: UnsafeMutablePointer<zmq_msg_t>
    ) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: zmq_msg_data(pointer),
            count: zmq_msg_size(pointer)
        )
    }
}
