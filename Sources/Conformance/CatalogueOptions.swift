import Attention

/// Which part of the catalogue to run, and on which clusters and instruction sets.
package struct CatalogueOptions: Sendable {
    package var instructionSets: [InstructionSet]
    package var workers: [Int]
    package var randomCases: Int
    package var seed: UInt64
    /// Every arrangement of every fixed case, not a few of each.
    package var isThorough: Bool
    package var executable: String
    /// Faults to inject, by worker ordinal, to see what becomes of them.
    package var faults: [Int: String]

    package init(
        instructionSets: [InstructionSet] = InstructionSet.available,
        workers: [Int] = [1, 2, 3],
        randomCases: Int = 200,
        seed: UInt64 = 1,
        isThorough: Bool = false,
        executable: String = "/proc/self/exe",
        faults: [Int: String] = [:]
    ) {
        self.instructionSets = instructionSets
        self.workers = workers
        self.randomCases = randomCases
        self.seed = seed
        self.isThorough = isThorough
        self.executable = executable
        self.faults = faults
    }
}
