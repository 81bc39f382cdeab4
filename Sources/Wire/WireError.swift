/// Why a message was not taken.
///
/// Anyone who can reach a socket can send anything to it, so refusing is ordinary: the coordinator
/// counts the reasons and goes on.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A message is a header, or a header and a payload.
    case frameCount(Int)
    case headerSize(Int)
    case magic(UInt32)
    case version(UInt16)
    case headerChecksum
    case kind(UInt16)
    case run(found: UInt64, expected: UInt64)
    /// The payload is not as long as the header says.
    case payloadSize(announced: UInt64, found: Int)
    /// The header announces a payload its kind cannot have.
    case payloadLimit(MessageKind, UInt64)
    case payloadChecksum
    /// A number in a header or a document is outside what it may be.
    case field(MessageKind, String, String)
    /// The document is not JSON, or not of the form its kind asks for.
    case document(MessageKind, String)

    /// The cases without what they carry: what refused messages are counted by.
    package enum Reason: Hashable, Sendable {
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
            "a message of \(found) frames came; it must have a header and at most one payload"
        case .headerSize(let found):
            "a header of \(found) bytes came; it must have \(Header.byteCount)"
        case .magic(let found):
            "a message began with 0x\(String(found, radix: 16)), which is not this protocol; "
                + "something else is talking to this address"
        case .version(let found):
            "the other side speaks protocol version \(found), this one \(WireProtocol.version); "
                + "run the same build on both"
        case .headerChecksum: "a header does not match its checksum"
        case .kind(let found): "there is no message kind \(found)"
        case .run(let found, let expected):
            "a message of run \(String(found, radix: 16)) came to run "
                + "\(String(expected, radix: 16)); its sender belongs to another one"
        case .payloadSize(let announced, let found):
            "a header announced \(announced) bytes of payload and \(found) came"
        case .payloadLimit(let kind, let bytes):
            "a \(kind) message announced \(bytes) bytes of payload, which it cannot have"
        case .payloadChecksum: "a payload does not match its checksum"
        case .field(let kind, let name, let value):
            "the \(name) of a \(kind) message is \(value), which it cannot be"
        case .document(let kind, let problem):
            "the document of a \(kind) message is not one: \(problem)"
        }
    }
}
