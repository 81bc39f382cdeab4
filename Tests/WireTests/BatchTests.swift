import Testing
import Wire
import Work

/// Messages of several tasks or results.
struct BatchTests {
    private func refusal(
        of payload: [UInt8],
        _ change: (inout Header) -> Void = { _ in }
    ) -> WireError? {
        var header = Samples.tasks.header(run: Samples.run)
        header.payloadBytes = UInt64(payload.count)
        change(&header)
        return Samples.refusal(header.bytes, payload)
    }

    @Test func `tasks and results are read as they were written, in order`() throws {
        let tasks = Samples.tasks
        let read = try Samples.read(
            tasks.header(run: Samples.run).bytes,
            tasks.payload(run: Samples.run)
        )
        guard case .tasks(let found) = read.content else {
            Issue.record("\(read.content)")
            return
        }
        #expect(found == tasks)
        #expect(found.elements == tasks.elements)
        let results = Batch([ResultMessage](repeating: Samples.result, count: 64))
        let answer = try Samples.read(
            results.header(run: Samples.run).bytes,
            results.payload(run: Samples.run)
        )
        guard case .results(results) = answer.content else {
            Issue.record("\(answer.content)")
            return
        }
    }

    @Test func `a part of a header, or too many, is refused`() {
        let payload = Samples.tasks.payload(run: Samples.run)
        for count in [1, 63, 65, 127] {
            let part = Array(payload.prefix(count))
            #expect(refusal(of: part) == .payloadLimit(.tasks, UInt64(count)))
        }
        let many = (0..<65).flatMap { _ in payload.prefix(64) }
        #expect(refusal(of: many) == .payloadLimit(.tasks, 65 * 64))
        var empty = Samples.tasks.header(run: Samples.run)
        empty.payloadBytes = 0
        #expect(Samples.refusal(empty.bytes) == .payloadLimit(.tasks, 0))
    }

    @Test func `a header inside is checked like any other`() {
        let run = Samples.run
        let good = Samples.task.header(run: run)
        func refusal(of inner: Header) -> WireError? { self.refusal(of: good.bytes + inner.bytes) }
        #expect(refusal(of: good) == nil)
        #expect(refusal(of: Samples.result.header(run: run)) == .kind(10))
        #expect(
            refusal(of: Samples.task.header(run: run + 1)) == .run(found: run + 1, expected: run)
        )
        var paid = good
        paid.payloadBytes = 1
        #expect(refusal(of: paid) == .payloadLimit(.task, 1))
        var spoilt = good.bytes + good.bytes
        spoilt[64 + 20] ^= 1
        #expect(self.refusal(of: spoilt) == .headerChecksum)
    }

    @Test func `fields of its own header are empty`() {
        let payload = Samples.tasks.payload(run: Samples.run)
        #expect(refusal(of: payload) { $0.c = 1 } == .field(.tasks, "c", "1"))
        #expect(refusal(of: payload) { $0.trial = 1 } == .field(.tasks, "trial", "1"))
    }
}
