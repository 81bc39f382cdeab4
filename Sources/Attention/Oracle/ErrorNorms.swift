/// The distance of f32 outputs from float64 references, gathered element by element.
struct ErrorNorms {
    private(set) var maxAbsoluteError = 0.0
    private(set) var maxUnitsInLastPlace = 0
    /// Elements where only one of output and reference is finite.
    private(set) var nonFiniteDisagreements = 0
    /// Elements of the output that leave the range of f32, as those of a plain f32 program do: it is
    /// the inputs that no f32 program can compute.
    private(set) var beyondRange = 0
    /// Elements where neither is finite: they agree, whatever they are.
    ///
    /// NaN and infinity both pass: which of them comes out depends on the step at which a weight
    /// becomes zero.
    private(set) var nonFiniteAgreements = 0
    private(set) var worstIndex: Int?
    private var sumOfSquares = 0.0
    private var finiteCount = 0

    var rmsError: Double {
        finiteCount == 0 ? 0 : (sumOfSquares / Double(finiteCount)).squareRoot()
    }

    /// `leavesRange` says that f32 cannot hold what this element is computed from.
    mutating func add(
        _ output: Float,
        reference: Double,
        index: Int,
        leavesRange: Bool = false
    ) {
        let rounded = Float(reference)
        guard output.isFinite, rounded.isFinite else {
            if leavesRange, rounded.isFinite {
                beyondRange += 1
            } else if output.isFinite == rounded.isFinite {
                nonFiniteAgreements += 1
            } else {
                if nonFiniteDisagreements == 0 { worstIndex = index }
                nonFiniteDisagreements += 1
            }
            return
        }
        let error = (Double(output) - reference).magnitude
        if error > maxAbsoluteError {
            maxAbsoluteError = error
            if nonFiniteDisagreements == 0 { worstIndex = index }
        }
        let units = (Self.ordinal(output) - Self.ordinal(rounded)).magnitude
        maxUnitsInLastPlace = max(maxUnitsInLastPlace, Int(units))
        sumOfSquares += error * error
        finiteCount += 1
    }

    /// The position of a float in the ascending order of all floats; both zeros have 0.
    private static func ordinal(_ value: Float) -> Int {
        let magnitude = Int(value.bitPattern & 0x7FFF_FFFF)
        return value.sign == .minus ? -magnitude : magnitude
    }
}
