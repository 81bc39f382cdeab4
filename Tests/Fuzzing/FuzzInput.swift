import Files
import Glibc
import Plan
import Record
import Tensors
import Wire
import Work

/// Gives any bytes to one of the readers of what others write: the wire, plans, records, tensors.
///
/// A reader may refuse them with its error, and may not trap, hang or take much memory. The first byte
/// says which reader. A fuzzer calls this with inputs of its own, and a test with those that were kept.
package struct FuzzInput {
    package enum Reader: UInt8, CaseIterable {
        case frames, document, fields, plan, record, array, archive, safetensors
    }

    private let folder: String

    /// Files are written to `folder`, which exists.
    package init(folder: String) { self.folder = folder }

    /// Whether the reader took the bytes.
    package func isTaken(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first else { return false }
        let count = UInt8(Reader.allCases.count)
        guard let reader = Reader(rawValue: first % count) else { return false }
        let rest = Array(bytes.dropFirst())
        do {
            try read(rest, by: reader)
            return true
        } catch {
            // Making the sentence must not trap either.
            return "\(error)".isEmpty
        }
    }

    private func read(_ bytes: [UInt8], by reader: Reader) throws {
        switch reader {
        case .frames:
            let header = Array(bytes.prefix(Header.byteCount))
            try readMessage(header, Array(bytes.dropFirst(Header.byteCount)))
        case .document:
            guard let code = bytes.first else { return }
            let payload = Array(bytes.dropFirst())
            let kinds = MessageKind.allCases
            var header = Header(kind: kinds[Int(code) % kinds.count], run: 1)
            header.payloadBytes = UInt64(payload.count)
            try readMessage(header.bytes, payload)
        case .fields:
            try readFields(bytes)
        case .plan:
            _ = try RunPlan.read(written(bytes, "plan.json"))
        case .record:
            try readRecord(written(bytes, "record.json"))
        case .array:
            let path = try written(bytes, "array.npy")
            _ = try TensorFile(reading: path)
            _ = try weights(path)
        case .archive:
            _ = try ExternalTensors(reading: written(bytes, "archive.npz"))
        case .safetensors:
            let path = try written(bytes, "tensors.safetensors")
            for kind in [InputKind.attention, .scores, .layer(heads: 2)] {
                _ = try? ExternalTensors(reading: path, as: kind)
            }
            _ = try weights(path)
        }
    }

    // MARK: The wire

    private func readMessage(_ header: [UInt8], _ payload: [UInt8]) throws {
        let message = try IncomingMessage(
            header: header.span,
            payload: payload.span,
            frameCount: payload.isEmpty ? 1 : 2,
            run: nil
        )
        // Its payload is read by whoever asked for a trace.
        if case .result = message.content { _ = ActivityLog(payload: payload.span) }
    }

    /// Any fields behind a right checksum.
    private func readFields(_ bytes: [UInt8]) throws {
        guard bytes.count >= 45 else { return }
        func number(_ offset: Int, _ size: Int) -> UInt64 {
            (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
        }
        let kinds = MessageKind.allCases
        var header = Header(kind: kinds[Int(bytes[0]) % kinds.count], run: number(1, 8))
        header.trial = UInt32(number(9, 4))
        header.shard = UInt32(number(13, 4))
        header.attempt = UInt32(number(17, 4))
        header.a = number(21, 8)
        header.b = number(29, 8)
        header.c = number(37, 8)
        let payload = Array(bytes[45...])
        header.payloadBytes = UInt64(payload.count)
        try readMessage(header.bytes, payload)
    }

    // MARK: Files

    private func written(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = "\(folder)/\(name)"
        let file = unsafe fopen(path, "w")
        guard let file = unsafe file else { throw POSIXFailure() }
        defer { unsafe fclose(file) }
        guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw POSIXFailure()
        }
        return path
    }

    private struct POSIXFailure: Error {}

    private func readRecord(_ path: String) throws {
        let file = try JSONFile(reading: path)
        func read<Kept: KeptRecord>(_ type: Kept.Type) throws -> Bool {
            guard Kept.schemas.contains(file.schema) else { return false }
            _ = try Kept(checking: file).sentence
            return true
        }
        if try read(RunRecord.self) || read(KernelRecord.self) { return }
        if try read(CompareRecord.self) || read(VerifyRecord.self) { return }
        _ = try read(MapRecord.self) || read(HistoryRecord.self)
    }

    private func weights(_ path: String) throws -> Int {
        let stored = try StoredWeights(reading: path, flag: "--from")
        return try (0..<min(stored.rowCount, 8)).reduce(0) { try $0 + stored.row($1).count }
    }
}
