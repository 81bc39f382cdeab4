import TestSupport
import Testing
import Wire

struct FuzzTests {
    static let seeds: [UInt64] = Array(1...(isThorough ? 200 : 8))

    @Test(arguments: seeds)
    func `random frames are refused`(seed: UInt64) {
        var source = SplitMix(seed: seed)
        for _ in 0..<2000 {
            let byteCount =
                Bool.random(using: &source) ? 64 : Int.random(in: 0...130, using: &source)
            let header = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &source) }
            let payload = (0..<Int.random(in: 0...70, using: &source)).map { _ in
                UInt8.random(in: 0...255, using: &source)
            }
            #expect(Samples.refusal(header, payload, run: nil) != nil)
        }
    }

    /// Headers whose checksum is right and whose fields are anything: what is read must be within
    /// its limits and say the same when it is written again.
    @Test(arguments: seeds)
    func `any fields behind a right checksum are refused or written again`(seed: UInt64) throws {
        var source = SplitMix(seed: seed)
        let edges: [UInt64] = [
            0, 1, 2, 5, 6, 1 << 20, (1 << 20) + 1, 1 << 32, 1 << 47, (1 << 47) + 1, 1 << 62,
            1 << 63, UInt64(UInt32.max) - 1, UInt64(UInt32.max), .max - 1, .max, 3 << 32 | 2,
        ]
        func any() -> UInt64 {
            let edge = edges.randomElement(using: &source) ?? 0
            return Int.random(in: 0...3, using: &source) > 0 ? edge : source.next()
        }
        var accepted = 0
        for _ in 0..<4000 {
            let kind = MessageKind.allCases.randomElement(using: &source) ?? .ready
            var header = Header(kind: kind, run: Samples.run)
            header.trial = UInt32(truncatingIfNeeded: any())
            header.shard = UInt32(truncatingIfNeeded: any())
            header.attempt = UInt32(truncatingIfNeeded: any())
            header.a = any()
            header.b = any()
            header.c = any()
            let payload: [UInt8]
            switch Int.random(in: 0...2, using: &source) {
            case 0: payload = Samples.payload
            default: payload = []
            }
            header.payloadBytes =
                Int.random(in: 0...9, using: &source) > 0 ? UInt64(payload.count) : any()
            do {
                let message = try Samples.read(header.bytes, payload)
                #expect(try Samples.headerAgain(message) == header)
                accepted += 1
            } catch is WireError {
                continue
            }
        }
        #expect(accepted > 0, "nothing was ever accepted, so nothing was tried")
    }

    @Test(arguments: seeds)
    func `changed documents are refused or read`(seed: UInt64) throws {
        var source = SplitMix(seed: seed)
        var (accepted, refused) = (0, 0)
        for _ in 0..<100 {
            for (kind, text) in Samples.documents {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &source) {
                    let at = Int.random(in: 0..<bytes.count, using: &source)
                    switch Int.random(in: 0...2, using: &source) {
                    case 0: bytes[at] = UInt8.random(in: 0...255, using: &source)
                    case 1: bytes.remove(at: at)
                    default: bytes.insert(UInt8.random(in: 48...57, using: &source), at: at)
                    }
                }
                var header = Header(kind: kind, run: Samples.run)
                header.payloadBytes = UInt64(bytes.count)
                switch Samples.refusal(header.bytes, bytes)?.reason {
                case nil: accepted += 1
                case .field, .document: refused += 1
                case let reason: Issue.record("seed \(seed): refused for \(reason as Any)")
                }
            }
        }
        #expect(accepted > 0)
        #expect(refused > 0)
    }
}
