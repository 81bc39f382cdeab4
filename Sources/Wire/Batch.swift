import Work

/// A message without a payload that can be sent together with others of its kind.
package protocol BatchedMessage: HotMessage {
    /// The kind of such a message of several.
    static var batchKind: MessageKind { get }
}

extension WorkerTask: BatchedMessage {
    package static var batchKind: MessageKind { .tasks }
}

extension ResultMessage: BatchedMessage {
    package static var batchKind: MessageKind { .results }
}

/// Several messages of one kind as one: their headers are its payload.
///
/// Waking the threads on the way takes longer than anything else that is done for a short task. So what waits
/// anyway is sent together.
package struct Batch<Element: BatchedMessage>: Hashable, Sendable {
    package let elements: [Element]

    /// - Parameter elements: 1 to `WireProtocol.mostInBatch`.
    package init(_ elements: [Element]) {
        precondition(
            (1...WireProtocol.mostInBatch).contains(elements.count),
            "a batch must not be empty or too long"
        )
        self.elements = elements
    }

    init(header: Header, payload: Span<UInt8>) throws(WireError) {
        let (count, rest) = payload.count.quotientAndRemainder(dividingBy: Header.byteCount)
        guard rest == 0, (1...WireProtocol.mostInBatch).contains(count) else {
            throw .payloadLimit(header.kind, header.payloadBytes)
        }
        try header.checkFieldsEmpty()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            let first = index * Header.byteCount
            let inner = try Header(
                decoding: payload.extracting(first..<first + Header.byteCount),
                run: header.run
            )
            guard inner.kind == Element.kind else { throw .kind(inner.kind.rawValue) }
            try inner.checkNoPayload()
            elements.append(try Element(header: inner))
        }
        self.elements = elements
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Element.batchKind, run: run)
        header.payloadBytes = UInt64(elements.count * Header.byteCount)
        return header
    }

    // Other modules call it, for each message.
    @specialized(where Element == WorkerTask)
    @specialized(where Element == ResultMessage)
    package func payload(run: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: elements.count * Header.byteCount)
        var span = bytes.mutableSpan
        for index in elements.indices {
            let header = elements[index].header(run: run)
            precondition(header.payloadBytes == 0, "what is sent together has no payload")
            header.encode(into: &span, at: index * Header.byteCount)
        }
        return bytes
    }
}
