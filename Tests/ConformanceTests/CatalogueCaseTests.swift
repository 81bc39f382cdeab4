import Attention
import Testing

@testable import Conformance
@testable import Files

struct CatalogueCaseTests {
    @Test func `every fixed case has a name of its own and can be made`() throws {
        let corners = try CatalogueCorners.all()
        #expect(corners.count > 60)
        #expect(Set(corners.map(\.name)).count == corners.count)
        #expect(Set(corners.map(\.content)).count == corners.count)
        for corner in corners { _ = try CatalogueInputs(corner.content) }
    }

    @Test func `the fixed cases have every mask, value and edge of the sizes`() throws {
        let cases = try CatalogueCorners.all().map(\.content)
        for band in [Mask.Band.none, .causal, .causalBottomRight] {
            #expect(cases.contains { $0.mask.band == band && $0.shape.queryLength > 1 })
        }
        for lengths in [Mask.Lengths.perBatch, .perRow] {
            #expect(cases.contains { $0.mask.lengths == lengths })
        }
        for visibility in [Mask.Pairs.shared, .perBatch, .perSlice] {
            #expect(cases.contains { $0.mask.visibility == visibility })
        }
        for kind in ValueKind.allCases { #expect(cases.contains { $0.values == kind }) }
        for rows in MaskedRows.allCases { #expect(cases.contains { $0.maskedRows == rows }) }
        for size in [1, 512] {
            #expect(cases.contains { $0.shape.headDimension == size })
            #expect(cases.contains { $0.shape.valueDimension == size })
        }
        #expect(cases.contains { $0.shape.keyLength == 1 })
        #expect(cases.contains { $0.shape.queryLength == 1 })
        #expect(cases.contains { $0.shape.keyLength > 2 * AttentionKernel.spanKeys })
        #expect(cases.contains { $0.shape.keyValueHeads == 1 && $0.shape.heads > 1 })
    }

    @Test func `every poisoned fixed case has something to poison`() throws {
        let poisoned = try CatalogueCorners.all().map(\.content).filter { $0.poison != .none }
        #expect(poisoned.count >= 5)
        for entry in poisoned {
            #expect(try CatalogueInputs(entry).poisonedElements > 0, "\(entry)")
        }
    }

    @Test func `poison is where no row sees it, and only there`() throws {
        let entry = try CatalogueSpecification(
            "batch=2 heads=4 kv-heads=2 length=9 key-length=20 head-dimension=3 "
                + "visibility=slices:sparse lengths=batch:edges poison=nan"
        ).entry
        let inputs = try CatalogueInputs(entry)
        let rows = unsafe RowVisibility(entry.problem, inputs.view)
        let shape = entry.shape
        var isSeen = [Bool](repeating: false, count: shape.keyValueSliceCount * shape.keyLength)
        for slice in 0..<shape.sliceCount {
            for row in 0..<shape.queryLength {
                let keys = rows.visibleKeys(slice: slice, row: row)
                for key in keys {
                    isSeen[shape.keyValueSlice(of: slice) * shape.keyLength + key] = true
                }
                let query = unsafe inputs.view
                    .query[(slice * shape.queryLength + row) * shape.headDimension]
                #expect(query.isNaN == keys.isEmpty)
            }
        }
        for row in isSeen.indices {
            let view = unsafe inputs.view
            let (key, value) = unsafe (view.key[row * 3], view.value[row * 3 + 2])
            #expect(key.isNaN != isSeen[row])
            #expect(value.isNaN != isSeen[row])
        }
        #expect(isSeen.contains(true) && isSeen.contains(false))
    }

    @Test func `edge lengths begin with all keys and have none and one among them`() throws {
        let text = "batch=4 length=6 key-length=9 head-dimension=2 lengths=rows:edges"
        let lengths = try #require(try CatalogueSpecification(text).entry.patternLengths)
        #expect(lengths.count == 24)
        #expect(Array(lengths.prefix(4)) == [9, 1, 0, 8])
        #expect(lengths.allSatisfy { (0...9).contains($0) })
    }

    @Test func `lengths that are powers never exceed the keys`() throws {
        for keys in [1, 2, 3, 127, 128, 129] {
            let text = "batch=9 length=1 key-length=\(keys) head-dimension=2 lengths=batch:powers"
            let lengths = try #require(try CatalogueSpecification(text).entry.patternLengths)
            #expect(lengths.allSatisfy { $0 >= 1 && Int($0) <= keys && $0 & ($0 - 1) == 0 })
        }
    }

    // MARK: Text

    @Test func `a case reads as it was written`() throws {
        for corner in try CatalogueCorners.all() {
            let text = "\(CatalogueSpecification(corner.content))"
            #expect(try CatalogueSpecification(text).entry == corner.content, "\(text)")
        }
        for ordinal in 0..<500 {
            let entry = CatalogueRandom.draw(seed: 11, ordinal: ordinal, attempt: 0)
            let arrangement = CatalogueArrangement(
                setting: CatalogueSetting(workers: 3, threads: 2, transport: .tcp, credit: 1),
                delivery: .inline,
                split: .rows,
                schedule: .fixed
            )
            var written = CatalogueSpecification(entry, instructionSet: .avx2)
            if ordinal.isMultiple(of: 2) { written.restriction = CatalogueRestriction(arrangement) }
            // A pattern without its mask has no effect, so it is not written.
            if entry.mask.lengths == .none { written.entry.lengthPattern = .random }
            if entry.mask.visibility == .none { written.entry.visibilityPattern = .random }
            #expect(try CatalogueSpecification("\(written)") == written)
        }
    }

    @Test(arguments: [
        ("", "length=33"),
        ("length", "“length”"),
        ("length=", "“length=”"),
        ("length=0", "length=0"),
        ("length=3 length=4", "length"),
        ("length=3 size=4", "size"),
        ("length=3 head-dimension=513", "headDimension"),
        ("length=3 head-dimension=4 heads=3 kv-heads=2", "keyValueHeads"),
        ("length=3 head-dimension=4 mask=diagonal", "diagonal"),
        ("length=3 head-dimension=4 mask=lengths:2", "lengths"),
        ("length=3 head-dimension=4 lengths=rows:odd", "lengths=rows:odd"),
        ("length=3 head-dimension=4 values=exact", "values=exact"),
        ("length=3 head-dimension=4 poison=nan masked-rows=uniform", "masked-rows=uniform"),
        ("length=3 head-dimension=4 workers=0", "workers=0"),
        ("length=3 head-dimension=4 split=columns", "split=columns"),
        ("length=3 head-dimension=4 operation=multi-head split=keys", "split=keys"),
        ("length=3 head-dimension=4 split=ring schedule=cyclic", "schedule=cyclic"),
        ("length=2000000 head-dimension=512", "1 GiB"),
        ("length=100000 head-dimension=64", "1 GiB"),
        ("length=3 head-dimension=4 score-scale=inf", "scoreScale"),
    ])
    func `a wrong case is refused by the word at fault`(text: String, word: String) {
        let error = #expect(throws: ExperimentError.self) { try CatalogueSpecification(text) }
        #expect(error?.exitCode == 64)
        // The subject quotes the whole case, so the rest must name the word.
        let rest = error.map { "\($0.problem): \($0.expected)" } ?? ""
        #expect(rest.contains(word), "\(rest)")
    }

    // MARK: Random cases

    @Test func `a random case depends on its seed and its number alone`() {
        let cases = (0..<50).map { CatalogueRandom.draw(seed: 5, ordinal: $0, attempt: 0) }
        #expect(cases == (0..<50).map { CatalogueRandom.draw(seed: 5, ordinal: $0, attempt: 0) })
        #expect(Set(cases).count == 50)
        #expect(cases != (0..<50).map { CatalogueRandom.draw(seed: 6, ordinal: $0, attempt: 0) })
        #expect(cases != (0..<50).map { CatalogueRandom.draw(seed: 5, ordinal: $0, attempt: 1) })
    }

    @Test func `random cases are small, nearly all possible, and have every feature`() {
        var impossible = 0
        let cases = (0..<1000).map { CatalogueRandom.draw(seed: 3, ordinal: $0, attempt: 0) }
        for entry in cases {
            #expect(entry.work <= CatalogueRandom.largestWork * 4)
            do { _ = try CatalogueInputs(entry) } catch { impossible += 1 }
        }
        #expect(impossible < 50)
        // Three bands with three kinds of lengths and five masks; causal by length has one kind.
        let masks = cases.map { entry in
            var mask = entry.mask
            mask.bias = .none
            return mask
        }
        #expect(Set(masks).count == 50)
        #expect(Set(cases.map(\.mask.bias)) == Set(Mask.Pairs.allCases))
        #expect(Set(cases.map(\.sinks)) == [.none, .random])
        #expect(Set(cases.map(\.scoring)).count == ScoringName.allCases.count)
        #expect(cases.contains { $0.offset > 0 })
        #expect(Set(cases.map(\.values)).count == ValueKind.allCases.count)
        #expect(Set(cases.map(\.poison)).count == 3)
        #expect(cases.contains { $0.problem.isInSteps })
        #expect(cases.contains { $0.shape.headDimension > 500 })
    }
}
