import Work

/// How inputs are to reach the workers.
package enum PlaneChoice: Hashable, Sendable {
    /// Inside every trial, on the plane that is the fastest for the tasks of the plan; a run measures that
    /// when it begins.
    case auto
    case named(PlaneName)

    /// Nil where it is still to be chosen.
    package var name: PlaneName? {
        switch self {
        case .auto: nil
        case .named(let name): name
        }
    }
}

extension PlaneChoice: RawRepresentable, CaseIterable {
    package static let allCases = PlaneName.allCases.map(Self.named) + [.auto]

    private static let autoName = "auto"

    package init?(rawValue: String) {
        if rawValue == Self.autoName {
            self = .auto
        } else if let name = PlaneName(rawValue: rawValue) {
            self = .named(name)
        } else {
            return nil
        }
    }

    package var rawValue: String { name?.rawValue ?? Self.autoName }
}

extension PlaneChoice: PlanChoice {}

extension PlaneName {
    /// Those of which a run chooses: inputs move inside a trial.
    package static let toChoose = allCases.filter { !$0.holdsInputs }
}

extension RunPlan {
    /// The plan on this plane; itself if that is nil.
    package func on(_ plane: PlaneName?) -> RunPlan {
        guard let plane else { return self }
        var plan = self
        plan.plane = .named(plane)
        return plan
    }
}
