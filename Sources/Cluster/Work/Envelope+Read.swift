import Wire
import ZeroMQ

extension Envelope {
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
