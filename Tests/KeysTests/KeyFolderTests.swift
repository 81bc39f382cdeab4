import Files
import Glibc
import TestSupport
import Testing
import ZeroMQ

@testable import Keys

final class KeyFolderTests {
    private let place: TemporaryFolder
    private let path: String

    init() throws {
        place = try TemporaryFolder()
        path = place.file("keys")
    }

    private func permissions(_ name: String? = nil) throws -> UInt32 {
        var status = stat()
        try #require(stat(name.map { "\(path)/\($0)" } ?? path, &status) == 0)
        return UInt32(status.st_mode) & 0o777
    }

    /// Makes keys of three workers.
    private func make() throws -> KeyFolder {
        try KeyFolder.make(path, workerCount: 3)
        return KeyFolder(path)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try place.bytes("keys/\(name)"), as: UTF8.self)
    }

    /// The error of `body`.
    private func refusal(_ body: () throws -> Void) throws -> ExperimentError {
        try #require(throws: ExperimentError.self, performing: body)
    }

    // MARK: Making

    @Test func `a new folder has a pair of files for everybody`() throws {
        let fingerprint = try KeyFolder.make(path, workerCount: 2)
        let owners = ["coordinator", "worker-0", "worker-1"]
        #expect(
            try TemporaryFolder.names(in: path)
                == owners.flatMap { ["\($0).public", "\($0).secret"] }
        )
        #expect(try place.names == ["keys"])
        let keys = try KeyFolder(path).coordinatorKeys(workerCount: 2)
        #expect(keys.pair.publicKey.fingerprint == fingerprint)
    }

    @Test func `secrets are their owner's, and public keys everybody's`() throws {
        _ = try make()
        #expect(try permissions() == 0o700)
        for owner in ["coordinator", "worker-2"] {
            #expect(try permissions("\(owner).secret") == 0o600)
            #expect(try permissions("\(owner).public") == 0o644)
        }
    }

    @Test func `a folder or file that exists is refused, and stays`() throws {
        let keys = try make()
        let before = try text("coordinator.secret")
        for taken in [path, path + "/", path + "/worker-0.public"] {
            let error = try refusal { try KeyFolder.make(taken, workerCount: 1) }
            #expect(error.exitCode == 40)
        }
        #expect(try text("coordinator.secret") == before)
        #expect(try place.names == ["keys"])
        _ = try keys.coordinatorKeys(workerCount: 3)
    }

    @Test func `nothing is left of a folder that cannot be made`() throws {
        _ = try place.write("file", "")
        let inFile = place.file("file") + "/keys"
        #expect(try refusal { try KeyFolder.make(inFile, workerCount: 1) }.exitCode == 40)
        // The disk is full after a few files: that is a limit of the folder's own here.
        var folder = try NewFolder(at: path, for: "keys")
        try folder.add("first", "text", permissions: 0o600)
        let name = String(repeating: "x", count: 300)
        #expect(throws: ExperimentError.self) {
            try folder.add(name, "text", permissions: 0o600)
        }
        _ = consume folder
        #expect(try place.names == ["file"])
    }

    // MARK: Reading

    @Test func `coordinator and workers read each other's keys`() throws {
        let folder = try make()
        let own = try folder.coordinatorKeys(workerCount: 3)
        #expect(own.ranks.count == 3)
        for rank in 0..<3 {
            let worker = try folder.workerKeys(rank: rank)
            #expect(worker.rank == rank)
            #expect(worker.coordinator == own.pair.publicKey)
            #expect(own.ranks[worker.pair.publicKey] == rank)
        }
        // Keys of more workers than the run has admit nobody.
        #expect(try folder.coordinatorKeys(workerCount: 2).ranks.count == 2)
    }

    @Test func `a host's own folder has its secret and the coordinator's public key`() throws {
        let all = try make()
        let host = try place.makeFolder("host")
        for name in ["coordinator.public", "worker-1.secret"] {
            let copy = try place.write("host/\(name)", try text(name))
            try #require(chmod(copy, 0o600) == 0)
        }
        try #require(chmod(host, 0o700) == 0)
        let folder = KeyFolder(host)
        #expect(try folder.onlyRank() == 1)
        let keys = try folder.workerKeys(rank: 1)
        #expect(try keys.pair == all.workerKeys(rank: 1).pair)
        #expect(throws: ExperimentError.self) { try folder.workerKeys(rank: 0) }
        #expect(throws: ExperimentError.self) { try folder.coordinatorKeys(workerCount: 1) }
        // With several secrets, it does not guess.
        #expect(throws: ExperimentError.self) { try all.onlyRank() }
    }

    @Test func `no file shows a secret but the one for it`() throws {
        _ = try make()
        for owner in ["coordinator", "worker-2"] {
            let secret = try #require(
                try text("\(owner).secret").split(separator: "\n").last?.dropFirst(8)
            )
            #expect(secret.utf8.count == 40)
            for name in try TemporaryFolder.names(in: path) where name != "\(owner).secret" {
                #expect(try !text(name).contains(secret))
            }
        }
    }

    /// What is wrong with a file, and who notices.
    enum Fault: String, CaseIterable {
        case missing, empty, cut, longer, otherText, otherOwner, swapped, readable, secretAsPublic
        case folder, twice, changeable
    }

    private func spoil(_ name: String, _ fault: Fault) throws {
        let file = "\(path)/\(name)"
        let lines = try text(name)
        switch fault {
        case .missing: try #require(unlink(file) == 0)
        case .empty: try place.write("keys/\(name)", "")
        case .cut: try place.write("keys/\(name)", String(lines.dropLast(3)))
        case .longer: try place.write("keys/\(name)", lines.dropLast() + "a\n")
        case .otherText: try place.write("keys/\(name)", "hello\n" + lines)
        case .otherOwner:
            let swapped = lines.split(separator: "\n").map {
                $0.hasPrefix("owner:") ? "owner: worker-2" : String($0)
            }
            try place.write("keys/\(name)", swapped.joined(separator: "\n"))
        case .swapped:
            // A pair whose halves are of two folders.
            try KeyFolder.make(place.file("other-\(name)"), workerCount: 3)
            try place.write("keys/\(name)", try place.bytes("other-\(name)/\(name)"))
        case .readable: try #require(chmod(file, 0o640) == 0)
        case .changeable: try #require(chmod(file, 0o622) == 0)
        case .secretAsPublic:
            let secret = name.replacing(".public", with: ".secret")
            try place.write("keys/\(name)", try text(secret))
        case .folder:
            try #require(unlink(file) == 0)
            try #require(mkdir(file, 0o700) == 0)
        case .twice: try place.write("keys/\(name)", lines + lines)
        }
    }

    @Test(arguments: Fault.allCases, ["coordinator", "worker-1"])
    func `a file that is not right is named`(fault: Fault, owner: String) throws {
        let folder = try make()
        let rank = owner == "coordinator" ? nil : 1
        for kind in ["public", "secret"] {
            if kind == "public", fault == .readable { continue }
            if kind == "secret", fault == .secretAsPublic { continue }
            let name = "\(owner).\(kind)"
            let before = try text(name)
            try spoil(name, fault)
            // A public key is read by the other side, a secret one by its owner.
            let error = try refusal {
                if (kind == "public") == (rank == nil) {
                    _ = try folder.workerKeys(rank: rank ?? 1)
                } else {
                    _ = try folder.coordinatorKeys(workerCount: 3)
                }
                // The halves of a pair are compared where both are.
                if fault == .swapped {
                    if rank == nil {
                        _ = try folder.coordinatorKeys(workerCount: 3)
                    } else {
                        _ = try folder.workerKeys(rank: 1)
                    }
                }
            }
            #expect(error.exitCode == 40)
            #expect(error.description.contains(owner), "\(error)")
            rmdir("\(path)/\(name)")
            try place.write("keys/\(name)", before)
            try #require(chmod("\(path)/\(name)", kind == "secret" ? 0o600 : 0o644) == 0)
        }
        _ = try folder.coordinatorKeys(workerCount: 3)
        for rank in 0..<3 { _ = try folder.workerKeys(rank: rank) }
    }

    @Test func `two workers with one key are refused`() throws {
        let folder = try make()
        let copy = try text("worker-0.public").replacing("owner: worker-0", with: "owner: worker-2")
        try place.write("keys/worker-2.public", copy)
        let error = try refusal { _ = try folder.coordinatorKeys(workerCount: 3) }
        #expect(error.description.contains("worker 2"))
    }

    @Test func `more workers than keys are refused with the command that helps`() throws {
        let folder = try make()
        let error = try refusal { _ = try folder.coordinatorKeys(workerCount: 4) }
        #expect(error.description.contains("worker-3.public"))
        #expect(error.description.contains("headwise keys new"))
        #expect(error.description.contains("--workers 4"))
    }

    @Test(arguments: [0o720, 0o702, 0o777] as [mode_t])
    func `a folder that others may change is refused`(mode: mode_t) throws {
        let folder = try make()
        try #require(chmod(path, mode) == 0)
        for read in [
            { _ = try folder.coordinatorKeys(workerCount: 1) },
            { _ = try folder.workerKeys(rank: 0) }, { _ = try folder.onlyRank() },
        ] {
            let error = try refusal(read)
            #expect(error.description.contains("chmod 700"))
        }
        try #require(chmod(path, 0o755) == 0)
        _ = try folder.workerKeys(rank: 0)
    }

    @Test func `a folder that is not there is refused with the command that makes it`() throws {
        let error = try refusal { _ = try KeyFolder(path).workerKeys(rank: 0) }
        #expect(error.description.contains("headwise keys new \(path)"))
    }
}
