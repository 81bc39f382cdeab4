/* The few things Swift cannot say itself: the kernel door, CPU features, fused vector
   multiply-adds, and Linux calls that Glibc's module map does not import. Header only, so that
   every kernel module compiles the shims with its own instruction set. */
#pragma once
#define _GNU_SOURCE 1
#include <stdint.h>
#include <stddef.h>
#include "KernelDoor.h"
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* 0 = baseline, 1 = AVX2 + FMA, 2 = AVX-512 F/VL/BW/DQ. Never called from kernel code. */
static inline int headwise_cpu_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
    return 0;
}

/* Takes memory out of every cache, so that reading it next reads memory: 64 MiB in 2 ms. */
#if defined(__x86_64__)
static inline int headwise_can_empty_caches(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_CLFLUSHOPT);
}
__attribute__((target("clflushopt"))) static inline void headwise_empty_caches(const void *bytes,
                                                                               size_t count) {
    for (size_t i = 0; i < count; i += 64) _mm_clflushopt((const char *)bytes + i);
    _mm_mfence();
}
#else
static inline int headwise_can_empty_caches(void) { return 0; }
static inline void headwise_empty_caches(const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
}
#endif

/* Copies bytes past the caches: the target is written without being read first, and nothing that is in
   a cache has to leave. */
#if defined(__x86_64__)
static inline void headwise_copy_past_caches(void *to, const void *from, size_t count) {
    size_t head = -(uintptr_t)to & 63;
    if (count < head + 64) {
        __builtin_memcpy(to, from, count);
        return;
    }
    __builtin_memcpy(to, from, head);
    char *target = (char *)to + head;
    const char *source = (const char *)from + head;
    size_t lines = (count - head) / 64;
    for (size_t i = 0; i < lines; i++, target += 64, source += 64) {
        const __m128i *in = (const __m128i *)source;
        __m128i a = _mm_loadu_si128(in), b = _mm_loadu_si128(in + 1);
        __m128i c = _mm_loadu_si128(in + 2), d = _mm_loadu_si128(in + 3);
        __m128i *out = (__m128i *)target;
        _mm_stream_si128(out, a);
        _mm_stream_si128(out + 1, b);
        _mm_stream_si128(out + 2, c);
        _mm_stream_si128(out + 3, d);
    }
    /* Whoever is told that the bytes are there sees them. */
    _mm_sfence();
    __builtin_memcpy(target, source, (count - head) % 64);
}
#else
static inline void headwise_copy_past_caches(void *to, const void *from, size_t count) {
    __builtin_memcpy(to, from, count);
}
#endif

/* SIMD16<Float>.addingProduct calls fmaf sixteen times; these become one vfmadd231ps. Only a
   module compiled for the instruction set sees them: a call across vector ABIs miscompiles. */
typedef float headwise_f32x4 __attribute__((ext_vector_type(4)));
typedef int32_t headwise_i32x4 __attribute__((ext_vector_type(4)));
typedef uint8_t headwise_u8x16 __attribute__((ext_vector_type(16)));
/* The integer initialisers of SIMD types would leave a weak symbol in the kernel object. */
static inline headwise_f32x4 headwise_float4(headwise_i32x4 integers) {
    return __builtin_convertvector(integers, headwise_f32x4);
}
/* A loop over the lanes would take each of them out. */
static inline int32_t headwise_least4(headwise_i32x4 x) { return __builtin_reduce_min(x); }
static inline int32_t headwise_greatest4(headwise_i32x4 x) { return __builtin_reduce_max(x); }
/* Shuffles: one instruction each, and none needs a register of indexes. In every 16 bytes,
   `interleave` alternates the numbers of the lower or higher halves, and `pairs` puts these halves
   side by side. */
static inline headwise_f32x4 headwise_interleave_low4(headwise_f32x4 a, headwise_f32x4 b) {
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
static inline headwise_f32x4 headwise_interleave_high4(headwise_f32x4 a, headwise_f32x4 b) {
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
static inline headwise_f32x4 headwise_pairs_low4(headwise_f32x4 a, headwise_f32x4 b) {
    return __builtin_shufflevector(a, b, 0, 1, 4, 5);
}
static inline headwise_f32x4 headwise_pairs_high4(headwise_f32x4 a, headwise_f32x4 b) {
    return __builtin_shufflevector(a, b, 2, 3, 6, 7);
}
/* x itself, of which the compiler knows nothing: it neither merges what comes before and after nor
   changes the order of two of these. */
#if defined(__aarch64__)
static inline headwise_f32x4 headwise_opaque4(headwise_f32x4 x) {
    __asm__ volatile("" : "+w"(x));
    return x;
}
#else
static inline headwise_f32x4 headwise_opaque4(headwise_f32x4 x) {
    __asm__ volatile("" : "+x"(x));
    return x;
}
#endif
/* Bit i: byte i is not zero. */
static inline uint32_t headwise_nonzero16(headwise_u8x16 bytes) {
#if defined(__SSE2__)
    __m128i zeros = _mm_cmpeq_epi8((__m128i)bytes, _mm_setzero_si128());
    return ~(uint32_t)_mm_movemask_epi8(zeros) & 0xFFFF;
#else
    uint32_t bits = 0;
    for (int i = 0; i < 16; i++) bits |= (uint32_t)(bytes[i] != 0) << i;
    return bits;
#endif
}
#if defined(__AVX512F__)
typedef float headwise_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t headwise_i32x16 __attribute__((ext_vector_type(16)));
static inline headwise_f32x16 headwise_float16(headwise_i32x16 integers) {
    return __builtin_convertvector(integers, headwise_f32x16);
}
static inline int32_t headwise_least16(headwise_i32x16 x) { return __builtin_reduce_min(x); }
static inline int32_t headwise_greatest16(headwise_i32x16 x) { return __builtin_reduce_max(x); }
/* The end of 2^x: p · 2^(i/32) · 2^floor(rounded), i being the low five bits of `shifted`; 0 where
   x is below -126, also at -Inf, where p is NaN. */
static inline headwise_f32x16 headwise_exp2_finish16(headwise_f32x16 x, headwise_f32x16 shifted,
                                                     headwise_f32x16 rounded, headwise_f32x16 p) {
    const headwise_f32x16 low = {
        0x1.000000p+0f, 0x1.059b0ep+0f, 0x1.0b5586p+0f, 0x1.11301ep+0f,
        0x1.172b84p+0f, 0x1.1d4874p+0f, 0x1.2387a6p+0f, 0x1.29e9e0p+0f,
        0x1.306fe0p+0f, 0x1.371a74p+0f, 0x1.3dea64p+0f, 0x1.44e086p+0f,
        0x1.4bfdaep+0f, 0x1.5342b6p+0f, 0x1.5ab07ep+0f, 0x1.6247ecp+0f};
    const headwise_f32x16 high = {
        0x1.6a09e6p+0f, 0x1.71f75ep+0f, 0x1.7a1148p+0f, 0x1.82589ap+0f,
        0x1.8ace54p+0f, 0x1.93737cp+0f, 0x1.9c4918p+0f, 0x1.a5503cp+0f,
        0x1.ae89fap+0f, 0x1.b7f770p+0f, 0x1.c199bep+0f, 0x1.cb720ep+0f,
        0x1.d5818ep+0f, 0x1.dfc974p+0f, 0x1.ea4afap+0f, 0x1.f50766p+0f};
    __m512 power = _mm512_permutex2var_ps((__m512)low, _mm512_castps_si512((__m512)shifted),
                                          (__m512)high);
    __mmask16 isLarge = _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(-126), _CMP_NLT_UQ);
    return (headwise_f32x16)_mm512_maskz_scalef_ps(isLarge, _mm512_mul_ps(power, (__m512)p),
                                                   (__m512)rounded);
}
static inline headwise_f32x16 headwise_interleave_low16(headwise_f32x16 a, headwise_f32x16 b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
static inline headwise_f32x16 headwise_interleave_high16(headwise_f32x16 a, headwise_f32x16 b) {
    return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15,
                                   31);
}
static inline headwise_f32x16 headwise_pairs_low16(headwise_f32x16 a, headwise_f32x16 b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
static inline headwise_f32x16 headwise_pairs_high16(headwise_f32x16 a, headwise_f32x16 b) {
    return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30,
                                   31);
}
static inline headwise_f32x16 headwise_opaque16(headwise_f32x16 x) {
    __asm__ volatile("" : "+v"(x));
    return x;
}
/* Of every 32 bytes, the first or the second 16; those of `a` before those of `b`. */
static inline headwise_f32x16 headwise_even_quads16(headwise_f32x16 a, headwise_f32x16 b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}
static inline headwise_f32x16 headwise_odd_quads16(headwise_f32x16 a, headwise_f32x16 b) {
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30,
                                   31);
}
static inline headwise_f32x16 headwise_fma16(headwise_f32x16 a, headwise_f32x16 b,
                                             headwise_f32x16 c) {
    return __builtin_elementwise_fma(a, b, c);
}
#endif
#if defined(__FMA__)
typedef float headwise_f32x8 __attribute__((ext_vector_type(8)));
typedef int32_t headwise_i32x8 __attribute__((ext_vector_type(8)));
static inline headwise_f32x8 headwise_float8(headwise_i32x8 integers) {
    return __builtin_convertvector(integers, headwise_f32x8);
}
static inline int32_t headwise_least8(headwise_i32x8 x) { return __builtin_reduce_min(x); }
static inline int32_t headwise_greatest8(headwise_i32x8 x) { return __builtin_reduce_max(x); }
static inline headwise_f32x8 headwise_interleave_low8(headwise_f32x8 a, headwise_f32x8 b) {
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
static inline headwise_f32x8 headwise_interleave_high8(headwise_f32x8 a, headwise_f32x8 b) {
    return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
static inline headwise_f32x8 headwise_pairs_low8(headwise_f32x8 a, headwise_f32x8 b) {
    return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
static inline headwise_f32x8 headwise_pairs_high8(headwise_f32x8 a, headwise_f32x8 b) {
    return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
static inline headwise_f32x8 headwise_opaque8(headwise_f32x8 x) {
    __asm__ volatile("" : "+x"(x));
    return x;
}
static inline headwise_f32x8 headwise_fma8(headwise_f32x8 a, headwise_f32x8 b, headwise_f32x8 c) {
    return __builtin_elementwise_fma(a, b, c);
}
#endif
#if defined(__aarch64__)
static inline headwise_f32x4 headwise_fma4(headwise_f32x4 a, headwise_f32x4 b, headwise_f32x4 c) {
    return __builtin_elementwise_fma(a, b, c);
}
#endif

/* Asks for a cache line that will be read soon; harmless whatever the address. */
static inline void headwise_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }
static inline void headwise_prefetch_to_write(void *address) { __builtin_prefetch(address, 1, 2); }

#if defined(__linux__)
/* Memory without a name, gone with the last process that holds the descriptor or a mapping. Sealed
   against shrinking, by which one process could take pages from under the other. */
static inline int headwise_memfd_create(const char *name) {
    int descriptor = (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor >= 0) fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL);
    return descriptor;
}
/* Gives back the memory of a range, which reads as zeros from then on. */
static inline int headwise_punch_hole(int descriptor, long offset, long length) {
    return (int)syscall(SYS_fallocate, descriptor, 3 /* PUNCH_HOLE | KEEP_SIZE */, offset, length);
}
static inline int headwise_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

/* Whether a signal is ignored, as one is that whoever started this process had ignored. */
static inline _Bool headwise_is_ignored(int signal) {
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Closes all descriptors from `first` on in programs that this process starts. */
static inline void headwise_close_on_exec_from(int first) {
    if (syscall(436 /* close_range */, first, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */) == 0) return;
    /* Before Linux 5.11. */
    long most = sysconf(_SC_OPEN_MAX);
    if (most < 0 || most > 65536) most = 65536;
    for (int descriptor = first; descriptor < most; descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        if (flags >= 0) fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
    }
}

/* Asks the kernel to send `signal` when the thread that spawned this process ends. */
static inline int headwise_set_parent_death_signal(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0);
}

/* Names the calling thread, for those who look at it from outside; its first 15 characters count. */
static inline void headwise_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* Pins a process (0: the calling thread) to the CPUs whose bits are set. 0 or -1 with errno. */
static inline int headwise_set_affinity(int pid, const uint64_t *mask, size_t words) {
    return (int)syscall(SYS_sched_setaffinity, pid, words * 8, mask);
}

/* The CPUs a process may run on; returns how many bytes the kernel filled, or -1. */
static inline int headwise_get_affinity(int pid, uint64_t *mask, size_t words) {
    return (int)syscall(SYS_sched_getaffinity, pid, words * 8, mask);
}

/* Lets the calling thread run only where nobody else wants the processor; where a system refuses
   that, as rarely as it can. */
static inline void headwise_yield_to_others(void) {
    struct sched_param parameters = {0};
    syscall(SYS_setpriority, 0 /* PRIO_PROCESS */, 0, 19);
    sched_setscheduler(0, SCHED_IDLE, &parameters);
}

/* A set of descriptors, itself a descriptor that is readable while one of them is. */
static inline int headwise_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int headwise_epoll_add(int set, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}
static inline void headwise_epoll_remove(int set, int fd) {
    struct epoll_event unused = {0};
    epoll_ctl(set, EPOLL_CTL_DEL, fd, &unused);
}
/* The first of those that are readable now, or -1. */
static inline int headwise_epoll_first(int set) {
    struct epoll_event event;
    return epoll_wait(set, &event, 1, 0) == 1 ? event.data.fd : -1;
}

/* Timers of the calling thread end when they are due; by default the kernel may add 50 us to each. */
static inline void headwise_wake_on_time(void) { (void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0); }

/* A non-blocking counter that a poll can wait for. */
static inline int headwise_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int headwise_eventfd_signal(int fd) { return eventfd_write(fd, 1); }
static inline int headwise_eventfd_drain(int fd) {
    eventfd_t count;
    return eventfd_read(fd, &count);
}

/* Makes the kernel drop every packet to a listening socket, and take them again; its connections are
   sockets of their own. */
static inline int headwise_drop_packets(int fd) {
    struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &none};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}
static inline int headwise_take_packets(int fd) {
    int nothing = 0;
    return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof nothing);
}
/* How many packets to a socket the kernel has dropped; it wraps around, and is 0 where the kernel
   does not tell. */
static inline uint32_t headwise_dropped_packets(int fd) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof values;
    return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size) == 0 ? values[SK_MEMINFO_DROPS] : 0;
}

/* Swift sees two declarations of `environ`. */
static inline char *const *headwise_environment(void) {
    extern char **environ;
    return environ;
}

/* Keeps freed message buffers in the process: a mapping per 1 MiB message would fault in every
   page of it again. */
static inline void headwise_keep_freed_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 256 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
}
#endif
