import Record
import TestSupport
import Testing
import Work

/// What `headwise wire` measures, shows and refuses.
struct WireTests {
    private static let short = ["--budget", "0.05"]

    private func record(
        _ words: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> (record: WireRecord, ending: Ending) {
        let ending = try Headwise.run(
            ["wire", "--record", "w.json"] + Self.short + words,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        return (try WireRecord.read(folder.file("w.json")), ending)
    }

    @Test func `every size comes back right in every plane, beside the roofs`() throws {
        let folder = try TemporaryFolder()
        let (record, ending) = try record(
            [
                "--workers", "1,2", "--transport", "ipc,tcp", "--credit", "3", "--plane",
                "inline,copied,shared,resident", "--sizes", "0,4,3MiB",
            ],
            in: folder
        )
        let planes = PlaneName.allCases.count
        #expect(record.transfers.count == 2 * 2 * (1 + 2 * planes))
        #expect(record.tasks.count == 2 * 2)
        #expect(record.roundTrips.map(\.transport) == [.ipc, .tcp])
        #expect(record.wrongBytes == 0)
        for transfer in record.transfers where transfer.payloadBytes > 0 {
            let trials = transfer.times.samplesNanoseconds.count
            #expect(transfer.checkedBytes >= transfer.payloadBytes * transfer.tasks * trials)
            #expect(transfer.tasks >= transfer.workers)
            #expect(transfer.bare != nil && transfer.socket != nil && transfer.copy != nil)
            // All bytes are copied in and out of the kernel at both ends.
            for cpu in [transfer.bareCPU, transfer.socketCPU] {
                #expect(cpu.map { $0.summary.minimumNanoseconds > 1 } == true)
            }
        }
        let moving = record.transfers.filter { $0.plane == .inline && $0.payloadBytes > 1 << 20 }
        #expect(moving.contains { $0.cpu?.summary.minimumNanoseconds ?? 0 > 1 })
        // Inline payloads go over the transport; shared ones do not need it.
        let routes = Set(record.transfers.filter { $0.plane == .inline }.map(\.outputs))
        #expect(routes == [.messages])
        for word in ["p99", "bare", "copy", "3 MiB", "copied", "core-ms"] {
            #expect(ending.output.contains(word), ending.summary)
        }
    }

    /// The others live on, and nobody waits for them.
    @Test func `the end of one process of the bare loop ends the command`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            [
                "wire", "--record", "none", "--workers", "3", "--sizes", "none", "--credit", "4",
                "--budget", "300",
            ],
            in: folder
        )
        let ending = program.finish { program in
            let peers = program.peers
            return peers.count < 3 ? [] : [peers[peers.count - 1]]
        }
        #expect(ending.kind == .exited(31), ending.summary)
    }

    @Test(arguments: ["json", "csv", "markdown"])
    func `other formats and the page have the same figures`(_ format: String) throws {
        let folder = try TemporaryFolder()
        let (record, ending) = try record(
            [
                "--workers", "1", "--plane", "inline", "--sizes", "64-4KiB*8", "--credit", "2",
                "--tasks", "100", "--format", format, "--report", "w.html",
            ],
            in: folder
        )
        #expect(record.transfers.map(\.payloadBytes) == [64, 512, 4096])
        #expect(record.endurance?.tenths.map(\.tasks) == Array(repeating: 10, count: 10))
        #expect(record.endurance?.tenths.allSatisfy { $0.coordinatorBytes ?? 0 > 0 } == true)
        switch format {
        case "json": #expect(try folder.bytes("w.json") == ending.outputBytes)
        case "csv":
            let trials =
                record.roundTrips.flatMap { [$0.times, $0.bare, $0.socket] }
                + record.tasks.flatMap { [$0.times, $0.bare] }
                + record.transfers.flatMap { [$0.times, $0.bare, $0.socket, $0.copy] }
                .compactMap { $0 }
            let rows = trials.reduce(0) { $0 + $1.samplesNanoseconds.count }
            #expect(ending.output.split(separator: "\r\n").count == rows + 1)
        default: #expect(ending.output.contains("| credit |"), ending.summary)
        }
        let page = String(decoding: try folder.bytes("w.html"), as: UTF8.self)
        #expect(page.contains("How fast payloads travel") && page.contains("4 KiB"))
    }

    @Test func `tasks that wait are marked, and take at least their time`() throws {
        let folder = try TemporaryFolder()
        let (record, ending) = try record(
            ["--workers", "3", "--compute", "emulate:2ms", "--credit", "2", "--sizes", "none"],
            in: folder
        )
        #expect(record.mark == "EMULATED" && record.standing == "EMULATED")
        #expect(record.transfers.isEmpty)
        for entry in record.tasks {
            let least = UInt64(2_000_000 * (entry.tasks / entry.workers))
            #expect(entry.times.samplesNanoseconds.allSatisfy { $0 > least })
            #expect(entry.bare.samplesNanoseconds.allSatisfy { $0 > least })
        }
        let titles = ending.output.split(separator: "\n").filter { $0.hasSuffix(":") }
        #expect(titles.count == 2 && titles.allSatisfy { $0.hasPrefix("EMULATED") }, ending.summary)
    }

    @Test func `above 64 workers that wait, several share a process, in the bare loop too`() throws
    {
        let folder = try TemporaryFolder()
        let (record, ending) = try record(
            [
                "--workers", "66", "--compute", "emulate:2ms", "--credit", "2", "--sizes", "none",
                "--tasks", "1000",
            ],
            in: folder
        )
        let entry = try #require(record.tasks.first)
        #expect(record.tasks.count == 1 && entry.workersPerProcess == 2)
        #expect(record.endurance?.workersPerProcess == 2)
        let least = UInt64(2_000_000 * (entry.tasks / entry.workers))
        #expect(entry.times.samplesNanoseconds.allSatisfy { $0 > least })
        #expect(entry.bare.samplesNanoseconds.allSatisfy { $0 > least })
        #expect(ending.output.contains("66 workers, 2 share"), ending.summary)
    }

    @Test(arguments: [
        BadInput("wire --sizes", names: "--sizes"),
        BadInput("wire --sizes 1", names: "--sizes 1", "1 byte", "multiples of 4"),
        BadInput("wire --sizes 4KB", names: "--sizes 4KB", "4KB"),
        BadInput("wire --sizes 4,,8", names: "--sizes 4,,8", "empty"),
        BadInput("wire --sizes 64-16*2", names: "--sizes 64-16*2"),
        BadInput("wire --sizes 64-16KiB*1", names: "--sizes 64-16KiB*1"),
        BadInput("wire --sizes 2GiB", names: "--sizes 2GiB", "1GiB"),
        BadInput("wire --plane fast", names: "--plane", "fast", "inline", "copied"),
        BadInput("wire --plane inline,inline", names: "--plane", "inline twice"),
        BadInput("wire --transport udp", names: "--transport", "udp", "ipc", "tcp"),
        BadInput("wire --workers 0", names: "--workers 0"),
        BadInput("wire --workers two", names: "--workers two"),
        BadInput("wire --credit 0", names: "--credit 0"),
        BadInput("wire --credit 1025", names: "--credit 1025"),
        BadInput("wire --compute kernel", names: "--compute kernel", "emulate:TIME"),
        BadInput("wire --compute emulate", names: "--compute emulate", "emulate:1ms"),
        BadInput("wire --tasks 9", names: "--tasks"),
        BadInput("wire --budget 0", names: "--budget 0.0"),
    ])
    func `what cannot be measured is refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test func `a plane without its memory is refused`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            "ulimit -f 1000; headwise wire --plane copied --record none",
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["--plane copied", "ulimit", "--plane inline"])
        let inline = try Headwise.runShell(
            "ulimit -f 1000; headwise wire --plane inline --sizes 4KiB --credit 1 --workers 1 "
                + "--record none --quiet \(Self.short.joined(separator: " "))",
            in: folder
        )
        #expect(inline.kind == .exited(0), inline.summary)
    }
}
