import CSystem
import Glibc

/// Which processors a process may run on, and how a thread is bound to some of them.
package enum Affinity {
    private static let wordCount = 16

    package static let largestProcessor = wordCount * 64 - 1

    /// The processors this process may run on, ascending.
    package static var allowedProcessors: [Int] {
        var words = [UInt64](repeating: 0, count: wordCount)
        guard unsafe headwise_get_affinity(0, &words, wordCount) > 0 else {
            // Where the system does not say, all that are there.
            return CPUTopology(files: .live).onlineCPUs
        }
        return (0..<wordCount * 64).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    }

    /// Why threads cannot be pinned here, as the reason in a sentence; nil if they can.
    package static var obstacle: String? {
        var words = [UInt64](repeating: 0, count: wordCount)
        guard unsafe headwise_get_affinity(0, &words, wordCount) > 0 else {
            return SystemError("sched_getaffinity", errno).description
        }
        // What holds already changes nothing.
        guard unsafe headwise_set_affinity(0, &words, wordCount) != 0 else { return nil }
        return SystemError("sched_setaffinity", errno).description
    }

    /// The number of I/O threads for the connections of `count` workers.
    ///
    /// If a thread serves one worker only, it runs on that worker's processor, so the bytes it
    /// receives are still in that processor's caches. One thread for all workers moves between the
    /// processors.
    package static func ioThreads(forWorkers count: Int) -> Int {
        min(count, max(allowedProcessors.count, 1))
    }

    /// Pins the calling thread and all threads that it starts later.
    package static func pin(to processors: [Int]) {
        guard !processors.isEmpty else { return }
        var words = [UInt64](repeating: 0, count: wordCount)
        for processor in processors where (0...largestProcessor).contains(processor) {
            words[processor / 64] |= 1 << UInt64(processor % 64)
        }
        _ = unsafe headwise_set_affinity(0, &words, wordCount)
    }
}
