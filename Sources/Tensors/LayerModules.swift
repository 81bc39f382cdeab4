import Attention
import Files

/// The tensors of a file that may be weights of layers, by the modules that hold them.
struct LayerModules {
    private let path: String
    /// By their whole names.
    private(set) var tensors: [String: StoredTensor] = [:]
    /// The names of all tensors of the file, sorted.
    private let allNames: [String]

    private typealias Found = (module: String, scheme: LayerNames)

    init(
        reading path: String,
        flag: String
    ) throws(ExperimentError) {
        self.path = path
        let plain =
            LayerNames.all.flatMap(\.names.values).sorted() + LayerNames.refused.map(\.name)
        let listing = try TensorListing(reading: path, flag: flag) { name in
            plain.contains { name == $0 || name.hasSuffix(".\($0)") }
        }
        for tensor in listing.found { tensors[tensor.name] = tensor }
        allNames = (listing.found.map(\.name) + listing.others).sorted()
    }

    /// `module.name`, or the name alone.
    static func join(_ module: String, _ name: String) -> String {
        module.isEmpty ? name : "\(module).\(name)"
    }

    /// The names of all tensors in a module.
    func names(in module: String) -> [String] {
        module.isEmpty ? allNames : allNames.filter { $0.hasPrefix("\(module).") }
    }

    /// The module of this name, or the only one, whose weights are those of `variant`.
    func only(
        _ variant: LayerVariant,
        named name: String?
    ) throws(ExperimentError) -> (String, LayerNames) {
        let complete = modules(of: variant).filter { name == nil || $0.module == name }
        guard let found = complete.first else { throw missing(variant, name) }
        guard complete.count == 1 else { throw several(complete, named: name) }
        try refuseUnsupported(in: found.module)
        return found
    }

    /// The modules that have all weights of a layer.
    private func modules(of variant: LayerVariant) -> [Found] {
        LayerNames.all.filter { $0.variant == variant }.flatMap { scheme in
            candidates(scheme).filter { module in
                scheme.required.allSatisfy { tensors[Self.join(module, $0)] != nil }
            }
            .map { ($0, scheme) }
        }
    }

    /// The modules that have some.
    private func candidates(_ scheme: LayerNames) -> [String] {
        Set(scheme.required.flatMap { modules(having: $0) }).sorted()
    }

    private func modules(having name: String) -> [String] {
        tensors.keys.compactMap { whole in
            whole == name
                ? "" : whole.hasSuffix(".\(name)") ? String(whole.dropLast(name.count + 1)) : nil
        }
        .sorted()
    }

    private func refuseUnsupported(in module: String) throws(ExperimentError) {
        for (name, meaning, remedy) in LayerNames.refused {
            guard let tensor = tensors[Self.join(module, name)] else { continue }
            throw tensor.refusal(
                "is not supported: it is \(meaning)",
                expected: "one input projection of q, k and v, and one output projection",
                remedy: remedy
            )
        }
    }

    private func several(_ found: [Found], named name: String?) -> ExperimentError {
        guard name == nil, Set(found.map(\.module)).count == found.count else {
            let weights = found.map { $0.scheme.required[0] }.joined(separator: " and ")
            return ExperimentError(
                .usage,
                path,
                "has the weights of one layer under two kinds of names, \(weights)",
                expected: "one of the two",
                remedy: "remove one of them from the file"
            )
        }
        let listed = found.map { $0.module.isEmpty ? "the plain names" : $0.module }
        let example = found.map(\.module).first { !$0.isEmpty } ?? ""
        return ExperimentError(
            .usage,
            path,
            "has \(found.count) layers: \(listed.listed(8))",
            expected: "one layer, or --module with the name of one",
            remedy: "give, for example, --module \(example)"
        )
    }

    private func missing(_ variant: LayerVariant, _ name: String?) -> ExperimentError {
        let own = LayerNames.all.filter { $0.variant == variant }
        let all = modules(of: variant).map(\.module)
        if let name, !all.isEmpty {
            return ExperimentError(
                .usage,
                "--module \(name.isEmpty ? "''" : name)",
                "is not a layer of \(path)",
                expected: all.map { $0.isEmpty ? "no --module" : $0 }.listed(8),
                remedy: all == [""] ? "leave --module out" : "give one of these"
            )
        }
        let expected = own.map(\.requiredText).joined(separator: ", or ")
        let other = LayerVariant.allCases.first { $0 != variant && !modules(of: $0).isEmpty }
        if let other {
            let operation = other == .fused ? "multi-head" : "multi-head-shared"
            return ExperimentError(
                .usage,
                path,
                "has the weights of another kind of layer",
                expected: expected,
                remedy: "give --operation \(operation)"
            )
        }
        // What is not supported often stands where the weights should.
        for (refused, meaning, remedy) in LayerNames.refused {
            guard let module = modules(having: refused).first,
                let tensor = tensors[Self.join(module, refused)]
            else { continue }
            return tensor.refusal(
                "is not supported: it is \(meaning)",
                expected: expected,
                remedy: remedy
            )
        }
        for scheme in own {
            guard let module = candidates(scheme).first,
                let lacking = scheme.required.first(where: {
                    tensors[Self.join(module, $0)] == nil
                })
            else { continue }
            let whole = Self.join(module, lacking)
            return ExperimentError(
                .usage,
                path,
                "has no tensor \(whole)",
                expected: "\(scheme.requiredText) of one layer",
                remedy: "add the tensor"
            )
        }
        return ExperimentError(
            .usage,
            path,
            "has no weights of a layer",
            expected: expected,
            remedy: "save the layer's state_dict(), or give the file that has it as --layer"
        )
    }
}

extension [String] {
    /// The first few, joined, and how many more there are.
    package func listed(_ most: Int) -> String {
        prefix(most).joined(separator: ", ")
            + (count > most ? " and \(count - most) more" : "")
    }
}
