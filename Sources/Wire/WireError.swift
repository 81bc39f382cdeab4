/// Why a message was refused.
///
/// Anyone who can reach a socket can send anything to it, so a refusal is normal: the coordinator
/// counts refusals by reason and goes on.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The message is not a header, or a header and a payload.
    case frameCount(Int)
    case headerSize(Int)
    case magic(UInt32)
    case version(UInt16)
    case headerChecksum
    case kind(UInt16)
    case run(found: UInt64, expected: UInt64)
    /// The payload does not have the size that the header states.
    case payloadSize(announced: UInt64, found: Int)
    /// The header states a payload size that its kind does not allow.
    case payloadLimit(MessageKind, UInt64)
    case payloadChecksum
    /// A number in a header or a document is out of range.
    case field(MessageKind, String, String)
    /// The document is not JSON, or does not have the form of its kind.
    case document(MessageKind, String)

    /// The cases without their values, to count refused messages by reason.
    package enum Reason: String, Hashable, Sendable {
        case frameCount
        case headerSize
        case magic
        case version
        case headerChecksum
        case kind
        case run
        case payloadSize
        case payloadLimit
        case payloadChecksum
        case field
        case document
        /// A HELLO of a worker that is not expected.
        case rank
    }

    package var reason: Reason {
        switch self {
        case .frameCount: .frameCount
        case .headerSize: .headerSize
        case .magic: .magic
        case .version: .version
        case .headerChecksum: .headerChecksum
        case .kind: .kind
        case .run: .run
        case .payloadSize: .payloadSize
        case .payloadLimit: .payloadLimit
        case .payloadChecksum: .payloadChecksum
        case .field: .field
        case .document: .document
        }
    }

    package var description: String {
        switch self {
        case .frameCount(let found):
            "a message has \(found) frames; expected a header and at most one payload"
        case .headerSize(let found):
            "a header has \(found) bytes; expected \(Header.byteCount)"
        case .magic(let found):
            "a message begins with 0x\(String(found, radix: 16)), which is not this protocol; "
                + "another program is sending to this address"
        case .version(let found):
            "the other side uses protocol version \(found), this side \(WireProtocol.version); "
                + "run the same build on both sides"
        case .headerChecksum: "a header does not match its checksum"
        case .kind(let found): "a message has the unknown kind \(found)"
        case .run(let found, let expected):
            "a message of run \(String(found, radix: 16)) reached run "
                + "\(String(expected, radix: 16)); its sender belongs to another run"
        case .payloadSize(let announced, let found):
            "a header states \(announced) bytes of payload, but \(found) came"
        case .payloadLimit(let kind, let bytes):
            "a \(kind) message states \(bytes) bytes of payload, which this kind does not allow"
        case .payloadChecksum: "a payload does not match its checksum"
        case .field(let kind, let name, let value):
            "the \(name) of a \(kind) message is \(value), which is not allowed"
        case .document(let kind, let problem):
            "the document of a \(kind) message is not valid: \(problem)"
        }
    }
}
