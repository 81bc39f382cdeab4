import Attention
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory between two guard pages: a stray read or write ends the process.
private struct GuardedFloats: ~Copyable {
    private let base: UnsafeMutableRawPointer
    private let mappedBytes: Int
    let floats: UnsafeMutablePointer<Float>
    static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// `numbers` against the page behind them, or against the one before.
    init(_ numbers: [Float], atEnd: Bool) {
        let bytes = numbers.count * 4
        let room = (bytes + Self.page - 1) / Self.page * Self.page
        mappedBytes = room + 2 * Self.page
        guard
            let base = mmap(
                nil,
                mappedBytes,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0
            ),
            base != MAP_FAILED
        else { fatalError("no memory") }
        self.base = base
        precondition(mprotect(base, Self.page, PROT_NONE) == 0)
        precondition(mprotect(base + Self.page + room, Self.page, PROT_NONE) == 0)
        floats = (base + Self.page + (atEnd ? room - bytes : 0))
            .assumingMemoryBound(to: Float.self)
        floats.update(from: numbers, count: numbers.count)
    }

    /// Forbids the whole pages among floats `range`.
    func forbid(_ range: Range<Int>) {
        let page = UInt(Self.page)
        let first = (UInt(bitPattern: floats + range.lowerBound) + page - 1) / page * page
        let last = UInt(bitPattern: floats + range.upperBound) / page * page
        precondition(first < last, "the range holds a whole page")
        guard let start = UnsafeMutableRawPointer(bitPattern: first) else { return }
        precondition(mprotect(start, Int(last - first), PROT_NONE) == 0)
    }

    deinit { munmap(base, mappedBytes) }
}

@Suite struct KernelMemoryTests {
    @Test(arguments: InstructionSet.available, [false, true])
    func `no tensor is read or written out of its bounds`(
        instructionSet: InstructionSet,
        atEnd: Bool
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for (rows, keys) in [(1, 1), (3, 5), (17, 33), (65, 129)] {
            for (d, dv) in [(1, 1), (3, 2), (15, 17), (16, 16), (40, 33), (64, 64), (128, 128)] {
                for mask in [Mask.none, Mask(band: .causal), Mask(visibility: .shared)] {
                    let test = KernelCase(
                        rows: rows,
                        keys: keys,
                        dimension: d,
                        valueDimension: dv,
                        mask: mask
                    )
                    let output = run(test, kernel, atEnd: atEnd)
                    #expect(bits(output) == bits(test.output(kernel)))
                }
            }
        }
    }

    private func run(_ test: KernelCase, _ kernel: AttentionKernel, atEnd: Bool) -> [Float] {
        let query = GuardedFloats(test.query, atEnd: atEnd)
        let key = GuardedFloats(test.key, atEnd: atEnd)
        let value = GuardedFloats(test.value, atEnd: atEnd)
        let count = test.shape.queryLength * test.shape.valueDimension
        let output = GuardedFloats([Float](repeating: .pi, count: count), atEnd: atEnd)
        // The mask's bytes, against the guard as far as whole floats let them.
        let padding = (4 - test.visibility.count % 4) % 4
        let bytes =
            atEnd
            ? [UInt8](repeating: 9, count: padding) + test.visibility
            : test.visibility
        var words = [Float](repeating: 0, count: (bytes.count + 3) / 4)
        words.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
        let mask = GuardedFloats(words, atEnd: atEnd)
        let maskBytes = UnsafeRawPointer(mask.floats).assumingMemoryBound(to: UInt8.self)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        kernel.forward(
            test.problem,
            InputView(
                query: query.floats,
                key: key.floats,
                value: value.floats,
                visibility: test.visibility.isEmpty ? nil : maskBytes + (atEnd ? padding : 0)
            ),
            slices: 0..<1,
            rows: 0..<test.shape.queryLength,
            output: output.floats,
            outputSliceStride: count,
            workspace: workspace
        )
        return Array(UnsafeBufferPointer(start: output.floats, count: count))
    }

    @Test(arguments: InstructionSet.available)
    func `keys and values that no row of the block sees are never read`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var byLength = KernelCase(
            rows: 40,
            keys: 256,
            dimension: 64,
            mask: Mask(lengths: .perBatch)
        )
        byLength.lengths = [37]
        var byMask = KernelCase(
            rows: 40,
            keys: 256,
            dimension: 64,
            mask: Mask(visibility: .shared)
        )
        for row in 0..<40 {
            for key in 128..<256 { byMask.visibility[row * 256 + key] = 0 }
        }
        for (test, firstHidden) in [(byLength, 37), (byMask, 128)] {
            let key = GuardedFloats(test.key, atEnd: true)
            let value = GuardedFloats(test.value, atEnd: true)
            key.forbid(firstHidden * 64..<256 * 64)
            value.forbid(firstHidden * 64..<256 * 64)
            var output = [Float](repeating: .pi, count: 40 * 64)
            guard let workspace = KernelWorkspace() else { fatalError("no memory") }
            test.withView { view in
                var view = view
                view[.key] = UnsafeRawPointer(key.floats)
                view[.value] = UnsafeRawPointer(value.floats)
                output.withUnsafeMutableBufferPointer {
                    kernel.forward(
                        test.problem,
                        view,
                        slices: 0..<1,
                        rows: 0..<40,
                        output: $0.start,
                        outputSliceStride: 40 * 64,
                        workspace: workspace
                    )
                }
            }
            #expect(bits(output) == bits(test.output(kernel)))
        }
    }

    @Test(arguments: InstructionSet.available)
    func `only requested rows of the output are written`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let test = KernelCase(batch: 3, rows: 100, keys: 50, dimension: 10, valueDimension: 7)
        let rows = 24..<89
        // Two slices, their rows packed at a stride that leaves a gap.
        let stride = rows.count * 7 + 5
        var output = [Float](repeating: .pi, count: 2 * stride + 64)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        test.withView { view in
            output.withUnsafeMutableBufferPointer {
                kernel.forward(
                    test.problem,
                    view,
                    slices: 1..<3,
                    rows: rows,
                    output: $0.start + 32,
                    outputSliceStride: stride,
                    workspace: workspace
                )
            }
        }
        let whole = test.output(kernel)
        for (index, number) in output.enumerated() {
            let (slice, offset) = (index - 32).quotientAndRemainder(dividingBy: stride)
            let isInside = index >= 32 && slice < 2 && offset < rows.count * 7
            let expected = isInside ? whole[((slice + 1) * 100 + 24) * 7 + offset] : .pi
            #expect(number.bitPattern == expected.bitPattern, "float \(index)")
        }
    }

    @Test(arguments: InstructionSet.available)
    func `the roof probes count what they do`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let one = kernel.fmaChains(iterations: 1000)
        let two = kernel.fmaChains(iterations: 2000)
        #expect(one.flops > 0 && two.flops == 2 * one.flops)
        #expect(one.sink.isFinite && one.sink != 0)
        for count in [0, 1, 7, 64, 127, 128, 129, 1000] {
            let numbers = GuardedFloats((0..<count).map { Float($0) }, atEnd: true)
            let sum = kernel.sumFloats(numbers.floats, count: count)
            #expect(sum == Float(count * (count - 1) / 2))
        }
    }
}
