import FoundationEssentials

/// A message whose payload is a JSON document, for use before and after the trials.
///
/// Readers ignore unknown keys, so that a document can get new keys without a new version.
package protocol SetupMessage: Codable, Sendable {
    static var kind: MessageKind { get }
    /// The largest document of this kind.
    static var maximumPayloadBytes: Int { get }
    /// Refuses values that no correct sender writes.
    func check() throws(WireError)
}

extension SetupMessage {
    package static var maximumPayloadBytes: Int { WireProtocol.maximumDocumentBytes }

    /// Reads the document and checks it.
    package init(payload: Span<UInt8>) throws(WireError) {
        guard payload.count <= Self.maximumPayloadBytes else {
            throw .payloadLimit(Self.kind, UInt64(payload.count))
        }
        var bytes = [UInt8]()
        bytes.reserveCapacity(payload.count)
        for index in payload.indices { bytes.append(payload[index]) }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .document(Self.kind, SetupProblem.sentence(error))
        }
        try check()
    }

    /// The document as bytes, at most as many as its kind may have.
    package func payload() throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = try [UInt8](encoder.encode(self))
        } catch {
            throw .document(Self.kind, SetupProblem.sentence(error))
        }
        guard bytes.count <= Self.maximumPayloadBytes else {
            throw .payloadLimit(Self.kind, UInt64(bytes.count))
        }
        return bytes
    }

    /// The header for a document of `payloadBytes` bytes.
    package static func header(run: UInt64, payloadBytes: Int) -> Header {
        var header = Header(kind: kind, run: run)
        header.payloadBytes = UInt64(payloadBytes)
        return header
    }

    func check() throws(WireError) {}

    func field(_ name: String, _ value: some CustomStringConvertible) -> WireError {
        .field(Self.kind, name, value.description)
    }
}

/// A short sentence that says what is wrong with a document.
private enum SetupProblem {
    static func sentence(_ error: any Error) -> String {
        let text =
            switch error {
            case DecodingError.keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
            case DecodingError.typeMismatch(_, let context),
                DecodingError.valueNotFound(_, let context),
                DecodingError.dataCorrupted(let context):
                context.codingPath.isEmpty
                    ? context.debugDescription
                    : "\"\(path(context.codingPath))\": \(context.debugDescription)"
            case EncodingError.invalidValue(let value, let context):
                "\"\(path(context.codingPath))\" cannot be \(value)"
            default: "\(error)"
            }
        // A document from an unknown sender must not fill a log.
        return String(text.prefix(200))
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
