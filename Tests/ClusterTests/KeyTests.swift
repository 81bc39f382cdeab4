import Attention
import Glibc
import Keys
import TestSupport
import Testing
import Wire
import Work
import ZeroMQ

// Testing has one, too.
import enum Platform.ExitStatus

@testable import Cluster
@testable import Platform

extension ProcessTests {
    /// Clusters whose workers show keys.
    @Suite struct KeyTests {
        /// New keys for two workers.
        private static func makeKeys(in place: borrowing TemporaryFolder) throws -> KeyFolder {
            let path = place.file("keys")
            try KeyFolder.make(path, workerCount: 2)
            return KeyFolder(path)
        }

        /// The addresses of this machine's loopback.
        private static let addresses = ["127.0.0.1", "127.0.0.7", "::1"]
            .compactMap { NetworkAddress($0) }
            // A machine may be without IPv6.
            .filter { (try? TCPDoor(at: $0, backlog: 1)) != nil }

        @Test(arguments: addresses)
        func `workers with keys compute the bits of one process`(address: NetworkAddress) throws {
            let place = try TemporaryFolder()
            let keys = try Self.makeKeys(in: place)
            let cluster = try RealWorkers.cluster(2, transport: .tcp, bind: address, keys: keys)
            #expect(cluster.endpoint.hasPrefix(address.endpoint(port: 0).dropLast()))
            let problem = try TestProblem(
                AttentionProblem(shape: .sample(queryLength: 300, keyLength: 70))
            )
            for plane in [PlaneName.inline, .resident] {
                try cluster.load(problem.workload(plane), inputs: problem.inputs)
                for split in [Split.rows, .head] { try problem.check(cluster, split: split) }
            }
            #expect(cluster.faults.isEmpty)
            #expect(cluster.strangers.refused == 0)
        }

        /// Who is at the address while the workers join, and afterwards.
        enum Stranger: String, CaseIterable {
            case token, nothing, unlisted, otherCoordinator, sixthWorker

            func security(_ keys: KeyFolder, _ cluster: Cluster) throws -> SocketSecurity {
                let worker = try keys.workerKeys(rank: 0)
                switch self {
                case .token:
                    return .passwordClient(
                        name: "worker",
                        password: cluster.token.hexadecimal
                    )
                case .nothing: return .none
                case .unlisted:
                    return .keyClient(try .random(), server: worker.coordinator)
                case .otherCoordinator:
                    return .keyClient(worker.pair, server: try KeyPair.random().publicKey)
                case .sixthWorker:
                    // The folder lists it, but the run has fewer workers.
                    return .keyClient(
                        try keys.workerKeys(rank: 1).pair,
                        server: worker.coordinator
                    )
                }
            }

            /// Whether it shows a key that the coordinator looks for.
            var showsKey: Bool { self == .unlisted || self == .sixthWorker }

            func isCounted(in strangers: Strangers) -> Bool {
                showsKey ? strangers.wrongTokens > 0 : strangers.refused > 0
            }
        }

        @Test(arguments: Stranger.allCases)
        func `nothing of a stranger is heard, and it is counted`(stranger: Stranger) throws {
            let place = try TemporaryFolder()
            let keys = try Self.makeKeys(in: place)
            let cluster = try RealWorkers.cluster(
                1,
                transport: .tcp,
                keys: keys,
                admitsLateWorkers: true
            )
            let peer = try RawPeer(cluster.endpoint, try stranger.security(keys, cluster))
            // At once: a peer that has been refused can send no more.
            try peer.send(.sample(rank: 0))
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 100)))
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            let limit = Cluster.now + patience
            repeat {
                try problem.check(cluster, split: .head)
                // A connection counts when it is accepted, its key when that has been looked at.
            } while !stranger.isCounted(in: cluster.strangers) && Cluster.now < limit
            #expect(cluster.strangers.refused > 0)
            #expect((cluster.strangers.wrongTokens > 0) == stranger.showsKey)
            #expect(cluster.strangers.messages.isEmpty)
            #expect(cluster.faults.isEmpty)
        }

        /// So no worker can be another one, even before that has joined.
        @Test func `a worker has the rank of its key alone`() throws {
            let place = try TemporaryFolder()
            let keys = try Self.makeKeys(in: place)
            let refused = try System.eventDescriptor()
            defer { System.close(refused) }
            try FakeWorkers().run(2, transport: .tcp, keys: keys) { worker in
                if worker.seat.rank == 0 {
                    try #require(waitUntilReadable(refused))
                } else {
                    try worker.send(.sample(rank: 0))
                    guard case .refuse = try worker.next().content else {
                        throw NotRefused()
                    }
                    System.signal(eventDescriptor: refused)
                }
                try worker.join()
                try worker.waitForEnd()
            } _: { cluster in
                #expect(cluster.liveWorkerCount == 2)
                #expect(cluster.refusals == [.rank: 1])
                #expect(cluster.faults.isEmpty)
            }
        }

        private struct NotRefused: Error {}

        @Test func `many strangers beside workers with keys change no bit`() throws {
            let place = try TemporaryFolder()
            let keys = try Self.makeKeys(in: place)
            let cluster = try RealWorkers.cluster(
                2,
                transport: .tcp,
                keys: keys,
                admitsLateWorkers: true
            )
            let port = try #require(UInt16(cluster.endpoint.split(separator: ":").last ?? ""))
            var open: [RawConnection] = []
            for _ in 0..<3 * Doorkeeper.room {
                open.append(try RawConnection(port))
                #expect(open.last?.isOpen(within: patience) == true)
            }
            for connection in open.prefix(Doorkeeper.room) {
                #expect(connection.hasEnded(within: .seconds(1)))
            }
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 100)))
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            try problem.check(cluster, split: .rows)
            #expect(cluster.faults.isEmpty)
        }

        /// What is wrong with a worker's folder.
        enum Fault: String, CaseIterable {
            case otherFolder, otherCoordinator, noCoordinator, readable
        }

        @Test(arguments: Fault.allCases)
        func `a worker without the right keys ends with the reason`(fault: Fault) throws {
            let place = try TemporaryFolder()
            let keys = try Self.makeKeys(in: place)
            let cluster = try RealWorkers.cluster(
                1,
                transport: .tcp,
                keys: keys,
                admitsLateWorkers: true
            )
            let other = place.file("other")
            try KeyFolder.make(other, workerCount: 2)
            let publicKey = "coordinator.public"
            var expected = "coordinator"
            switch fault {
            case .otherFolder:
                // It has the right key of the coordinator, which does not list its own.
                try place.write("other/\(publicKey)", try place.bytes("keys/\(publicKey)"))
                expected = "worker-0"
            case .otherCoordinator:
                let secret = "worker-0.secret"
                try place.write("other/\(secret)", try place.bytes("keys/\(secret)"))
                try place.write(
                    "other/worker-0.public",
                    try place.bytes("keys/worker-0.public")
                )
            case .noCoordinator: try #require(unlink("\(other)/\(publicKey)") == 0)
            case .readable:
                try #require(chmod("\(other)/worker-0.secret", 0o644) == 0)
                expected = "chmod 600"
            }
            let (status, words) = try end(of: other, at: cluster)
            #expect(status == .exited(code: 40))
            #expect(words.contains(expected), "\(words)")
        }

        /// Starts a worker with a folder of keys; returns how it ends, and what it says.
        private func end(
            of folder: String,
            at cluster: Cluster
        ) throws -> (ExitStatus, String) {
            let (readEnd, writeEnd) = try System.pipe()
            let (words, errors) = try System.pipe()
            defer { for end in [readEnd, writeEnd, words] { System.close(end) } }
            try System.write(Array(cluster.token.hexadecimal.utf8), to: writeEnd)
            var worker = try SpawnedProcess(
                executable: PackageFolder.program,
                arguments: [
                    "worker", "--connect", cluster.endpoint, "--rank", "0", "--token-descriptor",
                    "3",
                    "--keys", folder,
                ],
                descriptors: [2: errors, 3: readEnd]
            )
            System.close(errors)
            try #require(waitUntilReadable(worker.exitDescriptor), "it did not end")
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(words, &bytes, bytes.count)
            return (worker.reap(), String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
        }

        /// As on another host: it inherits no descriptor.
        @Test func `a worker that was started by hand computes the same bits`() throws {
            let place = try TemporaryFolder()
            var configuration = ClusterConfiguration(
                workerCount: 2,
                transport: .tcp,
                keys: try Self.makeKeys(in: place)
            )
            configuration.launcher = ForeignLauncher(
                launch: try Launch("env RANK={rank} {worker}"),
                executable: PackageFolder.program
            )
            let cluster = try Cluster(configuration, interruption: TestInterruption.shared)
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 100)))
            try cluster.load(problem.workload(.inline), inputs: problem.inputs)
            for trial in 0..<3 {
                let report = try problem.check(cluster, split: .rows)
                // Of short trials that follow each other, not all are read.
                guard trial == 0 else { continue }
                for use in report.workers.map(\.use) {
                    let computing = try #require(use.computeNanoseconds)
                    #expect(try computing > 0 && computing <= #require(use.cpuNanoseconds))
                    #expect(use.voluntarySwitches != nil && use.involuntarySwitches != nil)
                }
            }
            #expect(try #require(cluster.largestWorkerBytes) > 1 << 20)
            #expect(cluster.faults.isEmpty)
        }

        @Test func `an address that other hosts reach is not opened without keys`() throws {
            for text in ["10.0.0.1", "fd00::1", "0.0.0.0"] {
                let address = try #require(NetworkAddress(text))
                let error = try #require(throws: RunError.self) {
                    _ = try RealWorkers.cluster(1, transport: .tcp, bind: address)
                }
                #expect(error.exitCode == 40)
                #expect(error.description.contains("headwise keys new"), "\(error)")
            }
        }
    }
}
