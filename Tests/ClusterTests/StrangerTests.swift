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
    /// Strangers that send to the address of a run, which stays open for them.
    @Suite struct StrangerTests {
        /// Runs trials of a TCP cluster while `stranger` does its worst, and then until it has had
        /// its say and `isDone` finds that the coordinator knows.
        private func withstand(
            within time: Duration = patience,
            _ stranger: @escaping @Sendable (_ endpoint: String, _ token: RunToken) throws -> Void,
            until isDone: (Cluster) -> Bool = { _ in true }
        ) throws -> Cluster {
            let cluster = try RealWorkers.cluster(2, transport: .tcp, admitsLateWorkers: true)
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
            let limit = Cluster.now + time
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
            let cluster = try withstand { endpoint, token in
                var generator = SplitMix(seed: seed)
                let peer = try RawPeer(endpoint, token)
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
            let cluster = try withstand { endpoint, token in
                let peer = try RawPeer(endpoint, token)
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
            #expect(cluster.strangers == Strangers(messages: ["run": 50]))
        }

        /// A stranger that knows the run's token and number sends what a worker would send.
        @Test func `a peer that never joined changes nothing`() throws {
            let cluster = try RealWorkers.cluster(1, transport: .tcp, admitsLateWorkers: true)
            let problem = try TestProblem(AttentionProblem(shape: .sample()))
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            let peer = try RawPeer(cluster.endpoint, cluster.token)
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

        /// Nothing that such a peer sends is read, so none of it is counted as a message.
        @Test(arguments: [false, true])
        func `a peer without the run's token is not heard`(hasAnother: Bool) throws {
            let cluster = try withstand { endpoint, _ in
                for _ in 0..<3 {
                    let peer = try RawPeer(endpoint, hasAnother ? RunToken.random() : nil)
                    try peer.send(.sample(rank: 0))
                }
            } until: {
                // A connection counts when it is accepted, its token when that has been looked at.
                hasAnother ? $0.strangers.wrongTokens > 0 : $0.strangers.refused > 0
            }
            #expect(cluster.refusals.isEmpty)
            #expect(cluster.strangers.refused > 0)
            #expect((cluster.strangers.wrongTokens > 0) == hasAnother)
        }

        /// More than the coordinator has room for: the oldest make room for others.
        @Test func `strangers that stay neither fill the coordinator nor keep others out`() throws {
            let cluster = try withstand { endpoint, token in
                let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
                var open: [RawConnection] = []
                for _ in 0..<4 * Doorkeeper.room {
                    open.append(try RawConnection(port))
                    #expect(open.last?.isOpen(within: patience) == true)
                }
                for connection in open.dropLast(2 * Doorkeeper.room) {
                    #expect(connection.hasEnded(within: .seconds(1)))
                }
                let peer = try RawPeer(endpoint, token)
                try peer.send(.sample(rank: 7))
                guard case .refuse = try peer.next().content else {
                    Issue.record("there is no room")
                    return
                }
            }
            #expect(cluster.strangers.refused == 4 * Doorkeeper.room)
        }

        /// Every way that the script knows, some with the token.
        @Test(.enabled(if: StrangersScript.isPresent, "there is no python3"))
        func `a storm of strangers changes no bit`() throws {
            let count = isThorough ? 100_000 : 220
            let time = Duration.seconds(isThorough ? 1800 : 120)
            let cluster = try withstand(within: time) { endpoint, token in
                let port = try #require(endpoint.split(separator: ":").last)
                try StrangersScript.run(
                    [String(port), "--count", "\(count)", "--token", token.hexadecimal],
                    within: time
                )
            }
            let strangers = cluster.strangers
            #expect((1...count).contains(strangers.refused))
            #expect((1...strangers.refused).contains(strangers.wrongTokens))
            #expect(strangers.messages.keys.contains("headerSize"))
        }

        @Test(arguments: ["version", "rank"])
        func `a HELLO in the middle of a run is refused with its reason`(kind: String) throws {
            _ = try withstand { endpoint, token in
                let peer = try RawPeer(endpoint, token)
                let hello = Hello.sample(rank: 7)
                let json = try hello.payload()
                var header = Hello.header(run: 0, payloadBytes: json.count).bytes
                if kind == "version" { header = header.ofVersion(9) }
                for _ in 0..<20 {
                    try peer.send(header, json)
                    guard case .refuse(let refuse) = try peer.next().content else {
                        Issue.record("it was not refused")
                        return
                    }
                    let expected = ["version": "9", "rank": "rank 7"]
                    #expect(refuse.reason.contains(expected[kind] ?? "?"), "\(refuse.reason)")
                }
            }
        }

        /// Bytes that are no ZMTP, some after a greeting that is.
        @Test(arguments: [false, true])
        func `raw bytes on the port change nothing`(greets: Bool) throws {
            let cluster = try withstand { endpoint, _ in
                let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
                var generator = SplitMix(seed: 0xBAD)
                for _ in 0..<20 {
                    let connection = try RawConnection(port)
                    var bytes: [UInt8] = greets ? Self.greeting : []
                    for _ in 0..<65536 {
                        bytes.append(UInt8.random(in: 0...255, using: &generator))
                    }
                    // The coordinator may close the connection half way.
                    connection.send(bytes)
                }
            } until: {
                $0.strangers.refused == 20
            }
            #expect(cluster.strangers == Strangers(refused: 20))
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
