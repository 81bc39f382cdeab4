/// Headwise's wire protocol, version 2: all that a worker in any language needs to know.
///
/// # Transport
///
/// The coordinator binds one ZeroMQ ROUTER socket, every worker connects one DEALER socket to it,
/// over `ipc://` or `tcp://`, without a socket of any other kind. One ZeroMQ message is one message
/// of the protocol and has one or two frames: the header, and the payload if there is one. (The
/// ROUTER sees the routing id before them.) All numbers are unsigned and little-endian, tensors
/// hold IEEE 754 binary32, lengths hold signed 32-bit integers. A process that reconnects is a new
/// worker: what was in flight is lost, and it begins with HELLO.
///
/// # Header
///
/// Every header has 64 bytes.
///
/// | bytes | field        | holds                                                              |
/// |-------|--------------|--------------------------------------------------------------------|
/// | 0–3   | magic        | the letters `HDWS`                                                 |
/// | 4–5   | version      | 2                                                                  |
/// | 6–7   | kind         | the number of the message kind, below                              |
/// | 8–15  | run          | the run's number, never 0; only a HELLO may say 0 for "not told"   |
/// | 16–19 | trial        | counts from 1; 0 is what comes before any trial                    |
/// | 20–23 | shard        | the shard's number in the plan, from 0; in CHUNK the tensor        |
/// | 24–27 | attempt      | which dispatch of the shard; an answer repeats what the TASK said  |
/// | 28–31 | checksum     | the low 32 bits of XXH64 over bytes 0–27 followed by bytes 32–63   |
/// | 32–39 | payloadBytes | the size of the second frame, at most 1048576; 0: there is none    |
/// | 40–47 | a            | by kind                                                            |
/// | 48–55 | b            | by kind                                                            |
/// | 56–63 | c            | by kind                                                            |
///
/// Trial, shard and attempt are below 2³²−1; offsets and sizes of tensors are at most 2⁴⁷. A field
/// that a kind does not use is 0, and is refused otherwise. The first eight bytes will mean the same
/// in every version, so that two versions can tell each other apart.
///
/// A receiver checks in this order: 64 bytes, magic, version, checksum, kind, run, payloadBytes,
/// number of frames, size of the second frame, the fields of the kind, the payload's checksum. What
/// fails is dropped, and C counts it by its reason; nothing is answered, except as said under
/// *Errors*.
///
/// As an example, the TASK of run 0x0123456789abcdef, trial 3, shard 17, attempt 1, slices 8..<16,
/// rows 256..<512, after 1 MiB of chunks:
///
///     48 44 57 53 02 00 09 00 ef cd ab 89 67 45 23 01
///     03 00 00 00 11 00 00 00 01 00 00 00 b3 e0 65 fe
///     00 00 00 00 00 00 00 00 08 00 00 00 10 00 00 00
///     00 01 00 00 00 02 00 00 00 00 10 00 00 00 00 00
///
/// # Kinds
///
/// C is the coordinator, W the worker.
///
/// | kind | name                  | way   | payload  | header fields in use                        |
/// |------|-----------------------|-------|----------|---------------------------------------------|
/// | 1    | HELLO                 | W → C | document | –                                           |
/// | 2    | WELCOME               | C → W | document | –                                           |
/// | 3    | REFUSE                | C → W | document | –                                           |
/// | 4    | WORKLOAD              | C → W | document | –                                           |
/// | 5    | READY                 | W → C | none     | –                                           |
/// | 6    | FAILED                | W → C | document | –                                           |
/// | 8    | BYE                   | both  | document | –                                           |
/// | 9    | TASK                  | C → W | none     | trial, shard, attempt, a, b, c              |
/// | 10   | RESULT                | W → C | none     | trial, shard, attempt, a, b, c              |
/// | 11   | CHUNK                 | C → W | bytes    | trial, shard, a, c                          |
/// | 12   | CHUNK ACKNOWLEDGEMENT | W → C | none     | trial, a                                    |
/// | 13   | OUTPUT                | W → C | bytes    | trial, shard, attempt, a, c                 |
/// | 14   | HEARTBEAT             | W → C | none     | trial, shard, attempt, a, b                 |
///
/// **TASK**: a = the slices, b = the rows; the low 32 bits are the first, the high 32 bits the one
/// after the last, and neither range is empty. c = the bytes of CHUNK payload of this trial that the
/// coordinator sent to this worker before; a worker that has taken in fewer has lost some, and fails.
/// A slice is one pair of batch element and query head, numbered batch · heads + head. The task is to
/// compute those output rows of those slices over all of their keys.
///
/// **RESULT**: a = nanoseconds of computing; b = nanoseconds in which the task was at the worker and
/// its compute threads, free for it, had not begun; c = nanoseconds in which the compute thread that
/// lost most was ready to compute while another process had its core, 0 where the worker cannot tell;
/// all below 2⁶². It follows the last OUTPUT of its attempt. Where the output is shared, it says that
/// the whole shard stands in its place, where it stays until the shard is asked for again: C copies
/// it, and overwrites it before the next trial. C never gives a worker a shard that it still holds.
/// The first complete result of a shard counts; further ones are compared with it and dropped.
///
/// **CHUNK**: a piece of an input tensor. shard = the tensor: 0 query `[B,H,L,D]`, 1 key
/// `[B,Hkv,S,D]`, 2 value `[B,Hkv,S,Dv]`, 3 lengths `[B]` or `[B,L]`, 4 visibility (one byte an
/// element, `[L,S]`, `[B,L,S]` or `[B,H,L,S]`). a = where the piece begins in the whole tensor, in
/// bytes. c = the payload's checksum: XXH64 of it, or 1 where that is 0, or 0 for "not computed".
/// A chunk of trial 0 stays for all trials. One of another trial is for that trial alone: its tasks
/// use it in place of what W holds, and later trials use again what W holds. So C may send other
/// inputs in any trial, as it does to see that outputs are computed.
///
/// **OUTPUT**: a piece of a shard's output. a = where it begins in the shard's own output, which is
/// packed as `[slices][rows][Dv]`, in bytes; c = the payload's checksum as above.
///
/// **CHUNK ACKNOWLEDGEMENT**: a = how many CHUNKs of this trial the worker has taken in so far, all
/// together. At most 4 CHUNKs to a worker may wait for an acknowledgement, so that nothing else waits
/// long behind them. OUTPUTs are not acknowledged one by one: the socket's high-water mark bounds
/// them, and a RESULT that comes before all of them ends its worker.
///
/// **HEARTBEAT**: trial, shard and attempt are of the task being computed; without one, shard is 2³²−1
/// and the others are 0. a = a count that grows while the
/// computation proceeds; b = 1 while computing, else 0. It answers nothing and is not answered. A
/// worker overtakes its own waiting OUTPUTs with it.
///
/// # Documents
///
/// The payload of a document is a JSON object in UTF-8 of at most 1 MiB. A key that a reader does
/// not know is ignored; a missing one is an error unless it is said to be optional.
///
/// HELLO. `token` and `rank` are what the worker was started with. `credit` (1 to 1024) is how many
/// tasks it may hold, the one in work included. `instructionSets` is what its processor runs; a
/// problem that needs another ends the worker.
///
///     {"credit":2,"instructionSets":["baseline","avx2"],"rank":0,
///      "token":"00112233445566778899aabbccddeeff"}
///
/// WELCOME. Its header carries the run's number, which the worker uses from here on. The worker sends
/// a HEARTBEAT that often, and exits when it hears nothing for the silence limit: a day for a worker
/// on the coordinator's machine, which ends with its parent anyway.
///
///     {"heartbeatMilliseconds":100,"silenceLimitMilliseconds":5000,"worker":0}
///
/// WORKLOAD. `generated` says what to make query, key and value from, by the recipe of
/// `InputGenerator`; without it they come as CHUNKs.
/// `instructionSet` is `baseline`, `avx2` or `avx512`; `band` is `none`, `causal` (row i sees keys
/// 0…i) or `causalBottomRight` (keys 0…i+S−L); `mask.lengths` is `none`, `perBatch` or `perRow`;
/// `visibility` is `none`, `shared`, `perBatch` or `perSlice`; `maskedRows` is `zeros` or `uniform`.
/// `pattern` is `{"kind":"none"}`, `{"kind":"window","back":256,"ahead":0}`,
/// `{"kind":"longformer","window":256,"globals":[0,1]}`, `{"kind":"bigBird","window":3,"random":3,
/// "global":1,"block":64,"seed":7}` or `{"kind":"blocks","block":64,"heads":1,"rowBlocks":2,
/// "keyBlocks":2,"bits":"0b"}`, whose bits are two hexadecimal digits for eight blocks, the lowest
/// first; `KeyPattern` says what each shows. `alibi` holds a slope for each head, or none, and
/// `softCap` is left out where scores have no cap; see *Arithmetic*.
/// `residentBytes` is the payload of all CHUNKs of trial 0, which follow and precede READY.
///
/// `sharedOutputOffset` is optional, a multiple of 4096 up to 2⁶¹, and for workers on the coordinator's machine
/// alone. With it there are no OUTPUTs: the worker maps the memory whose descriptor it was started
/// with and writes the output tensor `[B,H,L,Dv]` there, which begins so many bytes into it, each
/// shard in its place; the coordinator reads a shard when its RESULT comes. Another WORKLOAD brings
/// another offset, and what lies before it is given back once the worker is READY.
///
///     {"generated":{"seed":7,"values":"uniform"},"instructionSet":"avx2",
///      "problem":{"alibi":[],"mask":{"band":"causal","lengths":"perBatch","pattern":{"kind":"none"},
///      "visibility":"none"},"maskedRows":"zeros","scoreScale":0.125,
///      "shape":{"batch":2,"headDimension":64,"heads":8,"keyLength":1024,"keyValueHeads":2,
///      "queryLength":1024,"valueDimension":64}},"residentBytes":8}
///
/// REFUSE, FAILED and BYE. The reason is a sentence of at most 4096 bytes. A FAILED with a `task`
/// (`{"attempt":1,"shard":17,"trial":3}`) refuses that task alone, and the worker goes on.
///
///     {"reason":"the token is not this run's"}
///
/// # Arithmetic
///
/// The output of row i of query head h, with the visible keys j of its slice:
///
/// 1. s(j) = `scoreScale` · q(i)·k(j).
/// 2. With `softCap` c: s(j) becomes c · tanh(s(j) / c).
/// 3. With `alibi`: s(j) becomes s(j) − m · (|p − j| − n). m is the head's slope, p the row's position
///    (i, or i + S − L where `band` is `causalBottomRight`), and n the least |p − j| of a visible key,
///    which changes no weight and keeps the digits of far keys.
/// 4. w(j) = exp(s(j)) / Σ exp(s). The output is Σ w(j) · v(j).
///
/// A row that sees no key is zeros where `maskedRows` is `zeros`, and the mean of all S values where
/// it is `uniform`. Key/value head h · Hkv / H, rounded down, serves query head h.
///
/// The bits of an output are compared with those of Headwise's own kernel on the same instruction set,
/// which adds in an order of its own: only a worker that calls that kernel agrees.
///
/// # How a worker is started
///
/// Whoever starts a worker gives it an endpoint, a rank (from 0, each once) and the token, 32 hexadecimal
/// digits, which no command line may show. Headwise starts workers of its own machine as
///
///     headwise worker --connect ipc:///… --rank 0 --token-descriptor 3 --threads 1 --credit 2 …
///
/// with the token to be read from descriptor 3, whose end of stream means that the coordinator is gone;
/// and, where outputs are shared, with that memory as descriptor 4 and `--output-descriptor 4`.
///
/// # A session
///
/// 1. W sends HELLO. C answers WELCOME, or REFUSE, after which W exits.
/// 2. From then on W sends HEARTBEATs.
/// 3. C sends WORKLOAD, then the CHUNKs of trial 0 if there are any; W acknowledges them, makes
///    ready, and answers READY, or FAILED. A further WORKLOAD, when W holds no task, replaces it.
/// 4. In a trial, C sends CHUNKs and TASKs, at most as many tasks as W's credit allows. W computes
///    them in the order in which they came, sends the OUTPUTs of each, the first of them while the
///    rest is computed if it likes, and then its RESULT, which gives one credit back. W
///    acknowledges CHUNKs.
/// 5. C may dispatch a shard again, to the same worker or another, under another attempt. A worker
///    does not judge that: it computes what it is sent.
/// 6. C ends workers it started by their process. W exits on BYE, and may leave by itself with BYE.
///
/// # Errors
///
/// - A peer the coordinator does not know sends something else than HELLO: C drops it.
/// - A HELLO with a wrong token, of another version, or of a rank that no worker is awaited for: C
///   answers REFUSE.
/// - W cannot do the workload (no memory, an unknown instruction set): it sends FAILED with the
///   reason and exits; C gives its shards to others. A task it cannot do (lost chunks, ranges beyond
///   the problem) it refuses by a FAILED that names it.
/// - W hears nothing for the silence limit, or its parent process dies: it exits.
/// - C hears nothing from W, or is told that its process ended: it gives its shards to others, and
///   drops what may still come from W.
///
/// # XXH64
///
/// The checksum, with seed 0 and arithmetic modulo 2⁶⁴. P1 = 9E3779B185EBCA87,
/// P2 = C2B2AE3D27D4EB4F, P3 = 165667B19E3779F9, P4 = 85EBCA77C2B2AE63, P5 = 27D4EB2F165667C5, all
/// hexadecimal; rotl(x, n) rotates to the left; round(v, w) = rotl(v + w·P2, 31)·P1.
///
/// 1. With 32 bytes or more: v = (P1+P2, P2, 0, −P1). For every whole 32 bytes, vₖ = round(vₖ, wₖ) of
///    its four 64-bit words. Then h = rotl(v₁,1) + rotl(v₂,7) + rotl(v₃,12) + rotl(v₄,18), and for
///    each k in order h = (h xor round(0, vₖ))·P1 + P4. With fewer bytes: h = P5.
/// 2. h = h + the number of bytes.
/// 3. For every whole 8 bytes left, w: h = rotl(h xor round(0, w), 27)·P1 + P4.
/// 4. For 4 bytes left, w: h = rotl(h xor w·P1, 23)·P2 + P3.
/// 5. For every byte left, w: h = rotl(h xor w·P5, 11)·P1.
/// 6. h = (h xor h>>33)·P2; h = (h xor h>>29)·P3; the result is h xor h>>32.
///
/// No bytes give EF46DB3751D8E999, `abc` gives 44BC2CF5AD770999.
package enum WireProtocol {
    package static let version: UInt16 = 2
    /// What one CHUNK or OUTPUT message carries at most, so that a heartbeat never waits long.
    package static let maximumChunkBytes = 1 << 20
    /// What any message carries at most.
    package static let maximumPayloadBytes = maximumChunkBytes
    /// The largest offset or size of a tensor that can be spoken of: 128 TiB.
    package static let maximumTensorBytes: UInt64 = 1 << 47
    /// How many CHUNKs to one worker may be unacknowledged at once.
    package static let maximumChunksInFlight: UInt64 = 4
}
