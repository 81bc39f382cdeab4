import Attention
import Testing

@testable import Conformance

struct CatalogueShrinkerTests {
    private let large: CatalogueSpecification

    init() throws {
        large = try CatalogueSpecification(
            "batch=3 heads=6 kv-heads=2 length=150 key-length=211 head-dimension=65 "
                + "value-dimension=33 mask=causal lengths=rows:edges visibility=slices:sparse "
                + "score-scale=0.5 values=large poison=nan seed=77 isa=baseline workers=3 threads=2 "
                + "transport=tcp credit=1 inputs=inline split=rows schedule=static"
        )
    }

    @Test func `options without effect on a failure are left out`() throws {
        let shrunk = CatalogueShrinker.shrunk(large, limit: 10_000) { _ in true }
        #expect(
            "\(shrunk)" == "length=1 head-dimension=1 isa=baseline workers=1 threads=1 "
                + "transport=ipc credit=2 inputs=generated split=auto schedule=dynamic"
        )
    }

    @Test func `options that cause a failure stay, as small as possible`() throws {
        let shrunk = CatalogueShrinker.shrunk(large, limit: 10_000) { candidate in
            candidate.entry.shape.queryLength >= 17 && candidate.entry.mask.band == .causal
                && candidate.entry.shape.heads > candidate.entry.shape.keyValueHeads
                && candidate.restriction.workers ?? 1 >= 2 && candidate.restriction.split == .rows
        }
        #expect(
            "\(shrunk)" == "heads=3 kv-heads=1 length=17 key-length=1 head-dimension=1 "
                + "mask=causal isa=baseline workers=2 threads=1 transport=ipc credit=2 "
                + "inputs=generated split=rows schedule=dynamic"
        )
    }

    @Test func `a failure of one process is shrunk without choosing a cluster`() throws {
        let open = try CatalogueSpecification("length=40 head-dimension=32 values=large isa=avx2")
        let shrunk = CatalogueShrinker.shrunk(open, limit: 1000) { $0.entry.values == .large }
        #expect("\(shrunk)" == "length=1 head-dimension=1 values=large isa=avx2")
    }

    @Test func `shrinking ends at its limit with a failing case`() throws {
        var tries = 0
        var failed = [large]
        let shrunk = CatalogueShrinker.shrunk(large, limit: 20) { candidate in
            tries += 1
            if tries.isMultiple(of: 3) { failed.append(candidate) }
            return tries.isMultiple(of: 3)
        }
        #expect(tries <= 20)
        #expect(shrunk == failed.last)
    }

    @Test func `a candidate is never tried twice`() throws {
        var tried: [CatalogueSpecification] = []
        _ = CatalogueShrinker.shrunk(large, limit: 500) { candidate in
            tried.append(candidate)
            return tried.count.isMultiple(of: 7)
        }
        #expect(Set(tried).count == tried.count)
        #expect(!tried.contains(large))
    }
}
