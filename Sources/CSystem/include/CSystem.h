/* The few things Swift cannot say itself: CPU features, fused vector multiply-adds, and Linux
   calls that Glibc's module map does not import. Header only, so that every kernel module
   compiles the shims with its own instruction set. */
#pragma once
#define _GNU_SOURCE 1
#include <stdint.h>
#include <stddef.h>
#if defined(__linux__)
#include <malloc.h>
#include <sys/eventfd.h>
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

/* SIMD16<Float>.addingProduct calls fmaf sixteen times; these become one vfmadd231ps. Only a
   module compiled for the instruction set sees them: a call across vector ABIs miscompiles. */
typedef float headwise_f32x4 __attribute__((ext_vector_type(4)));
typedef int32_t headwise_i32x4 __attribute__((ext_vector_type(4)));
typedef uint8_t headwise_u8x4 __attribute__((ext_vector_type(4)));
/* The integer initialisers of SIMD types would leave a weak symbol in the kernel object. */
static inline headwise_i32x4 headwise_widen4(headwise_u8x4 bytes) {
    return __builtin_convertvector(bytes, headwise_i32x4);
}
#if defined(__AVX512F__)
typedef float headwise_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t headwise_i32x16 __attribute__((ext_vector_type(16)));
typedef uint8_t headwise_u8x16 __attribute__((ext_vector_type(16)));
static inline headwise_i32x16 headwise_widen16(headwise_u8x16 bytes) {
    return __builtin_convertvector(bytes, headwise_i32x16);
}
static inline headwise_f32x16 headwise_fma16(headwise_f32x16 a, headwise_f32x16 b,
                                             headwise_f32x16 c) {
    return __builtin_elementwise_fma(a, b, c);
}
#endif
#if defined(__FMA__)
typedef float headwise_f32x8 __attribute__((ext_vector_type(8)));
typedef int32_t headwise_i32x8 __attribute__((ext_vector_type(8)));
typedef uint8_t headwise_u8x8 __attribute__((ext_vector_type(8)));
static inline headwise_i32x8 headwise_widen8(headwise_u8x8 bytes) {
    return __builtin_convertvector(bytes, headwise_i32x8);
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
static inline int headwise_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

/* Asks the kernel to send `signal` when the thread that spawned this process ends. */
static inline int headwise_set_parent_death_signal(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0);
}

/* Pins a process (0: the calling thread) to the CPUs whose bits are set. 0 or -1 with errno. */
static inline int headwise_set_affinity(int pid, const uint64_t *mask, size_t words) {
    return (int)syscall(SYS_sched_setaffinity, pid, words * 8, mask);
}

/* The CPUs a process may run on; returns how many bytes the kernel filled, or -1. */
static inline int headwise_get_affinity(int pid, uint64_t *mask, size_t words) {
    return (int)syscall(SYS_sched_getaffinity, pid, words * 8, mask);
}

/* A non-blocking counter that a poll can wait for. */
static inline int headwise_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int headwise_eventfd_signal(int fd) { return eventfd_write(fd, 1); }
static inline int headwise_eventfd_drain(int fd) {
    eventfd_t count;
    return eventfd_read(fd, &count);
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
