import CZlib
import Files

/// Reads a deflated member of an archive from its first byte to its last, as it is when inflated.
///
/// Its memory is two small buffers. The archive states how many bytes there are, and no more are ever
/// made, so that a file cannot ask for more memory or time than its table of contents admits.
@safe
struct Inflation: ~Copyable {
    /// Where a member lies in its file.
    struct Source: Equatable, Sendable {
        var member: String
        var start: Int
        var byteCount: Int
    }

    private static let inputBytes = 1 << 16

    private let source: Source
    // zlib compares the address of a stream with that of its first call.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    /// Compressed bytes that are read.
    private var done = 0
    private var isEnded = false

    init(_ source: Source) {
        self.source = source
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        unsafe input = .allocate(byteCount: Self.inputBytes, alignment: 16)
        // A negative window means a stream without zlib's own header.
        let code = unsafe inflateInit2_(
            stream,
            -15,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(code == Z_OK, "zlib has the memory of a window")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
        unsafe input.deallocate()
    }

    /// Fills `destination` with the next bytes, or throws.
    mutating func read(
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        var filled = 0
        while filled < destination.count {
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
            let count = try unsafe inflated(from: file, into: room)
            guard count > 0 else {
                throw refusal(
                    file,
                    isEnded
                        ? "inflates to fewer bytes than the archive states" : "ends too early"
                )
            }
            filled += count
        }
    }

    /// Throws unless exactly what was read is in the member.
    mutating func finish(_ file: borrowing OpenFile) throws(ExperimentError) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        defer { unsafe room.deallocate() }
        guard try unsafe inflated(from: file, into: room) == 0 else {
            throw refusal(file, "inflates to more bytes than the archive states")
        }
        guard isEnded, unsafe stream.pointee.avail_in == 0, done == source.byteCount else {
            throw refusal(file, "has other bytes than its compressed ones")
        }
    }

    /// Inflates at least one byte if there is one; returns how many.
    private mutating func inflated(
        from file: borrowing OpenFile,
        into room: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> Int {
        let limit = min(room.count, 1 << 30)
        unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(limit)
        while !isEnded, unsafe Int(stream.pointee.avail_out) == limit {
            if unsafe stream.pointee.avail_in == 0 {
                let count = unsafe min(input.count, source.byteCount - done)
                guard count > 0 else { break }
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: input[..<count])
                try unsafe file.read(at: source.start + done, into: part)
                unsafe stream.pointee.next_in = part.baseAddress?
                    .assumingMemoryBound(to: UInt8.self)
                unsafe stream.pointee.avail_in = UInt32(count)
                done += count
            }
            switch unsafe inflate(stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isEnded = true
            default: throw refusal(file, "is compressed, and damaged")
            }
        }
        return unsafe limit - Int(stream.pointee.avail_out)
    }

    private func refusal(_ file: borrowing OpenFile, _ problem: String) -> ExperimentError {
        ZipDirectory.refusal("\(file.path): member \(source.member)", problem)
    }

    /// The first bytes of a member.
    static func bytes(
        _ source: Source,
        in file: borrowing OpenFile,
        count: Int
    ) throws(ExperimentError) -> [UInt8] {
        var inflation = Inflation(source)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { unsafe bytes.deallocate() }
        try unsafe inflation.read(from: file, into: bytes)
        return unsafe Array(bytes)
    }
}
