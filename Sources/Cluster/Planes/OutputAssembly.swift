import Attention
import Platform
import Glibc
import Work

/// Assembles the outputs of all stages of one trial from chunks in any order.
///
/// The first bytes that arrive for a place are the output. Later bytes for the same place are
/// compared with them bit for bit and counted, never written. Only those of workers with the same
/// instruction set must be the same.
@safe
struct OutputAssembly {
    enum Placement: Equatable {
        case placed
        /// The place was filled already, with the same bits, or by a worker that may have others.
        case repeated
        /// The place was filled already, with other bits.
        case contradicted
        /// No chunk of this shard starts there or has this size.
        case misfit
    }

    let shards: [PackedShard]
    /// The whole tensor of each stage.
    @unsafe private let outputs: [UnsafeMutableRawPointer]
    /// What the worker computes with whose output is put in its place; nil where that does not matter.
    var instructionSet: InstructionSet?
    /// What filled each piece.
    private var filled: [[Filling]]
    /// Pieces that came again with other bits.
    private(set) var contradictionCount = 0

    /// `outputs` are the whole tensors of the stages, `[slice][row][column]`, and outlive the assembly.
    @unsafe
    init(_ layout: StageLayout, shards: [Shard], outputs: [UnsafeMutableRawPointer]) {
        self.shards = shards.map { PackedShard($0, in: layout) }
        unsafe self.outputs = outputs
        filled = self.shards.map { [Filling](repeating: .none, count: $0.chunkCount) }
    }

    private enum Filling: Equatable {
        case none
        case by(InstructionSet?)
    }

    /// Puts one chunk in its place, or compares it with the bytes that are already there.
    mutating func place(_ bytes: Span<UInt8>, shard index: Int, byteOffset: Int) -> Placement {
        guard shards.indices.contains(index), byteOffset >= 0 else { return .misfit }
        let shard = shards[index]
        let (chunk, remainder) = byteOffset.quotientAndRemainder(dividingBy: PackedShard.chunkBytes)
        guard remainder == 0, chunk < shard.chunkCount, shard.chunk(chunk).count == bytes.count
        else { return .misfit }
        let earlier = filled[index][chunk]
        let isFilled = earlier != .none
        if !isFilled { filled[index][chunk] = .by(instructionSet) }
        var isSame = true
        unsafe bytes.withUnsafeBytes { source in
            shard.forEachPiece(of: shard.chunk(chunk)) { packed, tensorOffset in
                guard let base = source.baseAddress else { return }
                let from = unsafe base + (packed.lowerBound - byteOffset)
                let target = unsafe outputs[shard.shard.stage] + tensorOffset
                isSame = unsafe put(from, target, packed.count, isFilled) && isSame
            }
        }
        return placement(earlier, isSame: isSame)
    }

    /// Puts a whole shard in its place, or compares it with the bytes that are already there.
    ///
    /// `tensor` is where its worker has the outputs of all stages.
    @unsafe
    mutating func place(_ index: Int, from tensor: UnsafeRawPointer) -> Placement {
        guard shards.indices.contains(index) else { return .misfit }
        let earlier = isComplete(index) ? filled[index].first ?? .none : .none
        if earlier == .none { markComplete(index) }
        return placement(earlier, isSame: unsafe put(index, tensor, earlier != .none))
    }

    /// Notes a whole shard that its worker has written to its place itself.
    ///
    /// It is the first to stand there: who writes a place is ended before another output is put there.
    mutating func noteWritten(_ index: Int) -> Placement {
        guard shards.indices.contains(index) else { return .misfit }
        markComplete(index)
        return .placed
    }

    private mutating func markComplete(_ index: Int) {
        for chunk in filled[index].indices { filled[index][chunk] = .by(instructionSet) }
    }

    /// Copies a whole shard to its place, or says whether the same bytes are there.
    @unsafe
    private func put(_ index: Int, _ tensor: UnsafeRawPointer, _ isFilled: Bool) -> Bool {
        let shard = shards[index]
        var isSame = true
        shard.forEachPiece(of: 0..<shard.byteCount) { packed, tensorOffset in
            let from = unsafe tensor + shard.stageOffset + tensorOffset
            let target = unsafe outputs[shard.shard.stage] + tensorOffset
            isSame = unsafe put(from, target, packed.count, isFilled) && isSame
        }
        return isSame
    }

    private mutating func placement(_ earlier: Filling, isSame: Bool) -> Placement {
        guard earlier != .none else { return .placed }
        if isSame || earlier != .by(instructionSet) { return .repeated }
        contradictionCount += 1
        return .contradicted
    }

    /// Copies bytes to a place of the output, or says whether the same bytes are already there.
    private func put(
        _ bytes: UnsafeRawPointer,
        _ target: UnsafeMutableRawPointer,
        _ count: Int,
        _ isFilled: Bool
    ) -> Bool {
        guard !isFilled else { return unsafe memcmp(target, bytes, count) == 0 }
        unsafe LargeCopy.copy(bytes, to: target, byteCount: count)
        return true
    }

    /// Whether every byte of the shard is in its place.
    package func isComplete(_ index: Int) -> Bool {
        shards.indices.contains(index) && filled[index].allSatisfy { $0 != .none }
    }

    package func byteCount(ofShard index: Int) -> Int { shards[index].byteCount }
}
