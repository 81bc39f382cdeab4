import Attention

/// What the comparison of a point's output with the single process and with float64 found.
package struct VerificationSummary: Codable, Equatable, Sendable {
    package var status: VerificationStatus
    /// Cluster against single process, every element; absent when not compared.
    package var bitwiseEqual: Bool?
    package var mismatchedElements: Int?
    /// What the comparison proves of the output; absent where it is wrong, and in older records.
    package var proof: OutputProof?
    package private(set) var maxAbsoluteError: Double?
    package private(set) var rmsError: Double?
    package private(set) var scaledResidual: Double?
    package private(set) var maxUnitsInLastPlace: Double?
    package private(set) var boundMaxAbsolute: Double?
    package private(set) var boundRms: Double?
    package var rowsChecked: Int
    package var rowsTotal: Int
    package var containsNonFinite: Bool
    /// Why the status is what it is, as sentences.
    package var reasons: [String]

    package init(
        status: VerificationStatus,
        bitwiseEqual: Bool?,
        mismatchedElements: Int? = nil,
        proof: OutputProof? = nil,
        maxAbsoluteError: Double? = nil,
        rmsError: Double? = nil,
        scaledResidual: Double? = nil,
        maxUnitsInLastPlace: Double? = nil,
        boundMaxAbsolute: Double? = nil,
        boundRms: Double? = nil,
        rowsChecked: Int = 0,
        rowsTotal: Int = 0,
        containsNonFinite: Bool = false,
        reasons: [String] = []
    ) {
        self.status = status
        self.bitwiseEqual = bitwiseEqual
        self.mismatchedElements = mismatchedElements
        self.proof = proof
        self.maxAbsoluteError = maxAbsoluteError?.finiteOrNil
        self.rmsError = rmsError?.finiteOrNil
        self.scaledResidual = scaledResidual?.finiteOrNil
        self.maxUnitsInLastPlace = maxUnitsInLastPlace?.finiteOrNil
        self.boundMaxAbsolute = boundMaxAbsolute?.finiteOrNil
        self.boundRms = boundRms?.finiteOrNil
        self.rowsChecked = rowsChecked
        self.rowsTotal = rowsTotal
        self.containsNonFinite = containsNonFinite
        self.reasons = reasons
    }
}

/// How an output that is right came about, as far as a run proves it.
package enum OutputProof: String, Codable, Sendable {
    /// Every trial's output was put in its place in that trial; it may have been kept.
    case written
    /// It was right for other inputs, too, in every replicate: it was computed.
    case computed
}
