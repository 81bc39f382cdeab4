import Glibc

/// How much of the processors the threads of one process used: so far, or between two readings.
package struct ProcessorUse: Equatable, Sendable {
    /// CPU time of all threads; nil where nobody can tell, like the other numbers.
    package var cpuNanoseconds: UInt64?
    /// CPU time of the threads that compute, by their name.
    package var computeNanoseconds: UInt64?
    /// How often a thread gave its processor up to wait for something.
    package var voluntarySwitches: UInt64?
    /// How often another thread took the processor of one that was not done.
    package var involuntarySwitches: UInt64?

    package init(
        cpuNanoseconds: UInt64? = nil,
        computeNanoseconds: UInt64? = nil,
        voluntarySwitches: UInt64? = nil,
        involuntarySwitches: UInt64? = nil
    ) {
        self.cpuNanoseconds = cpuNanoseconds
        self.computeNanoseconds = computeNanoseconds
        self.voluntarySwitches = voluntarySwitches
        self.involuntarySwitches = involuntarySwitches
    }

    /// CPU time of a coordinator and its workers beyond that of the threads that compute; nil where
    /// somebody's is missing.
    ///
    /// Negative where a compute thread ran between the readings of `all` and of `computing`: a sum over
    /// many trials is right, one alone is not.
    package static func cpuNanosecondsBesideComputing(
        coordinator: UInt64?,
        workers: [(all: UInt64?, computing: UInt64?)]
    ) -> Double? {
        guard var sum = coordinator.map({ Double($0) }) else { return nil }
        for worker in workers {
            guard let all = worker.all, let computing = worker.computing else { return nil }
            sum += Double(all) - Double(computing)
        }
        return sum
    }

    /// What was used since an earlier reading of the same process; a number that either lacks, or that
    /// has shrunk, is left out.
    package func since(_ earlier: ProcessorUse) -> ProcessorUse {
        func less(_ part: KeyPath<ProcessorUse, UInt64?>) -> UInt64? {
            guard let now = self[keyPath: part], let before = earlier[keyPath: part], now >= before
            else { return nil }
            return now - before
        }
        return ProcessorUse(
            cpuNanoseconds: less(\.cpuNanoseconds),
            computeNanoseconds: less(\.computeNanoseconds),
            voluntarySwitches: less(\.voluntarySwitches),
            involuntarySwitches: less(\.involuntarySwitches)
        )
    }
}

extension ProcessorUse {
    /// The share of one of several workers in the use of their process, the same for each.
    ///
    /// The shares of all add up to the use, and grow with it.
    package func share(_ index: Int, of count: Int) -> ProcessorUse {
        func part(_ number: UInt64?) -> UInt64? {
            number.map { ($0 &+ UInt64(index)) / UInt64(count) }
        }
        return ProcessorUse(
            cpuNanoseconds: part(cpuNanoseconds),
            computeNanoseconds: part(computeNanoseconds),
            voluntarySwitches: part(voluntarySwitches),
            involuntarySwitches: part(involuntarySwitches)
        )
    }

    /// The name of threads that compute, which those inherit that they start.
    package static let computeThreadName = "compute"

    /// The use of this process; it does not say which of its threads compute.
    package static var ofThisProcess: ProcessorUse {
        var usage = rusage()
        let isKnown = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
        return ProcessorUse(
            cpuNanoseconds: System.cpuNanoseconds,
            voluntarySwitches: isKnown ? UInt64(clamping: usage.ru_nvcsw) : nil,
            involuntarySwitches: isKnown ? UInt64(clamping: usage.ru_nivcsw) : nil
        )
    }

    /// The use of another process of this machine.
    ///
    /// With `threads`, its threads are read, too: all but the CPU time. The kernel keeps switches by thread, so
    /// those of threads that have ended are missing. It takes some ten microseconds for each thread: read it
    /// outside what is timed.
    package init(ofProcess identifier: Int32, threads isDetailed: Bool = true) {
        let threads = isDetailed ? System.threads(ofProcess: identifier) : []
        self.init(threads: threads.map { "/proc/\(identifier)/task/\($0)" }, files: .live)
        cpuNanoseconds = System.cpuNanoseconds(ofProcess: identifier)
    }

    /// The sums over threads, each described by the files of a folder.
    init(threads: [String], files: SystemFiles) {
        self.init()
        for thread in threads {
            // A thread may end while others are read.
            guard let status = files.contents("\(thread)/status") else { continue }
            // Bytes: comparing characters of every line would take longer than the kernel does.
            let lines = status.utf8.split(separator: UInt8(ascii: "\n"))
            func value(_ key: String) -> String? {
                let line = lines.first { $0.starts(with: key.utf8) }
                return line.map { trimmed(Substring($0.dropFirst(key.utf8.count))) }
            }
            voluntarySwitches.add(value("voluntary_ctxt_switches:"))
            involuntarySwitches.add(value("nonvoluntary_ctxt_switches:"))
            guard value("Name:") == Self.computeThreadName else { continue }
            // Time on a processor, time of waiting for one, and how often it got one.
            let times = files.line("\(thread)/schedstat")?.split(separator: " ") ?? []
            computeNanoseconds.add(times.first.map(String.init))
        }
    }
}

extension UInt64? {
    /// Adds a number in digits, if it is one.
    fileprivate mutating func add(_ digits: String?) {
        if let number = digits.flatMap({ UInt64($0) }) { self = (self ?? 0) &+ number }
    }
}
