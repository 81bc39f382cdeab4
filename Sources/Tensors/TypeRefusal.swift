import Files

/// The refusal of a tensor with an unsupported element type, with the conversion that keeps its
/// meaning.
///
/// A conversion by type alone would not keep it: as booleans, the 0 and -inf of a mask that is
/// added to scores would mean the opposite. So the elements of masks and lengths are inspected.
struct TypeRefusal {
    /// What the tensor is for.
    enum Purpose {
        /// Query, key or value.
        case numbers
        case lengths
        /// A mask, or a layout of blocks.
        case flags
    }

    let tensor: StoredTensor
    /// The letter of NumPy's kind, when the file is NumPy's.
    private let numPyKind: Character?

    init(_ tensor: StoredTensor) {
        self.tensor = tensor
        let type = tensor.typeText
        let isNumPy = type.first.map { "<>|".contains($0) } ?? false
        numPyKind = isNumPy ? type.dropFirst().first : nil
    }

    /// The error to throw, after a look at the elements where these decide.
    func error(for purpose: Purpose) throws(ExperimentError) -> ExperimentError {
        switch purpose {
        case .numbers: ofNumbers
        case .lengths: try ofLengths()
        case .flags: try ofFlags()
        }
    }

    private var ofNumbers: ExperimentError {
        // Numbers of that type would be the bits of bfloat16 turned into integers.
        if tensor.elementType == .uint16 {
            return error(
                expected: Self.floats,
                remedy: "make it float32 before it becomes an array, as by "
                    + "\(name).astype(\"float32\").numpy() in Paddle, whose bfloat16 looks like this"
            )
        }
        return error(
            expected: Self.floats,
            remedy: conversion("\(numbers), numpy.float32", torch: "\(name).float()")
                ?? "convert it to real numbers of numpy.float32 where it was made, and save that"
        )
    }

    private static let floats = "f64, f32, f16 or bf16"

    private func ofLengths() throws(ExperimentError) -> ExperimentError {
        let expected = "integers"
        guard tensor.elementType != .boolean else {
            return error(
                expected: expected,
                remedy: "call it mask if it says which keys may be seen"
            )
        }
        var broken: (index: Int, number: Double)?
        try tensor.forEachNumber { index, number in
            if number != number.rounded() || number.isInfinite { broken = (index, number) }
            return broken == nil
        }
        if let broken {
            return error(
                ", \(broken.number) at index \(broken.index)",
                expected: expected,
                remedy: "save whole numbers of keys as numpy.int64"
            )
        }
        return error(
            expected: expected,
            remedy: conversion("\(numbers), numpy.int64", torch: "\(name).long()")
                ?? "convert it to numpy.int64 where it was made, and save that"
        )
    }

    private func ofFlags() throws(ExperimentError) -> ExperimentError {
        let expected = "bool or u8 (not 0: may be seen), or integers that are 0 and 1"
        let isZero = conversion("\(numbers) == 0", torch: "(\(name) == 0)")
        let isNotZero = conversion("\(numbers) != 0", torch: "(\(name) != 0)")
        let either =
            "call it bias, or \(isZero ?? "save \(name) == 0"), if it is added to scores; "
            + "\(isNotZero ?? "save \(name) != 0") if 0 means hidden"
        guard tensor.elementType != nil else { return error(expected: expected, remedy: either) }
        switch try MaskMeaning(of: tensor) {
        case .flags:
            return error(", 0 for hidden", expected: expected, remedy: isNotZero ?? either)
        case .addends(let lowest):
            return error(
                ", 0 and \(lowest)",
                expected: expected,
                remedy: "\(isZero ?? "save \(name) == 0"); or call it bias, to add it to scores"
            )
        case .zeros:
            return error(", all 0", expected: expected, remedy: either)
        case .neither(let index, let number):
            return error(
                ", \(number) at index \(index)",
                expected: expected,
                remedy: "save booleans, true where a key may be seen; call it bias if its numbers "
                    + "are added to scores"
            )
        }
    }

    private var name: String { tensor.name }

    /// The tensor in NumPy, of a type that has numbers.
    private var numbers: String {
        numPyKind == "V"
            ? "numpy.left_shift(\(name).view(numpy.uint16), 16, dtype=numpy.uint32)"
                + ".view(numpy.float32)"
            : name
    }

    /// The conversion, in C order; nil where NumPy has none.
    ///
    /// Plain `astype` and comparisons keep the order in memory, which some writers then save under
    /// the shape of the view.
    private func conversion(_ arguments: String, torch: String) -> String? {
        let isKnown =
            tensor.elementType != nil || numPyKind.map { "fiubO".contains($0) } ?? !isComplex
        // One byte of float8, which NumPy can neither load nor view as anything.
        guard isKnown, !["<f1", "|f1"].contains(tensor.typeText) else { return nil }
        // Only these are written by other libraries, too.
        let other =
            tensor.file.hasSuffix(".safetensors") ? " (with PyTorch \(torch).contiguous())" : ""
        return "save numpy.ascontiguousarray(\(arguments))\(other)"
    }

    private var isComplex: Bool { tensor.typeText.hasPrefix("C") }

    private func error(
        _ found: String = "",
        expected: String,
        remedy: String
    ) -> ExperimentError {
        tensor.refusal(
            "has elements of type \(tensor.typeText)\(found)",
            expected: expected,
            remedy: remedy
        )
    }
}

/// What the numbers of a mask mean.
enum MaskMeaning: Equatable {
    /// 1 for a key that may be seen, and 0.
    case flags
    /// 0 for a key that may be seen, and what hides one by being added to its score.
    case addends(lowest: Double)
    /// Everything is seen or nothing.
    case zeros
    /// The position of the first number that is neither.
    case neither(index: Int, Double)

    /// What is added to scores hides a key from here on: BERT's −10000, and lower ones.
    static let highestHiding = -1e4

    init(of tensor: StoredTensor) throws(ExperimentError) {
        var one = false
        var lowest: Double?
        var stranger: (index: Int, number: Double)?
        try tensor.forEachNumber { index, number in
            switch number {
            case 0: break
            case 1 where lowest == nil: one = true
            case ...Self.highestHiding where !one: lowest = min(number, lowest ?? number)
            default: stranger = (index, number)
            }
            return stranger == nil
        }
        self =
            if let stranger {
                .neither(index: stranger.index, stranger.number)
            } else if let lowest {
                .addends(lowest: lowest)
            } else {
                one ? .flags : .zeros
            }
    }
}

extension StoredTensor {
    /// Whether the elements are flags: booleans, or integers of 0 and 1.
    ///
    /// Integers that are all 0 are not: added to scores they would hide nothing.
    func hasFlags() throws(ExperimentError) -> Bool {
        guard let elementType else { return false }
        if ElementType.booleans.contains(elementType) { return true }
        guard ElementType.integers.contains(elementType) else { return false }
        return try MaskMeaning(of: self) == .flags
    }
}
