import Scheduling
import Work

/// The arrangements in which a run computes each case.
extension CatalogueOptions {
    private var settings: [CatalogueSetting] { CatalogueSetting.standard(workers: workers) }

    /// Every arrangement that a specification leaves open.
    func arrangements(
        of entry: CatalogueCase,
        _ restriction: CatalogueRestriction
    ) -> [CatalogueArrangement] {
        restriction.arrangements(of: entry, among: settings)
    }

    /// Every cluster and split (keys and ring where there are spans to cut), inputs delivered in two ways and
    /// outputs in both; which ones, and the schedules, take turns from case to case.
    func cornerArrangements(_ entry: CatalogueCase, _ turn: Int) -> [CatalogueArrangement] {
        if isThorough { return arrangements(of: entry, .none) }
        let splits = entry.splits.filter { ![.keys, .ring].contains($0) || entry.hasSpans }
        var ways: [CatalogueArrangement] = []
        for (place, setting) in settings.enumerated() {
            let deliveries = Self.deliveries(entry)
            for way in 0..<2 {
                let delivery = deliveries[(turn + place + way) % deliveries.count]
                let routes = OutputRoute.available
                let outputs = routes[(turn / deliveries.count + place + way) % routes.count]
                for (step, split) in splits.enumerated() {
                    let schedules = Schedule.allCases
                    ways.append(
                        CatalogueArrangement(
                            setting: setting,
                            delivery: delivery,
                            outputs: outputs,
                            split: split,
                            schedule: schedules[(turn + place / 2 + way + step) % schedules.count]
                        )
                    )
                }
            }
        }
        return ways
    }

    /// Three clusters that the seed chooses, each with three arrangements.
    func randomArrangements(
        _ entry: CatalogueCase,
        _ ordinal: Int,
        _ set: Int
    ) -> [CatalogueArrangement] {
        var draw = CatalogueDraw(seed: seed, ordinal: ordinal, attempt: 128 + set)
        var ways: [CatalogueArrangement] = []
        for setting in draw.some(3, of: settings) {
            let delivery = draw.one(of: Self.deliveries(entry))
            let outputs = draw.one(of: OutputRoute.available)
            for split in draw.some(3, of: entry.splits) {
                ways.append(
                    CatalogueArrangement(
                        setting: setting,
                        delivery: delivery,
                        outputs: outputs,
                        split: split,
                        schedule: draw.one(of: Schedule.allCases)
                    )
                )
            }
        }
        return ways
    }

    /// Workers that make the inputs themselves get no poison.
    private static func deliveries(_ entry: CatalogueCase) -> [CatalogueDelivery] {
        CatalogueDelivery.available.filter { entry.poison == .none || $0 != .generated }
    }
}
