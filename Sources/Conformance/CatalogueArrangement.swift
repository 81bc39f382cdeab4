import Attention
import Scheduling
import Work

/// The workers of one cluster of the catalogue, which computes many cases.
struct CatalogueSetting: Hashable, Sendable {
    var workers = 2
    /// Compute threads of each worker.
    var threads = 1
    var transport = Transport.ipc
    var credit = 2

    /// The clusters for some worker counts.
    ///
    /// Every count with one and with two threads over ipc, and one of them over tcp. The credit
    /// differs, since it changes the order of messages.
    static func standard(workers: [Int]) -> [CatalogueSetting] {
        var settings: [CatalogueSetting] = []
        for count in workers {
            settings.append(CatalogueSetting(workers: count, threads: 1, credit: 2))
            settings.append(CatalogueSetting(workers: count, threads: 2, credit: 1))
        }
        if !workers.isEmpty {
            settings.append(
                CatalogueSetting(
                    workers: workers[workers.count / 2],
                    threads: 1,
                    transport: .tcp,
                    credit: 3
                )
            )
        }
        return settings
    }
}

/// How inputs reach the workers of a case.
enum CatalogueDelivery: String, Hashable, Sendable, CaseIterable {
    /// Every worker makes them from the seed.
    case generated
    /// They are sent before the trial.
    case sent
    /// They are sent inside the trial.
    case inline
    /// All workers read them in shared memory.
    case shared
    /// The coordinator copies them into shared memory inside the trial.
    case copied

    var plane: PlaneName {
        switch self {
        case .generated, .sent: .resident
        case .inline: .inline
        case .shared: .shared
        case .copied: .copied
        }
    }

    /// Those that this system has.
    static let available = allCases.filter { PlaneName.available.contains($0.plane) }
}

/// One way to compute a case on a cluster.
struct CatalogueArrangement: Hashable, Sendable {
    var setting = CatalogueSetting()
    var delivery = CatalogueDelivery.generated
    var outputs = OutputRoute.shared
    var split = Split.auto
    var schedule = Schedule.dynamic
}

/// Some of the choices of an arrangement; a nil choice is open.
struct CatalogueRestriction: Hashable, Sendable {
    var workers: Int?
    var threads: Int?
    var transport: Transport?
    var credit: Int?
    var delivery: CatalogueDelivery?
    var outputs: OutputRoute?
    var split: Split?
    var schedule: Schedule?

    static let none = CatalogueRestriction()

    init() {}

    /// Exactly this arrangement.
    init(_ arrangement: CatalogueArrangement) {
        workers = arrangement.setting.workers
        threads = arrangement.setting.threads
        transport = arrangement.setting.transport
        credit = arrangement.setting.credit
        delivery = arrangement.delivery
        outputs = arrangement.outputs
        split = arrangement.split
        schedule = arrangement.schedule
    }

    /// The clusters that meet it: standard ones, or one made for it.
    func settings(among standard: [CatalogueSetting]) -> [CatalogueSetting] {
        let known = standard.filter { setting in
            workers ?? setting.workers == setting.workers
                && threads ?? setting.threads == setting.threads
                && transport ?? setting.transport == setting.transport
                && credit ?? setting.credit == setting.credit
        }
        guard known.isEmpty else { return known }
        return [
            CatalogueSetting(
                workers: workers ?? 2,
                threads: threads ?? 1,
                transport: transport ?? .ipc,
                credit: credit ?? 2
            )
        ]
    }

    /// Every arrangement that meets it, of those that a case has.
    func arrangements(
        of entry: CatalogueCase,
        among standard: [CatalogueSetting]
    ) -> [CatalogueArrangement] {
        var all: [CatalogueArrangement] = []
        for setting in settings(among: standard) {
            for way in delivery.map({ [$0] }) ?? CatalogueDelivery.available {
                for route in outputs.map({ [$0] }) ?? OutputRoute.available {
                    for cut in split.map({ [$0] }) ?? entry.splits {
                        let orders = schedule.map { [$0] } ?? Schedule.allCases
                        for order in orders where cut.schedules.contains(order) {
                            all.append(
                                CatalogueArrangement(
                                    setting: setting,
                                    delivery: way,
                                    outputs: route,
                                    split: cut,
                                    schedule: order
                                )
                            )
                        }
                    }
                }
            }
        }
        return all
    }
}
