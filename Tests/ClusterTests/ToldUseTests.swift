import Testing
import Wire

@testable import Cluster
@testable import Platform

struct ToldUseTests {
    @Test func `an answer counts for the last question alone`() {
        var told = ToldUse()
        #expect(!told.isAwaited)
        let numbers = [told.request().number, told.request().number]
        #expect(numbers[0] != numbers[1] && told.isAwaited)
        var isTaken = told.take(UseReport(number: numbers[0], cpuNanoseconds: 1))
        #expect(isTaken && told.isAwaited && told.processors == ProcessorUse())
        isTaken = told.take(
            UseReport(number: numbers[1], cpuNanoseconds: 2, residentBytes: 3)
        )
        #expect(isTaken && !told.isAwaited)
        #expect(told.processors == ProcessorUse(cpuNanoseconds: 2))
        #expect(told.residentBytes == 3)
        // What was told before another question is old then.
        _ = told.request()
        #expect(told.processors == ProcessorUse() && told.residentBytes == nil)
    }

    @Test func `an answer to nothing is none`() {
        var told = ToldUse()
        var taken = [Int.min, -1, 0, 1].map { told.take(UseReport(number: $0)) }
        #expect(!taken.contains(true))
        let number = told.request().number
        taken = [0, number + 1, .max].map {
            told.take(UseReport(number: $0, cpuNanoseconds: 7))
        }
        #expect(!taken.contains(true))
        told.giveUp()
        // It comes too late, and is nobody's fault.
        let isTaken = told.take(UseReport(number: number, cpuNanoseconds: 7))
        #expect(isTaken && told.processors == ProcessorUse())
    }

    @Test func `a process knows what it uses itself`() {
        let report = UseReport.ofThisProcess(number: 5)
        #expect(report.number == 5)
        #expect(report.cpuNanoseconds ?? 0 > 0)
        #expect(report.residentBytes ?? 0 > 1 << 20)
        #expect(report.voluntarySwitches != nil)
    }
}
