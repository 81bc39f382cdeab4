import Attention
import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Tensors

/// Whatever bytes a header has, reading it ends: with tensors that can be loaded, or a refusal.
struct CorruptionTests {
    private func small() -> TensorFixture {
        var fixture = TensorFixture()
        fixture.setFloats("q", [1, 2, 1])
        fixture.setFloats("k", [1, 3, 1])
        fixture.setFloats("v", [1, 3, 1])
        fixture.set("lengths", "I32", [1], littleEndian([2] as [Int32]))
        fixture.set("mask", "BOOL", [2, 3], [1, 0, 1, 1, 1, 0])
        return fixture
    }

    /// Reads and loads everything, or is refused by the file's name; nothing else may happen.
    private func survive(_ path: String, _ comment: @autoclosure () -> Comment) {
        do {
            let tensors = try ExternalTensors(reading: path)
            for tensor in TensorName.allCases
            where tensor != .output && tensors.byteCount(of: tensor) > 0 {
                _ = try tensors.loaded(tensor, as: UInt8.self, zero: 0)
            }
        } catch let error as ExperimentError {
            // A bare comparison first: there are thousands of these, and expectations are slow.
            if !error.subject.hasPrefix(path) { Issue.record(error, comment()) }
        } catch {
            Issue.record(error, comment())
        }
    }

    @Test(arguments: [FixtureFormat.safetensors, .npz])
    func `no changed byte of an archive does harm`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        let path = try small().write(format, in: folder)
        let name = lastComponent(of: path)
        let sound = try folder.bytes(name)
        let seed = UInt64.random(in: 1...UInt64.max)
        var generator = SplitMix(seed: seed)
        for index in sound.indices {
            var values =
                isThorough
                ? [0, 0xff, sound[index] ^ 1, sound[index] ^ 0x80] : [sound[index] ^ 0x80]
            for _ in 0..<(isThorough ? 60 : 2) {
                values.append(generator.next(upperBound: 255))
            }
            for value in values {
                var changed = sound
                changed[index] = value
                _ = try folder.write(name, changed)
                survive(path, "byte \(index) is \(value), seed \(seed)")
            }
        }
    }

    @Test func `no changed byte of an array does harm`() throws {
        let folder = try TemporaryFolder()
        _ = try small().write(.folder, in: folder)
        let seed = UInt64.random(in: 1...UInt64.max)
        var generator = SplitMix(seed: seed)
        for name in ["q.npy", "mask.npy", "lengths.npy"] {
            let sound = try folder.bytes(name)
            for index in sound.indices {
                for value in [0, 0xff, sound[index] ^ 1, generator.next(upperBound: 255)] as [UInt8]
                {
                    var changed = sound
                    changed[index] = value
                    _ = try folder.write(name, changed)
                    survive(folder.path, "\(name): byte \(index) is \(value), seed \(seed)")
                }
            }
            _ = try folder.write(name, sound)
        }
    }

    @Test(arguments: [FixtureFormat.safetensors, .npz])
    func `an archive cut anywhere is refused`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        let path = try small().write(format, in: folder)
        let name = lastComponent(of: path)
        let sound = try folder.bytes(name)
        for count in 0..<sound.count {
            _ = try folder.write(name, Array(sound.prefix(count)))
            #expect(throws: ExperimentError.self) { try ExternalTensors(reading: path) }
        }
    }

    @Test func `an array cut anywhere is refused`() throws {
        let folder = try TemporaryFolder()
        _ = try small().write(.folder, in: folder)
        let path = folder.path
        let sound = try folder.bytes("q.npy")
        for count in 0..<sound.count {
            _ = try folder.write("q.npy", Array(sound.prefix(count)))
            #expect(throws: ExperimentError.self) { try ExternalTensors(reading: path) }
        }
    }

    @Test func `several changed bytes at once do no harm`() throws {
        let folder = try TemporaryFolder()
        let seed = UInt64.random(in: 1...UInt64.max)
        var generator = SplitMix(seed: seed)
        for format in [FixtureFormat.safetensors, .npz] {
            let path = try small().write(format, in: folder)
            let name = lastComponent(of: path)
            let sound = try folder.bytes(name)
            for round in 0..<(isThorough ? 50_000 : 1000) {
                var changed = sound
                for _ in 0..<Int.random(in: 2...8, using: &generator) {
                    changed[Int.random(in: changed.indices, using: &generator)] =
                        generator.next(upperBound: 255)
                }
                _ = try folder.write(name, changed)
                survive(path, "\(format), round \(round), seed \(seed)")
            }
        }
    }
}
