import Attention
import Files
import Platform
import Record

/// The catalogue of cases whose output bits must not depend on how they are computed, and its run.
///
/// One thread computes each case, and the float64 reference checks its output. Then several threads
/// compute it, and real clusters of several sizes, splits, schedules, planes and transports; their
/// bits must be the same. A case that fails is made smaller until it is easy to inspect.
///
/// A class, since its results are needed however its run ends.
package final class Catalogue {
    package var rows: [VerifyRow] = []
    package var failures: [VerifyFailure] = []
    package var counts = VerifyCounts()
    /// Whether every case has run.
    package private(set) var isComplete = false

    let options: CatalogueOptions
    let interruption: Interruption
    let check: CatalogueCheck
    let pool: CataloguePool
    let settings: [CatalogueSetting]
    let kernels: [AttentionKernel]
    /// The first failure, to be made smaller after all other cases have run.
    var firstFailing: CatalogueSpecification?
    var ownNotes: [String] = []

    /// The run stops at this many failures: more of them would show nothing new.
    static let largestFailureCount = 10

    package init(_ options: CatalogueOptions, interruption: Interruption) {
        self.options = options
        self.interruption = interruption
        check = CatalogueCheck(interruption: interruption)
        pool = CataloguePool(
            executable: options.executable,
            faults: options.faults,
            interruption: interruption
        )
        settings = CatalogueSetting.standard(workers: options.workers)
        kernels = options.instructionSets.compactMap { AttentionKernel($0) }
    }

    /// What a reader should know in addition to the rows, a sentence each.
    package var notes: [String] { ownNotes + pool.notes }

    /// Every fixed case, then the random ones.
    package func run(progress: (String) -> Void) throws {
        defer { pool.shutDown() }
        let corners = try CatalogueCorners.all()
        let total = corners.count + options.randomCases
        for (index, corner) in corners.enumerated() {
            progress("case \(index + 1) of \(total): \(corner.name)")
            let inputs = try CatalogueInputs(corner.content)
            for (set, kernel) in kernels.enumerated() {
                let ways = cornerArrangements(corner.content, index + set)
                try take(corner, inputs, kernel, ways, mayRedraw: false)
            }
            guard mayGoOn else { break }
        }
        for ordinal in 0..<options.randomCases where mayGoOn {
            progress("case \(corners.count + ordinal + 1) of \(total): random \(ordinal)")
            try takeRandom(ordinal)
        }
        isComplete = mayGoOn
        if !mayGoOn {
            ownNotes.append("stopped at \(failures.count) failures; there may be more")
        }
        try shrinkFirstFailure(progress)
    }

    /// One case in every arrangement that its specification leaves open.
    package func run(
        _ specification: CatalogueSpecification,
        progress: (String) -> Void
    ) throws {
        defer { pool.shutDown() }
        let entry = CatalogueEntry(
            feature: VerifyRow.givenCase,
            name: "the case",
            content: specification.entry
        )
        let inputs: CatalogueInputs
        do throws(AttentionError) {
            inputs = try CatalogueInputs(specification.entry)
        } catch {
            throw ExperimentError.unusableCase("\(specification)", "is impossible (\(error))")
        }
        let ways = specification.restriction.arrangements(among: settings)
        for kernel in kernels
        where specification.instructionSet ?? kernel.instructionSet == kernel.instructionSet {
            progress("\(kernel.instructionSet.rawValue), \(ways.count) arrangements")
            try take(entry, inputs, kernel, ways, mayRedraw: false)
        }
        isComplete = true
        try shrinkFirstFailure(progress)
    }

    private var mayGoOn: Bool { failures.count < Self.largestFailureCount }
}
