import Attention
import Host
import Plan
import Statistics

/// How fast one process computes, beside the roofs of the machine.
package struct KernelRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        case kernel = "headwise.kernel/1"
    }

    package private(set) var schema = Schema.kernel
    package var host: HostDescription
    /// When the run began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// The roofs of the strongest instruction set that was measured.
    package var roofs: RoofMeasurement
    package var rows: [KernelRow]
    /// Reasons to trust the figures less; absent in older records.
    package var warnings: [MeasurementWarning]?
    package var verdict: Verdict?
    package var exitCode: Int32?

    package init(
        host: HostDescription,
        started: String,
        commandLine: [String],
        roofs: RoofMeasurement,
        rows: [KernelRow] = [],
        verdict: Verdict? = nil,
        exitCode: Int32? = nil
    ) {
        self.host = host
        self.started = started
        self.commandLine = commandLine
        self.roofs = roofs
        self.rows = rows
        self.verdict = verdict
        self.exitCode = exitCode
    }
}

/// One problem on one instruction set: attention, a layer, or a product.
package struct KernelRow: Codable, Equatable, Sendable {
    package var instructionSet: InstructionSet
    package var threads: Int
    /// The shape of attention; absent for a product.
    package var shape: AttentionShape?
    /// As on the command line; there where the shape is.
    package var mask: MaskSpecification?
    /// The kind of a multi-head layer with self-attention, whose heads have this shape and mask.
    ///
    /// Its embedding is H·D. Absent for plain attention.
    package var layer: MultiHeadLayer.Variant?
    /// The sizes of a product; absent for attention.
    package var product: ProductShape?
    /// The name of a case of the suite; absent otherwise, as in older records all that follows.
    package var name: String?
    package var softCap: Float?
    /// How queries and keys make scores; absent for scaled dot products.
    package var score: Score?
    package var alibi: AlibiSpecification?
    /// The roof that is nearest, and what of it is reached.
    package var roof: KernelRoof?
    /// What the float64 reference says of the output.
    package var status: VerificationStatus?
    package var samplesNanoseconds: [UInt64]
    /// The visit in which each sample was taken; the other rows ran between visits.
    ///
    /// Absent in older records.
    package var replicates: [Int]?
    package var summary: SampleSummary
    /// Useful arithmetic: visible (query, key) pairs only.
    package private(set) var gigaflopsPerSecond: Double?
    /// The fraction of `peakGigaflopsPerSecond`.
    package private(set) var fractionOfPeak: Double?
    /// The FMA peak of this instruction set and so many threads, measured between the samples; the
    /// highest of the run where those were slower than the kernel.
    package private(set) var peakGigaflopsPerSecond: Double?
    package private(set) var maxAbsoluteError: Double?

    package init(
        instructionSet: InstructionSet,
        threads: Int,
        shape: AttentionShape? = nil,
        mask: MaskSpecification? = nil,
        samplesNanoseconds: [UInt64],
        replicates: [Int]? = nil,
        summary: SampleSummary,
        gigaflopsPerSecond: Double?,
        fractionOfPeak: Double?,
        peakGigaflopsPerSecond: Double?,
        maxAbsoluteError: Double?
    ) {
        self.instructionSet = instructionSet
        self.threads = threads
        self.shape = shape
        self.mask = mask
        self.samplesNanoseconds = samplesNanoseconds
        self.replicates = replicates
        self.summary = summary
        self.gigaflopsPerSecond = gigaflopsPerSecond?.finiteOrNil
        self.fractionOfPeak = fractionOfPeak?.finiteOrNil
        self.peakGigaflopsPerSecond = peakGigaflopsPerSecond?.finiteOrNil
        self.maxAbsoluteError = maxAbsoluteError?.finiteOrNil
    }
}

/// The roof that bounds a row: the one that alone would take longer for the row's work.
package struct KernelRoof: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// Multiply-adds in registers.
        case fma
        /// Reading memory that no cache holds.
        case read
        /// The kernel's tanh of numbers in a cache: additive scores have one for each hidden unit.
        case tanh
    }

    /// Smaller tensors are in the caches, and reading them does not bound a kernel.
    package static let leastReadBytes = 64 << 20

    package var boundBy: Kind
    /// The time at the roof over the median time.
    package private(set) var fraction: Double?
    /// The same of the fastest tenth of the samples, and of the most that any probe of the run has
    /// shown.
    ///
    /// Neighbours on a shared core only ever add to a time. The median tells what they left of the
    /// kernel, this what it does when they leave it alone. Absent in older records.
    package private(set) var fractionAtBest: Double?
    /// Every tensor of the problem once; keys and values once for all the heads that share them.
    package var tensorBytes: Int
    /// Measured between the samples with as many threads; nil where the tensors fit the caches.
    package private(set) var readGigabytesPerSecond: Double?

    package init(
        boundBy: Kind,
        fraction: Double,
        fractionAtBest: Double? = nil,
        tensorBytes: Int,
        readGigabytesPerSecond: Double?
    ) {
        self.boundBy = boundBy
        self.fraction = fraction.finiteOrNil
        self.fractionAtBest = fractionAtBest?.finiteOrNil
        self.tensorBytes = tensorBytes
        self.readGigabytesPerSecond = readGigabytesPerSecond?.finiteOrNil
    }
}
