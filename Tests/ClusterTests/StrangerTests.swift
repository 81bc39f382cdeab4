import Attention
import Glibc
import Scheduling
import TestSupport
import Testing
import Wire
import Work

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// Strangers that send to the address of a run.
    @Suite struct StrangerTests {
        /// Runs trials of a TCP cluster while `stranger` does its worst, and then until it has had
        /// its say and `isDone` finds that the coordinator knows.
        private func withstand(
            _ stranger: @escaping @Sendable (_ endpoint: String, _ token: RunToken) throws -> Void,
            until isDone: (Cluster) -> Bool = { _ in true }
        ) throws -> Cluster {
            let cluster = try RealWorkers.cluster(2, transport: .tcp)
            let problem = try TestProblem(
                AttentionProblem(shape: .sample(queryLength: 300, keyLength: 70))
            )
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            let ended = try Handover<String?>(capacity: 1)
            let (endpoint, token) = (cluster.endpoint, cluster.token)
            let thread = try PlainThread {
                do {
                    try stranger(endpoint, token)
                    ended.put(nil)
                } catch {
                    ended.put("\(error)")
                }
            }
            let limit = Cluster.now + patience
            var ending: String??
            repeat {
                try problem.check(cluster, split: .rows)
                ending = ending ?? ended.take()
            } while (ending == nil || !isDone(cluster)) && Cluster.now < limit
            if ending == nil { Issue.record("the stranger has not come to an end") }
            thread.join()
            #expect((ending ?? nil) == nil)
            #expect(isDone(cluster))
            #expect(cluster.faults.isEmpty)
            #expect(cluster.liveWorkerCount == 2)
            return cluster
        }

        @Test(arguments: [1, 2, 3] as [UInt64])
        func `random frames are counted and dropped`(seed: UInt64) throws {
            let count = 200
            let cluster = try withstand { endpoint, _ in
                var generator = SplitMix(seed: seed)
                let peer = try RawPeer(endpoint)
                for _ in 0..<count {
                    let sizes = [0, 1, 63, 64, 65, 1000]
                    let frames = (0..<2).map { _ in
                        (0..<(sizes.randomElement(using: &generator) ?? 0)).map { _ in
                            UInt8.random(in: 0...255, using: &generator)
                        }
                    }
                    try peer.send(frames[0], Bool.random(using: &generator) ? frames[1] : nil)
                }
            } until: {
                $0.refusalCount >= count
            }
            #expect(cluster.refusalCount == count, "seed \(seed)")
            #expect(Set(cluster.refusals.keys) == [.headerSize, .magic])
        }

        @Test func `messages of another run are counted and dropped`() throws {
            let cluster = try withstand { endpoint, _ in
                let peer = try RawPeer(endpoint)
                for run in 1...50 as ClosedRange<UInt64> {
                    let result = ResultMessage(
                        task: TaskIdentity(trial: 1, shard: 0, attempt: 1),
                        computeNanoseconds: 1,
                        queueNanoseconds: 1,
                        offCoreNanoseconds: 0
                    )
                    try peer.send(result.header(run: run).bytes)
                }
            } until: {
                $0.refusalCount >= 50
            }
            #expect(cluster.refusals == [.run: 50])
        }

        /// A stranger that knows the run's number sends what a worker would send.
        @Test func `a peer that never joined changes nothing`() throws {
            let cluster = try RealWorkers.cluster(1, transport: .tcp)
            let problem = try TestProblem(AttentionProblem(shape: .sample()))
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            let peer = try RawPeer(cluster.endpoint)
            peer.run = cluster.run
            for trial in 1...3 {
                for shard in 0..<8 {
                    let output = OutputMessage(
                        task: TaskIdentity(trial: trial, shard: shard, attempt: 1),
                        byteOffset: 0,
                        payloadBytes: 48
                    )
                    try peer.send(
                        output.header(run: cluster.run).bytes,
                        [UInt8](repeating: 7, count: 48)
                    )
                }
                try peer.send(Bye(reason: "I am everybody"))
                try problem.check(cluster, split: .head)
            }
            #expect(cluster.faults.isEmpty)
        }

        @Test(arguments: ["version", "token", "rank"])
        func `a HELLO in the middle of a run is refused with its reason`(kind: String) throws {
            _ = try withstand { endpoint, token in
                let peer = try RawPeer(endpoint)
                let hello = Hello.sample(kind == "token" ? .random() : token, rank: 7)
                let json = try hello.payload()
                var header = Hello.header(run: 0, payloadBytes: json.count).bytes
                if kind == "version" { header = header.ofVersion(9) }
                for _ in 0..<20 {
                    try peer.send(header, json)
                    guard case .refuse(let refuse) = try peer.next().content else {
                        Issue.record("it was not refused")
                        return
                    }
                    let expected = ["version": "9", "token": "token", "rank": "rank 7"]
                    #expect(refuse.reason.contains(expected[kind] ?? "?"), "\(refuse.reason)")
                }
            }
        }

        /// Bytes that are no ZMTP, some after a greeting that is.
        @Test(arguments: [false, true])
        func `raw bytes on the port change nothing`(greets: Bool) throws {
            _ = try withstand { endpoint, _ in
                let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
                var generator = SplitMix(seed: 0xBAD)
                for _ in 0..<20 {
                    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
                    let descriptor = socket(AF_INET, type, 0)
                    defer { close(descriptor) }
                    var address = sockaddr_in()
                    address.sin_family = sa_family_t(AF_INET)
                    address.sin_port = port.bigEndian
                    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
                    let isConnected = withUnsafePointer(to: &address) {
                        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                        }
                    }
                    try #require(isConnected)
                    var bytes: [UInt8] = greets ? Self.greeting : []
                    for _ in 0..<65536 {
                        bytes.append(UInt8.random(in: 0...255, using: &generator))
                    }
                    // The coordinator may close the connection half way.
                    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                }
            }
        }

        /// ZMTP 3.0, mechanism NULL, and a READY of a DEALER; any bytes follow.
        private static let greeting: [UInt8] =
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("NULL".utf8)
            + [UInt8](repeating: 0, count: 16 + 32) + [4, 28, 5] + Array("READY".utf8) + [11]
            + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
    }
}

extension Cluster {
    fileprivate var refusalCount: Int { refusals.values.reduce(0, +) }
}
