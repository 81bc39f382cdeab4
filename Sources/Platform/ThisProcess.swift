import CSystem

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The CPUs this process may run on, ascending; nil where the system does not say.
package func allowedCPUsOfThisProcess() -> [Int]? {
    #if os(Linux)
    // 65536 CPUs: more than any kernel is built for, so the call never finds the mask too short.
    var words = [UInt64](repeating: 0, count: 1024)
    let filledBytes = unsafe headwise_get_affinity(0, &words, words.count)
    guard filledBytes > 0 else { return nil }
    return words.indices.flatMap { word in
        (0..<64).filter { words[word] >> UInt64($0) & 1 == 1 }.map { word * 64 + $0 }
    }
    #else
    return nil
    #endif
}

/// The instruction sets that have a compiled kernel and that this processor supports.
package func compiledInstructionSets() -> [String] {
    Array(["baseline", "avx2", "avx512"].prefix(1 + Int(headwise_cpu_level())))
}

/// The file this process runs; nil where the system does not say.
package func programPath() -> String? {
    #if os(Linux)
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
    return nil
    #endif
}

/// When that file was last written, in seconds since 1970; nil where the system does not say.
package func programLinkSeconds() -> Int? {
    #if os(Linux)
    var status = stat()
    return unsafe stat("/proc/self/exe", &status) == 0 ? status.st_mtim.tv_sec : nil
    #else
    return nil
    #endif
}
