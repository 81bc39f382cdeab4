import Attention
import Host
import Statistics
import Work

extension RunRecord {
    /// How far other processes disturbed each configuration, base cases first.
    ///
    /// Only where there was a core for every thread: those that take turns on one disturb each other.
    /// Older records do not say.
    package var disturbances: [Disturbance] {
        baseCases.compactMap { disturbance(of: $0) } + points.compactMap { disturbance(of: $0) }
    }

    /// Whether most trials of a configuration were disturbed, and with them what is compared.
    package var isDisturbed: Bool { disturbances.contains(where: \.isMost) }

    func disturbance(of base: BaseCase) -> Disturbance? {
        guard base.threads <= usableCPUCount, let times = base.offCoreNanoseconds else {
            return nil
        }
        return Disturbance(
            subject: base.subject,
            zip(times, base.samplesNanoseconds).map { off, wall in
                Disturbance.Trial(offNanoseconds: off, wallNanoseconds: wall)
            }
        )
    }

    func disturbance(of point: RunPoint) -> Disturbance? {
        let trials = point.samples.compactMap(\.disturbance)
        guard point.workers * point.threads <= usableCPUCount, !trials.isEmpty else {
            return nil
        }
        return Disturbance(subject: point.subject, trials)
    }
}

extension BaseCase {
    /// `1 process, 2 threads`.
    var subject: String { "1 process, \(counted(threads, "thread"))" }
}

extension RunPoint {
    /// `2 workers`.
    var subject: String { counted(workers, "worker") }
}

extension TrialSample {
    /// Nil where no worker reported it.
    ///
    /// The coordinator takes a core from a worker where it has none for itself: that cost belongs
    /// to the cluster.
    fileprivate var disturbance: Disturbance.Trial? {
        let told = workers.filter { $0.offCoreNanoseconds != nil }
        guard let worst = told.max(by: { $0.offCore < $1.offCore }) else { return nil }
        let off = worst.offCore - min(worst.offCore, cpuNanoseconds ?? 0)
        return Disturbance.Trial(
            offNanoseconds: off,
            wallNanoseconds: wallNanoseconds,
            worker: worst.worker
        )
    }
}

extension WorkerSample {
    fileprivate var offCore: UInt64 { offCoreNanoseconds ?? 0 }
}
