import Files
import Record
import Statistics
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A real record, as it was when its run had finished `rounds` rounds; all of it without.
func sampleRun(rounds: Int? = nil) throws -> RunRecord {
    let whole = try RunRecord.read(PackageFolder.record("scale-8x8x1024x64"))
    guard let rounds else { return whole }
    var record = whole
    record.verdict = nil
    record.exitCode = nil
    record.analysis = nil
    record.sampling = nil
    record.warnings = nil
    record.baseCases = try whole.baseCases.map { base in
        let times = Array(base.samplesNanoseconds.prefix(rounds))
        let summary = try #require(SampleSummary(nanoseconds: times.map { Double($0) }))
        let gain = base.summary.medianNanoseconds / summary.medianNanoseconds
        return BaseCase(
            threads: base.threads,
            samplesNanoseconds: times,
            replicates: base.replicates.map { Array($0.prefix(rounds)) },
            summary: summary,
            gigaflopsPerSecond: base.gigaflopsPerSecond.map { $0 * gain },
            fractionOfPeak: base.fractionOfPeak.map { $0 * gain }
        )
    }
    let single = try #require(record.singleThread).summary.medianNanoseconds
    record.points = try whole.points.map { measured in
        var point = measured
        point.samples = Array(measured.samples.prefix(rounds))
        let times = point.samples.map { Double($0.wallNanoseconds) }
        let wall = try #require(SampleSummary(nanoseconds: times))
        let former = try #require(measured.summary)
        let gain = former.wall.medianNanoseconds / wall.medianNanoseconds
        let matching = record.baseCase(matching: point)?.summary.medianNanoseconds
        let speedup = single / wall.medianNanoseconds
        point.summary = PointSummary(
            wall: wall,
            speedup: speedup,
            efficiency: speedup / Double(point.workers * point.threads),
            speedupOverThreads: matching.map { $0 / wall.medianNanoseconds },
            gigaflopsPerSecond: former.gigaflopsPerSecond.map { $0 * gain }
        )
        return point
    }
    return record
}

extension TemporaryFolder {
    /// Puts a record in place as runs do: as a whole, as a new file.
    func put(_ record: RunRecord, as name: String) throws {
        try put(Array(try JSONText.encode(record).utf8), as: name)
    }

    func put(_ bytes: [UInt8], as name: String) throws {
        let partial = try write("\(name).partial", bytes)
        try #require(rename(partial, file(name)) == 0)
    }
}
