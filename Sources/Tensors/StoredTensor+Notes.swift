import Statistics
import Work

extension StoredTensor {
    /// How elements are read that are not quite what a run computes with, a sentence for each kind.
    static func typeNotes(
        _ tensors: [StoredTensor],
        mask: StoredTensor? = nil,
        in path: String
    ) -> [String] {
        var notes: [String] = []
        func note(_ isMeant: (StoredTensor) -> Bool, _ sentence: (_ isOne: Bool) -> String) {
            let found = tensors.filter(isMeant).sorted { $0.name < $1.name }
            guard let first = found.first else { return }
            let names = found.map(\.name).listed(4)
            notes.append(
                "\(path): \(names) \(found.count == 1 ? "is" : "are") \(first.typeText), "
                    + sentence(found.count == 1)
            )
        }
        note({ $0.elementType == .float64 }) { _ in "and rounded to f32" }
        note({ $0.elementType == .bfloat16 && $0.typeText != ElementType.bfloat16.rawValue }) {
            "which NumPy makes of bf16, and \($0 ? "is" : "are") read as that"
        }
        note({ $0 == mask && $0.isOfIntegers }) { _ in
            "and read as 1 for what may be seen and 0 for what is hidden"
        }
        return notes
    }

    private var isOfIntegers: Bool {
        elementType.map {
            ElementType.integers.contains($0) && !ElementType.booleans.contains($0)
        } ?? false
    }
}
