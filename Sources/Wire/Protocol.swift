/// Headwise's wire protocol, version 2: all that a worker in any language needs to know.
///
/// # Transport
///
/// The coordinator binds one ZeroMQ ROUTER socket. Every worker connects one DEALER socket to it,
/// over `ipc://` or `tcp://`. There are no other sockets. One ZeroMQ message is one message of the
/// protocol. It has one or two frames: the header, and the payload if there is one. (The ROUTER
/// sees the routing id before them.)
///
/// All numbers are unsigned and little-endian. Tensors contain IEEE 754 binary32; lengths are
/// signed 32-bit integers.
///
/// A process that reconnects is a new worker: messages in flight are lost, and it starts with
/// HELLO.
///
/// # Admission
///
/// The coordinator's socket speaks ZMTP 3 with the mechanism PLAIN, over ipc as over TCP. The username
/// is `worker`, the password is the run's token: 32 hexadecimal digits, which the worker gets when it
/// is started. (With libzmq, these are `ZMQ_PLAIN_USERNAME` and `ZMQ_PLAIN_PASSWORD`.) The handshake
/// takes at most two seconds, and 20 ms more for each worker of the run.
///
/// Without the token there is no connection: the coordinator answers ERROR 400, and the worker exits.
/// It reads no message of such a peer, nor of one that speaks ZMTP 1 or 2, or another mechanism. Once
/// all workers have joined, the address is closed: an ipc file is removed, and a TCP port answers no
/// attempt to connect. Until then, at most 32 peers that have not joined may be connected over TCP,
/// and one for each worker that is to come; another one ends the oldest connection. So a worker says HELLO at once, and connects again if it is
/// cut off before its WELCOME. The coordinator counts what it did not let in.
///
/// PLAIN shows the token to whoever can read the connection. So over an address that other hosts reach,
/// and wherever a run has keys (`--keys`), the mechanism is CURVE: the worker knows the coordinator's
/// public key, and proves its own, which the coordinator lists. (With libzmq, these are
/// `ZMQ_CURVE_SERVERKEY`, `ZMQ_CURVE_PUBLICKEY` and `ZMQ_CURVE_SECRETKEY`; files of a key folder have them
/// as 40 characters of Z85.) A key belongs to a rank: a HELLO of another rank is refused. A coordinator
/// with another key ends the handshake without a reason. Nothing else of the protocol depends on it.
///
/// # Header
///
/// Every header has 64 bytes.
///
/// | bytes | field        | contains                                                           |
/// |-------|--------------|--------------------------------------------------------------------|
/// | 0–3   | magic        | the letters `HDWS`                                                 |
/// | 4–5   | version      | 2                                                                  |
/// | 6–7   | kind         | the number of the message kind, below                              |
/// | 8–15  | run          | the run's number, never 0; a HELLO may have 0 for "unknown"        |
/// | 16–19 | trial        | counts from 1; 0 means before any trial                            |
/// | 20–23 | shard        | the shard's number in the plan, from 0; in CHUNK the tensor        |
/// | 24–27 | attempt      | which dispatch of the shard; an answer repeats that of the TASK    |
/// | 28–31 | checksum     | the low 32 bits of XXH64 over bytes 0–27 followed by bytes 32–63   |
/// | 32–39 | payloadBytes | the size of the second frame, at most 1048576; 0: there is none    |
/// | 40–47 | a            | depends on the kind                                                |
/// | 48–55 | b            | depends on the kind                                                |
/// | 56–63 | c            | depends on the kind                                                |
///
/// Trial, shard and attempt are below 2³²−1. Offsets and sizes of tensors are at most 2⁴⁷. A field
/// that a kind does not use must be 0; the receiver refuses any other value. The first eight bytes
/// have the same meaning in every version, so that two versions can recognize each other.
///
/// A receiver checks in this order: 64 bytes, magic, version, checksum, kind, run, payloadBytes,
/// number of frames, size of the second frame, the fields of the kind, the payload's checksum. It
/// drops a message that fails a check. The coordinator counts dropped messages by reason. Nobody
/// answers them, except as *Errors* says.
///
/// As an example, this is the TASK of run 0x0123456789abcdef, trial 3, shard 17, attempt 1, slices
/// 8..<16, rows 256..<512, after 1 MiB of chunks:
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
/// | kind | name                  | way   | payload  | header fields in use           |
/// |------|-----------------------|-------|----------|--------------------------------|
/// | 1    | HELLO                 | W → C | document | –                              |
/// | 2    | WELCOME               | C → W | document | –                              |
/// | 3    | REFUSE                | C → W | document | –                              |
/// | 4    | WORKLOAD              | C → W | document | –                              |
/// | 5    | READY                 | W → C | none     | –                              |
/// | 6    | FAILED                | W → C | document | –                              |
/// | 8    | BYE                   | both  | document | –                              |
/// | 9    | TASK                  | C → W | none     | trial, shard, attempt, a, b, c |
/// | 10   | RESULT                | W → C | by TRACE | trial, shard, attempt, a, b, c |
/// | 11   | CHUNK                 | C → W | bytes    | trial, shard, a, c             |
/// | 12   | CHUNK ACKNOWLEDGEMENT | W → C | none     | trial, a                       |
/// | 13   | OUTPUT                | W → C | bytes    | trial, shard, attempt, a, c    |
/// | 14   | HEARTBEAT             | both  | none     | trial, shard, attempt, a, b    |
/// | 15   | TRACE                 | C → W | none     | a                              |
/// | 16   | TASKS                 | C → W | headers  | –                              |
/// | 17   | RESULTS               | W → C | headers  | –                              |
/// | 18   | PROBE                 | C → W | any      | a, b                           |
/// | 19   | ECHO                  | W → C | any      | a                              |
/// | 20   | USE REQUEST           | C → W | none     | a                              |
/// | 21   | USE                   | W → C | document | –                              |
///
/// **TASK**: compute the output rows b of the slices a of a stage. A problem has one stage, or more as
/// *Arithmetic* says. A slice of attention is one pair of batch element and query head; its number is
/// batch · heads + head.
///
/// - a = the range of slices, b = the range of rows. The low 32 bits are the first one, the high 32
///   bits are the one after the last. Neither range is empty.
/// - c = in its low 56 bits, how many bytes of CHUNK payload of this trial C sent to this worker
///   before the task. A worker that received fewer has lost some, and refuses the task. In its high 8
///   bits, the number of the stage, from 0.
///
/// **RESULT**: the shard is computed. It follows the last OUTPUT of its attempt. All three numbers
/// are below 2⁶². It has no payload unless C asked for one with TRACE.
///
/// - a = nanoseconds of computing.
/// - b = nanoseconds in which the task was at the worker and the compute threads were free for it,
///   but had not begun.
/// - c = nanoseconds in which a compute thread was ready to compute while another process had its
///   core: of all compute threads, the one that lost most. 0 where the worker cannot measure it.
///
/// With shared output, a RESULT says that the whole shard is in its place: that of attempt 1 in the
/// gathered memory, that of a later attempt in the worker's own memory, from which C copies it. C never
/// gives a worker a shard that this worker still holds. The first complete result of a shard counts. C
/// compares later ones with it and drops them. Before C puts the output of a later attempt in
/// its place, it ends the worker of attempt 1 if that has not answered: it may still write there. It
/// does not begin a trial before every attempt 1 of the last is answered.
///
/// **CHUNK**: a piece of an input tensor.
///
/// - shard = the tensor: 0 query `[B,H,L,D]`, 1 key `[B,Hkv,S,D]`, 2 value `[B,Hkv,S,Dv]`, 3
///   lengths `[B]` or `[B,L]`, 4 visibility (one byte per element, `[L,S]`, `[B,L,S]`, `[H,L,S]` or
///   `[B,H,L,S]`); of scores, 6 W_q `[hidden,D]`, 7 W_k `[hidden,Dk]`, 8 w_v `[hidden]`, 9 W
///   `[D,Dk]` or w `[1]` or `[D]`; 10 bias, one f32 number where visibility has a byte; of
///   Linformer, 11 E and 12 F, `[k,S]`, and the outputs of its stages, 13 `[B,Hkv,k,Dk]` and 14
///   `[B,Hkv,k,Dv]`; of a softmax, 15 scores `[B,H,L,S]`; of a layer with E = H · D, 16
///   weights `[3E,E]` and 17 bias `[3E]`, or 18, 19 and 20 shared weights `[D,D]` of q, k and v, 21 output
///   weights `[E,E]`, 22 output bias `[E]` and 23, the output of its first stage, heads `[B,L,E]`; its
///   query, key and value are `[B,L,E]` and `[B,S,E]`; 24, the outputs of kernel regression's training,
///   `[epochs,B,H,spans,3]`; 25, the states of spans of keys, `[B,H,spans,L·(2 + Dv)]`, or of steps
///   `[B,H,L,spans,2 + Dv]`; 26, what rows carry from arc to arc, `[arcs − 1,B,H,L,2 + Dv]`. Dk is D unless the shape has a `keyDimension`.
/// - a = where the piece begins in the whole tensor, in bytes.
/// - c = the payload's checksum: its XXH64, or 1 if that is 0. 0 means "not computed".
///
/// A chunk of trial 0 stays for all trials. A chunk of another trial is for that trial only: the
/// tasks of that trial use it instead of what W holds, and later trials use what W holds again. So
/// C may send other inputs in any trial. C does this to check that outputs are computed.
///
/// **OUTPUT**: a piece of a shard's output. a = where it begins in the shard's own output, which is
/// packed as `[slices][rows][Dv]`, in bytes; c = the payload's checksum, as in CHUNK.
///
/// **CHUNK ACKNOWLEDGEMENT**: a = how many CHUNKs of this trial the worker has received so far, in
/// total. At most 4 CHUNKs to a worker may wait for an acknowledgement, so that other messages
/// never wait long behind them. There is no acknowledgement of an OUTPUT: the socket's high-water
/// mark bounds the OUTPUTs in flight. If a RESULT comes before all OUTPUTs of its attempt, C ends
/// the worker.
///
/// **HEARTBEAT**: trial, shard and attempt are those of the task that W computes. Without a task,
/// shard is 2³²−1 and the other two are 0. a = a count that grows while the computation makes
/// progress; b = 1 while computing, else 0. It is not an answer and gets no answer. A worker sends
/// it ahead of its own waiting OUTPUTs. A RESULT is a sign of life as well. C sends some, without a task and
/// with a = b = 0, to a worker whose process it did not start: if they cannot be sent, the worker is lost.
/// Such a worker sends no more than 16 until it receives something, since C may read nothing for minutes.
///
/// **TRACE**: a = 1: from now on, a RESULT has a payload that says when W did what since the RESULT before
/// it; a = 0: no longer. It comes between trials. W may ignore it: a trace then lacks what happened inside
/// W. The payload has 32 bytes for each activity, in any order:
///
/// - bytes 0–7 and 8–15 = when it began and when it ended, in nanoseconds of a clock of W that only
///   increases: `CLOCK_MONOTONIC` where W is on the machine of C.
/// - bytes 16–23 = the payload that it moved, in bytes.
/// - bytes 24–27 = the shard, or 2³²−1; bytes 28–30 = the attempt, 2²⁴−1 at most.
/// - byte 31 = 1: took in a TASK, or a CHUNK (no shard); 2: the task waited for compute threads that were
///   free; 3: computed; 4: gave the socket an OUTPUT. 255: W left out as many activities as bytes 16–23
///   say. C leaves out all others.
///
/// Activities of compute threads (2 and 3) do not overlap, nor do those of the thread of messages (1 and
/// 4); C cuts off what does. C compares the clocks: a task is not received before it is sent.
///
/// **TASKS** and **RESULTS**: several TASKs, or RESULTs without a payload, that go to the same peer at once.
/// The payload is their headers one after the other, 1 to 64, each with its own checksum and the run's
/// number; they mean the same as one by one, in this order. C sends TASKS only to a worker whose HELLO says that
/// it `takesBatches`, and a worker need not send RESULTS.
///
/// **PROBE**: a = a number below 2⁴⁷, b = how many bytes of payload the answer is to have, at most 1048576.
/// It may have a payload itself, which means nothing. C sends PROBEs to see how fast the link is, only before
/// the first WORKLOAD, and only to a worker whose HELLO says that it `answersProbes`. At most 4 PROBEs wait
/// for an answer.
///
/// **ECHO**: the answer to a PROBE, sent at once, in the order of the PROBEs. a = the number of the PROBE; the
/// payload has the size that it asks for, with any bytes, and there is none if that is 0. C drops an
/// ECHO that answers no PROBE, or comes too late: it does not wait for one longer than two seconds.
///
/// **USE REQUEST**: a = a number below 2⁴⁷, which the USE repeats. Before and after some trials, C asks a worker
/// whose process it cannot look at, and whose HELLO says that it `reportsUse`; it waits for a second at most.
///
/// # Documents
///
/// The payload of a document is a JSON object in UTF-8 of at most 64 KiB; that of a WORKLOAD may have
/// 1 MiB. Readers ignore keys that they do not know. A missing key is an error unless it is optional.
///
/// HELLO. The worker gets `rank` when it is started; without one, C gives it the first that is free.
/// `credit` (1 to 1024) is how many
/// tasks it may hold, including the one it computes. `instructionSets` are those of its processor;
/// a problem that needs another one ends the worker. `takesBatches` is optional: whether it
/// understands TASKS. `answersProbes` is optional: whether it answers PROBE; the link of one that does not is
/// not measured. `reportsUse` is optional: whether it answers USE REQUEST. `host` and `processor` are
/// optional, too: names of 1 to 256 bytes, which a record repeats.
///
///     {"answersProbes":true,"credit":2,"host":"node7","instructionSets":["baseline","avx2"],"processor":"Xeon","rank":0,"reportsUse":true,"takesBatches":true}
///
/// WELCOME. Its header has the run's number, which the worker uses from then on. The worker sends a
/// HEARTBEAT every `heartbeatMilliseconds` in which it sends no RESULT. It exits when it receives nothing for
/// `silenceLimitMilliseconds`. That limit is a day for Headwise's own workers, which end with their parent
/// or with their connection.
///
///     {"heartbeatMilliseconds":100,"silenceLimitMilliseconds":5000,"worker":0}
///
/// USE. What the worker's process has used since it began; each number but `number` is optional, and at most
/// 2⁵³:
///
///     {"computeNanoseconds":31000000,"cpuNanoseconds":35000000,"involuntarySwitches":0,"number":7,"residentBytes":9437184,"voluntarySwitches":9}
///
/// WORKLOAD. The problem of the next trials:
///
/// - `generated` says how to make query, key and value, by the recipe of `InputGenerator`. Without
///   it, they come as CHUNKs.
/// - `instructionSet` is `baseline`, `avx2` or `avx512`.
/// - `element` is the type of the numbers in query, key and value: `float32`.
/// - `band` is `none`, `causal` (row i sees keys 0…i+offset), `causalBottomRight` (keys 0…i+S−L) or
///   `causalByLength` (keys 0…i+v−L, v being the valid length of the batch element).
/// - `mask.lengths` is `none`, `perBatch` or `perRow`.
/// - `visibility` and `bias` are `none`, `shared`, `perBatch`, `perHead` or `perSlice`.
/// - `maskedRows` is `zeros` or `uniform`.
/// - `pattern` is one of these; `KeyPattern` says which keys each shows: `{"kind":"none"}`,
///   `{"kind":"window","back":256,"ahead":0}`,
///   `{"kind":"longformer","window":256,"globals":[0,1]}`,
///   `{"kind":"bigBird","window":3,"random":3,"global":1,"block":64,"seed":7}` or
///   `{"kind":"blocks","block":64,"heads":1,"rowBlocks":2,"keyBlocks":2,"bits":"0b"}`. In `bits`,
///   two hexadecimal digits are one byte for eight blocks in the order
///   `[heads][rowBlocks][keyBlocks]`, the lowest bit first.
/// - `alibi` contains one slope per head, or none; `sinks` one number per head, or none. `softCap` is
///   absent if scores have no cap. See *Arithmetic*.
/// - `operation` is `{"kind":"attention"}`, `{"kind":"decodeSteps"}`, `{"kind":"maskedSoftmax"}`,
///   `{"kind":"linformer","keys":256}`, k being the keys that a projection along the sequence leaves,
///   `{"kind":"multiHead","source":"itself","variant":"fused"}`, or
///   `{"kind":"kernelRegression","pooling":"learned","epochs":5,"rate":0.5}`, whose `pooling` may be
///   `average` or `gaussian` without the other two. `variant` is `fused` or `shared`.
///   `source` is `itself` (queries, keys and values are one tensor), `memory` (keys and values are) or
///   `separate`.
/// - `spanKeys` is absent, or 2048, the keys of a span: attention is two stages then. With `arcs`, 1 up to
///   the number of spans, it is that many stages. See *Arithmetic*.
/// - `residentBytes` is the payload of all CHUNKs of trial 0, which follow and come before READY.
/// - `sharedOutputOffset` and `gatheredOffset` are optional, multiples of 4096 up to 2⁶¹, and only for
///   workers on the coordinator's machine. With them, there are no OUTPUTs. The worker maps two memories
///   whose descriptors it got when it was started: one of its own, and one that all workers have. In
///   each, the output tensor `[B,H,L,Dv]` begins after that many bytes; of several stages, the first
///   begins there, and each of the others at the next multiple of 4096 bytes after the one before, or
///   right after it where both write one tensor. The worker writes the shard of an attempt 1 to its place
///   in the gathered memory, and that of a later attempt to its place in its own. C reads a shard when
///   its RESULT comes. The outputs of earlier stages are not sent as CHUNKs: a task may read them in the
///   gathered memory, in the batch elements of its slices. Another WORKLOAD has other offsets; once the
///   worker is READY, C frees the memory before them.
/// - `inputOffset` is optional and like `gatheredOffset`, but for a third memory. With it, `generated`
///   is absent and there are no CHUNKs of trial 0: the inputs are there, each tensor at the next multiple
///   of 4096 bytes after the one before, in the order of their numbers in CHUNK. C writes what a task
///   reads before it sends the task, in any trial, or before READY. CHUNKs of a trial replace a tensor
///   in that trial, as above.
/// - `standIn` is optional. With it, a worker does not compute its tasks; it answers them as always, and
///   its outputs travel. `{"kind":"nothing"}`: it does nothing, and outputs are what lies in memory.
///   `{"kind":"copying"}`: each output row is a copy of the row of the query, or of the scores of a
///   softmax, of as many bytes. `{"kind":"waiting","nanosecondsPerPair":0.5,"nanosecondsPerTask":1000}`:
///   a task takes so long, and as much longer as its visible pairs say; then as `nothing`. Both numbers are
///   at most 10¹². `generated` inputs are made for `copying` only.
///
/// Example:
///
///     {"generated":{"seed":7,"values":"uniform"},"instructionSet":"avx2",
///      "problem":{"alibi":[],"element":"float32","mask":{"band":"causal","bias":"none",
///      "lengths":"perBatch","pattern":{"kind":"none"},"visibility":"none"},"maskedRows":"zeros",
///      "offset":0,"operation":{"kind":"attention"},"score":{"kind":"scaledDot","scale":0.125},
///      "shape":{"batch":2,"headDimension":64,"heads":8,"keyLength":1024,"keyValueHeads":2,
///      "queryLength":1024,"valueDimension":64},"sinks":[]},"residentBytes":8}
///
/// REFUSE, FAILED and BYE. `reason` is a sentence of at most 4096 bytes. A FAILED with a `task`
/// (`{"attempt":1,"shard":17,"trial":3}`) refuses only that task, and the worker goes on.
///
///     {"reason":"no worker of rank 7 is expected"}
///
/// # Arithmetic
///
/// The output of row i of query head h, with the visible keys j of its slice:
///
/// 1. s(j) is the `scale` of `score` times, by its `kind`:
///    - `scaledDot`: q(i)·k(j). `cosine`: the same over |q(i)|·|k(j)|, and 0 where either is 0.
///    - `bilinear`: q(i)ᵀ W k(j).
///    - `additive`: w_v · tanh(W_q q(i) + W_k k(j)).
///    - `gaussian`, `gaussianColumns`: −Σ ((q(i) − k(j)) · w)² / 2 over the columns, with one w or one
///      for each column.
/// 2. With `softCap` c: s(j) becomes c · tanh(s(j) / c).
/// 3. With `alibi`: s(j) becomes s(j) − m · (|p − j| − n). m is the head's slope. p is the row's
///    position: i + `offset`; i + S − L if `band` is `causalBottomRight`; i + v − L if it is
///    `causalByLength`, v being the valid length of the batch element. n is the smallest |p − j| of a
///    visible key; it changes no weight and keeps the digits of far keys.
/// 4. With `bias`: s(j) becomes s(j) + the bias of row i and key j.
/// 5. w(j) = exp(s(j)) / Σ exp(s). With `sinks`, the head's sink z adds exp(z + m · n) to the sum, m · n
///    as in 3, and 0 without `alibi`. The output is Σ w(j) · v(j).
///
/// For `maskedSoftmax`, s(j) is given, the output is w(j), `[B,H,L,S]`, and 0 for hidden keys; a row
/// that sees none is zeros or 1 / S.
///
/// A layer (`multiHead`) has two stages. A slice of stage 0 is a pair of batch element and head, whose
/// rows are D columns of the rows of `[B,L,E]`, from h · D on. Its q, k and v are the rows of the inputs
/// times the transposed rows h · D… of the first, second and third E rows of the fused weights, plus their
/// bias; or the columns h · D… of the inputs times the transposed shared weights. Stage 1 has a slice for
/// each batch element: heads times the transposed output weights, plus the output bias. An OUTPUT of stage
/// 0 is packed as `[slices][rows][D]`, or as in memory if its shard has whole batch elements.
///
/// With `linformer`, there are three stages. Stage 0 computes E·K of each slice of K, with k rows, and
/// stage 1 F·V. C sends their outputs to the workers as CHUNKs of the trial, unless there is a
/// `gatheredOffset`. Stage 2 is the attention over them, as above with k in the place of S.
///
/// With `spanKeys` of `attention` or `linformer`, two stages take the place of attention, states and
/// fold. In states, a row of a slice is a span: the keys that many from row · `spanKeys` on, up to the
/// last key. Its output is the state that each query row reaches over them, of all L rows m, then l, then o
/// `[L,Dv]`: with m the largest score of a visible key in the unit of log₂ e · s(j), l = Σ 2^(s − m) and o =
/// Σ 2^(s − m) · v(j), where n of `alibi` is that of all keys. A row that sees no key of the span has m =
/// −Inf, l = −0 and o = 0. The sink is left out. C sends the parts of key and value that a task's spans
/// have. Fold computes output rows from the states of all spans, left to right: m = max(m, m'), l =
/// l · 2^(m₀ − m) + l' · 2^(m' − m), o likewise, and then o / l, with the sink in the sum. An OUTPUT of
/// states is packed as `[slices][spans][L·(2 + Dv)]`.
///
/// With `arcs` A of `attention`, too, there are A stages, and the n spans are A arcs: arc a has the spans
/// from a · n / A on, rounded down, up to those of the next. A row visits the arcs from that of the first
/// key that its band and window may show to that of the last, with lengths taken as S, and with
/// `causalByLength` from arc 0 on; one that they show none visits the arc of key 0, or of the last key if
/// its window begins after that. In stage t, a row is at the arc that A − 1 − t others of its own follow; a
/// task has rows that visit the same arcs. There it folds the states of the spans of the arc, as above,
/// into what it carries from stage t − 1, or into nothing at its first arc. Its output is what it carries
/// then, m, l and o `[Dv]`, and in the last stage o / l. C sends the keys and values of the arc, and of
/// tensor 26 the rows of the task, when stage t − 1 has them. The last stage has all values if `maskedRows`
/// is `uniform`.
///
/// With `decodeSteps`, the numbers are those of `attention` with `causalBottomRight`, but each row is a
/// step: row i has the keys 0…i + S − L, and C sends its tasks when all results of row i − 1 are there.
/// A task has rows of one step: row i of attention, row i of a fold, and of states, the rows i · spans …
/// (i + 1) · spans − 1, each with the state of row i over one span. With inputs in CHUNKs, C sends the
/// keys and values of row i before the tasks of row i, and those before them once. Each step reads the
/// numbers that are there then; memory beyond them may hold anything.
///
/// With `kernelRegression`, a slice is a set of data: keys are its inputs, values its targets. Scores
/// are those of `gaussian` with one w for each slice: 0 for `average`, 1 for `gaussian`, else what
/// training finds. Each epoch e is a stage, whose slice has a row for every span of 32 rows of data
/// and three columns: w, Σ d², and Σ ∂d²/∂w, where d is the error of a row of the span that is
/// predicted from all other rows. w is 1 in epoch 0; then it is w of the epoch before less `rate` · the
/// sum of the third column over all spans in order, in f64, rounded once. C sends the stage's part of
/// tensor 24 to the workers before the next stage; the last stage is the attention.
///
/// A row that sees no key is zeros if `maskedRows` is `zeros`, and the mean of all S values if it
/// is `uniform`. Query head h uses key/value head h · Hkv / H, rounded down.
///
/// C compares the bits of an output with those of Headwise's own kernel on the same instruction
/// set. That kernel adds in its own order, so only a worker that calls it agrees.
///
/// # How a worker is started
///
/// A worker needs an endpoint, a rank (from 0, each rank once) and the token, 32 hexadecimal
/// digits. No command line may show the token. Headwise starts workers on its own machine as
///
///     headwise worker --connect ipc:///… --rank 0 --token-descriptor 3 --threads 1 --credit 2 …
///
/// The worker reads the token from descriptor 3. The end of that stream means that the coordinator
/// is gone. With shared memory, the memories are the next descriptors, named by
/// `--output-descriptor 4 --input-descriptor 5 --gathered-descriptor 6`.
///
/// A worker that another program starts has no such descriptors. It finds a document in the file `join.json`
/// of a folder, which `--join` or the variable `HEADWISE_JOIN` names. Folder and file have the modes 700
/// and 600, and are there until all workers have come:
///
///     {"credit":2,"endpoint":"ipc:///…","threads":1,"token":"5a…"}
///
/// It ends when its connection ends after WELCOME. It gets no inputs or outputs in shared memory.
///
/// # A session
///
/// 1. W sends HELLO. C answers WELCOME, or REFUSE; after REFUSE, W exits.
/// 2. From then on W sends HEARTBEATs, and answers PROBEs until the first WORKLOAD.
/// 3. C sends WORKLOAD, then the CHUNKs of trial 0 if there are any. W acknowledges them, prepares,
///    and answers READY or FAILED. While W holds no task, another WORKLOAD may replace the first.
/// 4. In a trial, C sends CHUNKs and TASKs, at most as many tasks as W's credit allows. W
///    acknowledges CHUNKs. W computes the tasks in the order in which they came. For each, W sends
///    its OUTPUTs, then its RESULT, which gives one credit back. W may send OUTPUTs while it still
///    computes the rest of the task.
/// 5. C may dispatch a shard again, to the same worker or another, with another attempt. A worker
///    does not check this: it computes what it receives.
/// 6. C ends the workers that it started by ending their processes, and others with BYE, on which W exits.
///    W may also leave by itself, with BYE: when a signal asks it to.
///
/// # Errors
///
/// - A peer that C does not know sends something other than HELLO: C drops the message.
/// - A HELLO has another version, or a rank that C does not expect or that has come before: C answers
///   REFUSE.
/// - W cannot do the workload (no memory, an unknown instruction set): W sends FAILED with the
///   reason and exits. C gives its shards to others.
/// - W cannot do a task (lost chunks, ranges outside the problem, rows of several steps): W sends a
///   FAILED that names the task.
/// - W receives nothing for the silence limit, or its parent process dies: W exits.
/// - C receives nothing from W, or learns that W's process or connection ended: C gives its shards to
///   others, and drops what still comes from W.
///
/// # XXH64
///
/// The checksum, with seed 0 and arithmetic modulo 2⁶⁴. P1 = 9E3779B185EBCA87,
/// P2 = C2B2AE3D27D4EB4F, P3 = 165667B19E3779F9, P4 = 85EBCA77C2B2AE63, P5 = 27D4EB2F165667C5, all
/// hexadecimal; rotl(x, n) rotates to the left; round(v, w) = rotl(v + w·P2, 31)·P1.
///
/// 1. With 32 bytes or more: v = (P1+P2, P2, 0, −P1). For every whole 32 bytes, vₖ = round(vₖ, wₖ)
///    with their four 64-bit words wₖ. Then h = rotl(v₁,1) + rotl(v₂,7) + rotl(v₃,12) +
///    rotl(v₄,18), and for each k in order h = (h xor round(0, vₖ))·P1 + P4. With fewer bytes:
///    h = P5.
/// 2. h = h + the number of bytes.
/// 3. For every whole 8 bytes left, w: h = rotl(h xor round(0, w), 27)·P1 + P4.
/// 4. For 4 bytes left, w: h = rotl(h xor w·P1, 23)·P2 + P3.
/// 5. For every byte left, w: h = rotl(h xor w·P5, 11)·P1.
/// 6. h = (h xor h>>33)·P2; h = (h xor h>>29)·P3; the result is h xor h>>32.
///
/// No bytes give EF46DB3751D8E999, `abc` gives 44BC2CF5AD770999.
package enum WireProtocol {
    package static let version: UInt16 = 2
    /// The name that every worker shows with the run's token.
    package static let workerName = "worker"
    /// The largest payload of a CHUNK or OUTPUT, so that a heartbeat never waits long.
    package static let maximumChunkBytes = 1 << 20
    /// The largest payload of any message.
    package static let maximumPayloadBytes = maximumChunkBytes
    /// The largest document but a WORKLOAD.
    package static let maximumDocumentBytes = 1 << 16
    /// The most messages that are sent as one.
    package static let mostInBatch = 64
    /// The largest offset or size of a tensor: 128 TiB.
    package static let maximumTensorBytes: UInt64 = 1 << 47
    /// The most CHUNKs to one worker that may wait for an acknowledgement.
    package static let maximumChunksInFlight: UInt64 = 4
}
