/* The door between the harness and a kernel: what a call is made of, and what a kernel can do.
   Everything that passes is a field here, named once: the harness sets it, the kernel reads it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Scoring functions: the sum over the D columns of query q and key k, p being the column's
   parameter. */
enum {
    HEADWISE_SCORE_DOT = 0,             /* Σ q·k */
    HEADWISE_SCORE_ADDITIVE = 1,        /* Σ p·tanh(q + k) */
    HEADWISE_SCORE_SQUARES = 2,         /* Σ (q − k)² */
    HEADWISE_SCORE_WEIGHTED_SQUARES = 3 /* Σ ((q − k)·p)² */
};

/* Some query rows that share their keys and values. L rows, S keys, D and Dv columns; pointers are
   at the first row of the call or at the first key. */
typedef struct {
    const float *_Nonnull query; /* [L, D] */
    const float *_Nonnull key;   /* [S, D] */
    const float *_Nonnull value; /* [S, Dv]; unused by `weights` */
    /* [D], for the scoring functions that have parameters. */
    const float *_Nullable parameters;
    /* [L, Dv]; of `weights`, [L, S]. */
    float *_Nonnull output;
    /* [L] each, given where a span is asked for: m and l of each row; the output is o then. */
    float *_Nullable maximum;
    float *_Nullable sum;

    /* [L] each: row i sees no keys but visibleStart[i] ..< visibleEnd[i]. */
    const int32_t *_Nonnull visibleStart;
    const int32_t *_Nonnull visibleEnd;
    /* [L + 1] and pairs, or neither: of these keys, row i sees those of the ranges
       ranges[2n] ..< ranges[2n + 1], n in rangeOffsets[i] ..< rangeOffsets[i + 1], ascending. */
    const int32_t *_Nullable rangeOffsets;
    const int32_t *_Nullable ranges;
    /* [maskRows, S] or none: of these keys, row i sees those whose byte in row i mod maskRows is
       not zero. */
    const uint8_t *_Nullable visibility;
    /* [L] each, or none: the cost per unit of distance, and where the row stands among the keys. */
    const float *_Nullable slopes;
    const int32_t *_Nullable positions;
    /* [L], given with slopes: the distance of the nearest key that the row sees, whatever keys are
       asked for. It changes no weight, and keeps far rows exact: taken off as an integer, it leaves
       the scores that matter small. */
    const int32_t *_Nullable nearest;
    /* [biasRows, S] or none: what is added to the scores of row i lies in row i mod biasRows. */
    const float *_Nullable bias;
    /* [L] or none: a score of no key, in the softmax of each row. */
    const float *_Nullable sinks;
    /* Scratch memory: workspaceBytes of the kernel, aligned to 64. */
    void *_Nonnull workspace;

    ptrdiff_t rows;           /* L */
    ptrdiff_t keyLength;      /* S */
    ptrdiff_t headDimension;  /* D */
    ptrdiff_t valueDimension; /* Dv */
    ptrdiff_t maskRows;
    ptrdiff_t biasRows;
    /* The span whose running softmax is asked for; -1: the output, of all keys. */
    ptrdiff_t span;

    /* Which scoring function: HEADWISE_SCORE_…. */
    int32_t score;
    /* A score is scale times the function's sum, then softCap·tanh(score / softCap) unless softCap is 0, then
       slope·(|position - key| - nearest) less, then bias more. */
    float scale;
    float softCap;
} headwise_call;

/* A matrix product: output [M, N] = left [M, K] · right + bias. Every element is one chain of
   multiply-adds over K, from 0 on and in ascending order, whatever rows and columns are asked for;
   the bias is added last. */
typedef struct {
    const float *_Nonnull left;   /* [M, K] */
    const float *_Nonnull right;  /* [K, N], or [N, K] if transposed */
    const float *_Nullable bias;  /* [N] or none */
    float *_Nonnull output;       /* [M, N] */
    /* Scratch memory: productBytes of the kernel, aligned to 64. */
    void *_Nonnull workspace;

    ptrdiff_t rows;    /* M */
    ptrdiff_t columns; /* N */
    ptrdiff_t depth;   /* K */
    /* Numbers from a row to the next. */
    ptrdiff_t leftStride;
    ptrdiff_t rightStride;
    ptrdiff_t outputStride;
    int32_t isRightTransposed;
} headwise_product;

/* Rows of data, x [S] and y [S], each predicted from all others by a Gaussian kernel of a width. */
typedef struct {
    const float *_Nonnull inputs;  /* x */
    const float *_Nonnull targets; /* y */
    float *_Nonnull losses;        /* [rows]: squared errors */
    float *_Nonnull gradients;     /* [rows]: their derivatives by the width */
    ptrdiff_t count;               /* S, at least 2 */
    ptrdiff_t first;
    ptrdiff_t rows;
    float width;
} headwise_training;

/* The running softmax of some rows over some keys: what a key shard returns. m and l are [L], o is
   [L, Dv], not divided by l. A row that saw no key has m = -Inf, l = -0 and o = 0: the sign tells
   it from a row whose scores are all -Inf, which is NaN in the end and not zeros. */
typedef struct {
    float *_Nonnull maximum;
    float *_Nonnull sum;
    float *_Nonnull output;
} headwise_running_softmax;

/* The kernel of one instruction set. Sendable: numbers, and functions without state. */
typedef struct __attribute__((swift_attr("@Sendable"))) {
    /* Query rows computed together; row ranges are best cut at multiples of it. */
    ptrdiff_t queryBlock;
    /* Keys of one softmax step. */
    ptrdiff_t keyBlock;
    /* Keys of a span, the most rows of a `decode` call, and the largest D and Dv: the same in every
       kernel, so that a plan does not depend on the processor. */
    ptrdiff_t spanKeys;
    ptrdiff_t decodeRows;
    ptrdiff_t maximumDimension;
    ptrdiff_t workspaceBytes;
    /* The scratch memory of `multiply`. */
    ptrdiff_t productBytes;

    /* Attention of the call's rows. */
    void (*_Nonnull forward)(const headwise_call *_Nonnull call);
    /* The same bits, faster for few rows and many keys. */
    void (*_Nonnull decode)(const headwise_call *_Nonnull call);
    /* What `forward` multiplies the values by, divided by its sum. Weights of keys that a row does
       not see are zeros, or not written where no row near it sees them. */
    void (*_Nonnull weights)(const headwise_call *_Nonnull call);

    /* The softmax of given scores: `query` is [L, S] of them, and the output [L, S] weights, zeros for
       what a row does not see. Only rows, keys, visibility and bounds of the call count. */
    void (*_Nonnull softmax)(const headwise_call *_Nonnull call);

    /* Joins the running softmax of the next span to that of the spans before it, in place. */
    void (*_Nonnull mergeSpans)(ptrdiff_t rows, ptrdiff_t valueDimension,
                                headwise_running_softmax total, headwise_running_softmax next);
    /* Turns the running softmax of all spans into the output, in place; `sinks` is [rows] or none. */
    void (*_Nonnull finishSpans)(ptrdiff_t rows, ptrdiff_t valueDimension,
                                 headwise_running_softmax total, const float *_Nullable sinks);

    void (*_Nonnull train)(const headwise_training *_Nonnull call);

    void (*_Nonnull multiply)(const headwise_product *_Nonnull call);
    /* Divides each of some rows by its Euclidean norm; a row of zeros stays zeros. */
    void (*_Nonnull normalise)(ptrdiff_t rows, ptrdiff_t columns, const float *_Nonnull source,
                               float *_Nonnull target);

    /* The functions inside the kernels, of every number of an array. exp2 takes numbers up to 0. */
    void (*_Nonnull tanh)(const float *_Nonnull source, float *_Nonnull target, ptrdiff_t count);
    void (*_Nonnull exp2)(const float *_Nonnull source, float *_Nonnull target, ptrdiff_t count);
    /* Independent chains of multiply-adds in registers; returns the operations done. */
    double (*_Nonnull fmaChains)(ptrdiff_t iterations, float seed, float *_Nonnull sink);
    /* The sum of an array, as fast as memory can be read. */
    float (*_Nonnull sumFloats)(const float *_Nonnull numbers, ptrdiff_t count);
} headwise_kernel;
