import Attention
import Scheduling

/// Simplifies a failing case until nothing more can be left out.
enum CatalogueShrinker {
    /// The smallest specification found that still fails, after at most `limit` tries.
    ///
    /// Greedy: it continues with the first simpler specification that still fails. If `stillFails`
    /// depends on chance, the result does too; but the returned specification has failed.
    static func shrunk<Failure: Error>(
        _ failing: CatalogueSpecification,
        limit: Int,
        stillFails: (CatalogueSpecification) throws(Failure) -> Bool
    ) throws(Failure) -> CatalogueSpecification {
        var smallest = failing
        var seen: Set<CatalogueSpecification> = [failing]
        var hasShrunk = true
        while hasShrunk {
            hasShrunk = false
            for candidate in simpler(than: smallest) where seen.insert(candidate).inserted {
                guard seen.count <= limit else { return smallest }
                if try stillFails(candidate) {
                    smallest = candidate
                    hasShrunk = true
                    break
                }
            }
        }
        return smallest
    }

    /// What could be simpler: first whole features, then sizes.
    static func simpler(than failing: CatalogueSpecification) -> [CatalogueSpecification] {
        arrangements(failing) + features(failing) + sizes(failing)
    }

    private static func arrangements(
        _ failing: CatalogueSpecification
    ) -> [CatalogueSpecification] {
        var simple: [CatalogueSpecification] = []
        func add(_ change: (inout CatalogueRestriction) -> Void) {
            var candidate = failing
            change(&candidate.restriction)
            if candidate != failing { simple.append(candidate) }
        }
        // Open choices stay open: fixing one would make the case narrower, not simpler.
        if let workers = failing.restriction.workers {
            add { $0.workers = 1 }
            if workers > 2 { add { $0.workers = 2 } }
        }
        if failing.restriction.threads != nil { add { $0.threads = 1 } }
        if failing.restriction.transport != nil { add { $0.transport = .ipc } }
        if failing.restriction.delivery != nil { add { $0.delivery = .generated } }
        if failing.restriction.outputs != nil { add { $0.outputs = .shared } }
        if failing.restriction.split != nil { add { $0.split = .auto } }
        if failing.restriction.schedule != nil { add { $0.schedule = .dynamic } }
        if failing.restriction.credit != nil { add { $0.credit = 2 } }
        return simple
    }

    private static func features(_ failing: CatalogueSpecification) -> [CatalogueSpecification] {
        var simple: [CatalogueSpecification] = []
        func add(_ change: (inout CatalogueCase) -> Void) {
            var candidate = failing
            change(&candidate.entry)
            if candidate != failing { simple.append(candidate) }
        }
        add { $0.poison = .none }
        add { $0.values = .uniform }
        add { $0.scoreScale = nil }
        add {
            $0.scoring = .scaledDot
            $0.shape.keyDimension = $0.shape.headDimension
        }
        add { $0.hidden = halved($0.hidden) }
        add { $0.maskedRows = .zeros }
        add {
            $0.mask.visibility = .none
            $0.visibilityPattern = .random
        }
        add {
            guard $0.mask.band != .causalByLength else { return }
            $0.mask.lengths = .none
            $0.lengthPattern = .random
        }
        add { $0.softCap = nil }
        add { $0.alibi = nil }
        add { $0.mask.bias = .none }
        add { $0.sinks = .none }
        add { $0.operation = .attention }
        add { $0.linformer = nil }
        add { $0.linformer = $0.linformer.map(halved) }
        add { $0.pattern = .none }
        add { $0.layout = nil }
        add { $0.mask.band = .none }
        add { $0.offset = 0 }
        add { $0.offset = halved($0.offset) }
        if failing.entry.mask.visibility != .none { add { $0.mask.visibility = .shared } }
        if failing.entry.mask.bias != .none { add { $0.mask.bias = .shared } }
        if failing.entry.mask.lengths != .none { add { $0.mask.lengths = .perBatch } }
        add { $0.shape.keyValueHeads = $0.shape.heads }
        add { $0.shape.heads = $0.shape.keyValueHeads }
        add { $0.seed = 1 }
        return simple
    }

    private static func sizes(_ failing: CatalogueSpecification) -> [CatalogueSpecification] {
        var simple: [CatalogueSpecification] = []
        func add(_ change: (inout AttentionShape) -> Void) {
            var candidate = failing
            change(&candidate.entry.shape)
            if candidate != failing { simple.append(candidate) }
        }
        let group = failing.entry.shape.heads / failing.entry.shape.keyValueHeads
        for smaller in [smallest, halved, oneLess] {
            add { $0.batch = smaller($0.batch) }
            add {
                $0.keyValueHeads = smaller($0.keyValueHeads)
                $0.heads = $0.keyValueHeads * group
            }
            add { $0.queryLength = smaller($0.queryLength) }
            add { $0.keyLength = smaller($0.keyLength) }
            add {
                $0.queryLength = smaller($0.queryLength)
                $0.keyLength = smaller($0.keyLength)
            }
            add {
                let hasOneDimension = $0.keyDimension == $0.headDimension
                $0.headDimension = smaller($0.headDimension)
                if hasOneDimension { $0.keyDimension = $0.headDimension }
            }
            add { $0.keyDimension = $0.headDimension }
            add { $0.valueDimension = smaller($0.valueDimension) }
        }
        return simple
    }

    private static func smallest(_ size: Int) -> Int { 1 }
    private static func halved(_ size: Int) -> Int { (size + 1) / 2 }
    private static func oneLess(_ size: Int) -> Int { max(1, size - 1) }
}
