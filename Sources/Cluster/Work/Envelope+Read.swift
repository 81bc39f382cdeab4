import Wire
import ZeroMQ

extension Envelope {
    /// Whether it holds a HELLO to `run`, by its header.
    func isHello(ofRun run: UInt64) throws(WireError) -> Bool {
        try header.withBytes { (header) throws(WireError) in
            try Header(decoding: header, run: run).kind == .hello
        }
    }

    /// The message it holds, which belongs to `run` unless that is nil.
    func message(ofRun run: UInt64?) throws(WireError) -> IncomingMessage {
        let frameCount = frameCount
        return try header.withBytes { (header) throws(WireError) in
            try payload.withBytes { (payload) throws(WireError) in
                try IncomingMessage(
                    header: header,
                    payload: payload,
                    frameCount: frameCount,
                    run: run
                )
            }
        }
    }
}
