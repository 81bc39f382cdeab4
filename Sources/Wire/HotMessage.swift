import Work

/// A message without a document, for use while a trial runs: a header, and raw bytes if any.
package protocol HotMessage: Hashable, Sendable {
    static var kind: MessageKind { get }
    /// Reads the fields, and refuses values that they cannot have.
    init(header: Header) throws(WireError)
    /// The message's header. A number that does not fit is a programmer error.
    func header(run: UInt64) -> Header
}

extension Header {
    /// The shard number that means "no shard".
    static let noShard = UInt32.max

    init(kind: MessageKind, run: UInt64, task: TaskIdentity) {
        self.init(kind: kind, run: run)
        trial = UInt32(task.trial)
        shard = UInt32(task.shard)
        attempt = UInt32(task.attempt)
    }

    func task() throws(WireError) -> TaskIdentity {
        TaskIdentity(
            trial: try number("trial", trial),
            shard: try number("shard", shard),
            attempt: try number("attempt", attempt)
        )
    }

    func number(_ name: String, _ value: UInt32) throws(WireError) -> Int {
        guard value < UInt32.max else { throw field(name, value) }
        return Int(value)
    }

    func number(_ name: String, _ value: UInt64) throws(WireError) -> Int {
        guard value <= WireProtocol.maximumTensorBytes else { throw field(name, value) }
        return Int(value)
    }

    /// A half-open range, not empty, with its lower bound in the low half.
    func range(_ name: String, _ value: UInt64) throws(WireError) -> Range<Int> {
        let lower = Int(value & 0xFFFF_FFFF)
        let upper = Int(value >> 32)
        guard lower < upper else { throw .field(kind, name, "\(lower)..<\(upper)") }
        return lower..<upper
    }

    /// Checks that a field is 0 that this kind does not use, so that a later version may use it.
    func checkEmpty(_ name: String, _ value: some UnsignedInteger) throws(WireError) {
        guard value == 0 else { throw field(name, value) }
    }

    /// Checks that a header whose kind uses no fields has only zeros in them.
    func checkFieldsEmpty() throws(WireError) {
        try checkEmpty("trial", trial)
        try checkEmpty("shard", shard)
        try checkEmpty("attempt", attempt)
        try checkEmpty("a", a)
        try checkEmpty("b", b)
        try checkEmpty("c", c)
    }

    func checkNoPayload() throws(WireError) {
        guard payloadBytes == 0 else { throw .payloadLimit(kind, payloadBytes) }
    }

    /// The size of the payload: 1 byte to 1 MiB.
    func chunkBytes() throws(WireError) -> Int {
        guard (1...UInt64(WireProtocol.maximumChunkBytes)).contains(payloadBytes) else {
            throw .payloadLimit(kind, payloadBytes)
        }
        return Int(payloadBytes)
    }

    func field(_ name: String, _ value: some UnsignedInteger) -> WireError {
        .field(kind, name, "\(value)")
    }

    static func packed(_ range: Range<Int>) -> UInt64 {
        UInt64(UInt32(range.upperBound)) << 32 | UInt64(UInt32(range.lowerBound))
    }
}
