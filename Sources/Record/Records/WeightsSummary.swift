import Attention
import Files

/// What went to the file of attention weights, and how far it was found right.
package struct WeightsSummary: Codable, Equatable, Sendable {
    package enum Form: String, Codable, Sendable {
        /// All of them, zeros for what is hidden.
        case dense
        /// The weights of the keys that each row sees, one row after the other.
        case compressed
    }

    package var path: String
    package var form: Form
    /// B, H, L and S; without B when the tensors of the input file have none.
    package var shape: [Int]
    /// The (query, key) pairs that have a weight.
    package var visible: Int
    /// AGREES, DISAGREES, MISTRUSTED or UNCHECKED.
    package var status: VerificationStatus
    /// The largest error of a weight, divided by the reference's weight.
    package private(set) var maxRelativeError: Double?
    package private(set) var boundRelative: Double?
    package var rowsChecked: Int
    package var rowsTotal: Int
    /// Why the status is what it is, as sentences.
    package var reasons: [String]

    package init(
        path: String,
        form: Form,
        shape: [Int],
        visible: Int,
        status: VerificationStatus,
        maxRelativeError: Double? = nil,
        boundRelative: Double? = nil,
        rowsChecked: Int = 0,
        rowsTotal: Int = 0,
        reasons: [String] = []
    ) {
        self.path = path
        self.form = form
        self.shape = shape
        self.visible = visible
        self.status = status
        self.maxRelativeError = maxRelativeError?.finiteOrNil
        self.boundRelative = boundRelative?.finiteOrNil
        self.rowsChecked = rowsChecked
        self.rowsTotal = rowsTotal
        self.reasons = reasons
    }

    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(visible, "visible", in: 0...Int.max)
        try place.requireNotNegative(maxRelativeError, "maxRelativeError")
        try place.requireNotNegative(boundRelative, "boundRelative")
        try place.requireCount(rowsTotal, "rowsTotal", in: 0...Int.max)
        try place.requireCount(rowsChecked, "rowsChecked", in: 0...max(rowsTotal, 0))
    }
}
