import Testing

@testable import Platform

/// In which order threads take processors.
struct PinningTests {
    /// A machine whose processors have these siblings and sockets.
    private static func cores(_ siblings: [String], sockets: [Int]? = nil) -> [[Int]] {
        var files = ["/sys/devices/system/cpu/online": "0-\(siblings.count - 1)\n"]
        for (cpu, text) in siblings.enumerated() {
            let folder = "/sys/devices/system/cpu/cpu\(cpu)/topology"
            files["\(folder)/thread_siblings_list"] = "\(text)\n"
            files["\(folder)/physical_package_id"] = "\(sockets?[cpu] ?? 0)\n"
        }
        let described = files
        return CPUTopology(files: SystemFiles(contents: { described[$0] })).cores
    }

    /// Two cores of two threads: siblings side by side, and siblings apart.
    private static let near = cores(["0-1", "0-1", "2-3", "2-3"])
    private static let apart = cores(["0,2", "1,3", "0,2", "1,3"])

    @Test func `siblings are read as cores, those of a socket side by side`() {
        #expect(Self.near == [[0, 1], [2, 3]])
        #expect(Self.apart == [[0, 2], [1, 3]])
        #expect(Self.cores(["0", "1", "2", "3"], sockets: [1, 0, 1, 0]) == [[1], [3], [0], [2]])
        // Nothing is known but which processors there are.
        #expect(Self.cores(["", "", ""]) == [[0], [1], [2]])
    }

    @Test func `each core comes once before any comes twice`() {
        let all = [0, 1, 2, 3]
        #expect(ProcessorOrder(cores: Self.near, allowed: all).processors == [0, 2, 1, 3])
        #expect(ProcessorOrder(cores: Self.apart, allowed: all).processors == [0, 1, 2, 3])
        // Two cores of two threads, and two of one.
        let unequal = Self.cores(["0-1", "0-1", "2", "3-4", "3-4", "5"])
        #expect(
            ProcessorOrder(cores: unequal, allowed: Array(0...5)).processors == [0, 2, 3, 5, 1, 4]
        )
    }

    @Test func `only allowed processors come`() {
        #expect(ProcessorOrder(cores: Self.near, allowed: [1, 2, 3]).processors == [1, 2, 3])
        #expect(ProcessorOrder(cores: Self.near, allowed: [2, 3]).processors == [2, 3])
        // One that the topology does not name is a core.
        #expect(ProcessorOrder(cores: [[0]], allowed: [0, 7]).processors == [0, 7])
        #expect(ProcessorOrder(cores: [], allowed: []).processors.isEmpty)
    }

    @Test func `those that others hold come last, and their cores before them`() {
        func order(_ held: Set<Int>, allowed: [Int] = [0, 1, 2, 3]) -> ProcessorOrder {
            ProcessorOrder(cores: Self.near, allowed: allowed, held: held)
        }
        #expect(order([0]).processors == [2, 3, 1, 0])
        #expect(order([0]).free == [2, 3, 1])
        #expect(order([0, 2]).processors == [1, 3, 0, 2])
        #expect(order([0, 1]).processors == [2, 3, 0, 1])
        #expect(order([0, 1, 2, 3]).processors == [0, 2, 1, 3])
        #expect(order([0, 1, 2, 3]).free.isEmpty)
        // What others hold of a core counts, even if this process may not use it.
        #expect(order([0], allowed: [1, 3]).processors == [3, 1])
    }

    @Test(arguments: [
        (workers: 2, threads: 2, processors: [7, 3, 5, 1], expected: [[7, 3], [5, 1]]),
        (workers: 3, threads: 1, processors: [0, 1, 2, 9], expected: [[0], [1], [2]]),
        (workers: 1, threads: 1, processors: [4], expected: [[4]]),
        (workers: 2, threads: 1, processors: [], expected: [[], []]),
    ])
    func `workers get processors of their own while they last`(
        workers: Int,
        threads: Int,
        processors: [Int],
        expected: [[Int]]
    ) {
        for wraps in [false, true] {
            let pinning = Pinning(processors: processors, wraps: wraps)
            let given = (0..<workers).map {
                pinning.processors(ofWorker: $0, workerCount: workers, threads: threads)
            }
            #expect(given == expected)
        }
    }

    @Test(arguments: [
        (workers: 3, threads: 1, processors: [4, 2], expected: [[4], [2], [4]]),
        (workers: 2, threads: 2, processors: [0, 1, 2], expected: [[0, 1], [2, 0]]),
        (workers: 2, threads: 3, processors: [5, 1], expected: [[5, 1], [1, 5]]),
    ])
    func `more threads than processors share chosen ones, and are free otherwise`(
        workers: Int,
        threads: Int,
        processors: [Int],
        expected: [[Int]]
    ) {
        func given(wraps: Bool) -> [[Int]] {
            let pinning = Pinning(processors: processors, wraps: wraps)
            return (0..<workers).map {
                pinning.processors(ofWorker: $0, workerCount: workers, threads: threads)
            }
        }
        #expect(given(wraps: true) == expected)
        #expect(given(wraps: false) == Array(repeating: [], count: workers))
    }
}

/// Claims under names of this test alone, since other runs may hold those of this machine.
struct ProcessorClaimTests {
    private let prefix = "headwise-test-\(UInt64.random(in: 0...(.max)))-"
    private let cores = [[0, 1], [2, 3]]

    private func claims(_ count: Int, allowed: [Int] = [0, 1, 2, 3]) -> ProcessorClaims {
        ProcessorClaims(count: count, cores: cores, allowed: allowed, prefix: prefix)
    }

    @Test func `a run takes what others left, shares if that is too little, and lets go`() {
        let first = claims(1)
        #expect(first.pinning == Pinning(processors: [0]))
        do {
            let second = claims(2)
            #expect(second.pinning == Pinning(processors: [2, 3]))
            let third = claims(3)
            #expect(third.pinning == Pinning(processors: [1, 0, 2], shared: [0, 2]))
            #expect(claims(1).pinning == Pinning(processors: [0], shared: [0]))
            withExtendedLifetime((second, third)) {}
        }
        #expect(claims(3).pinning == Pinning(processors: [2, 3, 1]))
        withExtendedLifetime(first) {}
    }

    @Test func `no run takes more than it may use`() {
        #expect(claims(5, allowed: [1, 3]).pinning == Pinning(processors: [1, 3]))
        let held = claims(1, allowed: [1])
        let rest = claims(5, allowed: [1, 3])
        #expect(rest.pinning == Pinning(processors: [3, 1], shared: [1]))
        withExtendedLifetime((held, rest)) {}
    }

    @Test func `a list is taken as it is, and kept from others`() {
        let first = ProcessorClaims([3, 0], prefix: prefix)
        #expect(first.pinning == Pinning(processors: [3, 0], wraps: true))
        let second = ProcessorClaims([1, 0], prefix: prefix)
        #expect(second.pinning == Pinning(processors: [1, 0], shared: [0], wraps: true))
        #expect(claims(2).pinning == Pinning(processors: [2, 0], shared: [0]))
        withExtendedLifetime((first, second)) {}
    }
}
