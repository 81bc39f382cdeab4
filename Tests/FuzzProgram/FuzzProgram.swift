// The program of scripts/fuzz: libFuzzer drives the reader that HEADWISE_FUZZ_READER names, or,
// without it, the one that an input's first byte names.

import Fuzzing
import Glibc

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// In memory, since files are written for every input.
private let folder = "/dev/shm/headwise-fuzz-\(getpid())"
private let input = FuzzInput(folder: folder)
private let reader = FuzzInput.Reader.allCases.first {
    getenv("HEADWISE_FUZZ_READER").map { String(cString: $0) } == "\($0)"
}

/// libFuzzer's own main function, which is linked but not used, wants this name.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    var bytes = Array(UnsafeBufferPointer(start: data, count: count))
    if let reader, !bytes.isEmpty { bytes[0] = reader.rawValue }
    _ = input.isTaken(bytes)
    return 0
}

@main
struct FuzzProgram {
    static func main() {
        mkdir(folder, 0o700)
        atexit {
            let names = [
                "plan.json", "record.json", "array.npy", "archive.npz", "tensors.safetensors",
            ]
            for name in names {
                unlink("\(folder)/\(name)")
            }
            rmdir(folder)
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments) { test($0, $1) })
    }
}
