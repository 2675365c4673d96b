// Compiles the file that includes it once for each CPU level, the way Highway's foreach_target.h does (Google
// Highway, 2020): the file names itself in OFFLOOP_THIS_FILE, includes this header after all standard headers,
// and puts its bodies in `namespace offloop::OFFLOOP_LEVEL`. What follows `#if OFFLOOP_ONCE` is compiled once.
//
//   #undef OFFLOOP_THIS_FILE
//   #define OFFLOOP_THIS_FILE "kernels/sum.cc"
//   #include "simd/foreach_level.h"
//   #include "simd/vec.h"
//   namespace offloop { namespace OFFLOOP_LEVEL { ... } }
//   #if OFFLOOP_ONCE
//   ... OFFLOOP_EACH_LEVEL(SumBlock) ...
//   #endif
//
// A file that gains nothing from AVX-512, or too little for its size, defines OFFLOOP_UP_TO_AVX2 before: then AVX2's
// bodies serve both levels. Functions in `namespace OFFLOOP_LEVEL` itself, not in an anonymous one inside, are compiled
// once a level for all files (kernels/doubles.h).
//
// Inside the bodies no standard-library code may be called: an inline function that was compiled for AVX-512 and
// linked first would be an illegal instruction on an older CPU.

#ifndef OFFLOOP_FOREACH_LEVEL_H_
#define OFFLOOP_FOREACH_LEVEL_H_

#if defined(__x86_64__) || defined(_M_X64)
#define OFFLOOP_X64 1
#include <immintrin.h>
#else
#define OFFLOOP_X64 0
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

#ifdef OFFLOOP_UP_TO_AVX2
#define OFFLOOP_TOP_LEVEL avx2
#else
#define OFFLOOP_TOP_LEVEL avx512
#endif
#if OFFLOOP_X64
#define OFFLOOP_EACH_LEVEL(function) \
  { baseline::function, avx2::function, OFFLOOP_TOP_LEVEL::function }
#else
#define OFFLOOP_EACH_LEVEL(function) \
  { baseline::function, baseline::function, baseline::function }
#endif

#endif  // OFFLOOP_FOREACH_LEVEL_H_

// First time round: include the file again for the higher levels, then fall through for the baseline.
#ifndef OFFLOOP_IN_FOREACH_LEVEL
#define OFFLOOP_IN_FOREACH_LEVEL 1
#define OFFLOOP_ONCE 0

#if OFFLOOP_X64

#ifndef OFFLOOP_UP_TO_AVX2
#define OFFLOOP_LEVEL avx512
#define OFFLOOP_VECTOR_BYTES 64
#if defined(__clang__)
#pragma clang attribute push(                                                                          \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt,prefer-vector-width=512")
#endif
#include OFFLOOP_THIS_FILE
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef OFFLOOP_LEVEL
#undef OFFLOOP_VECTOR_BYTES
#endif  // OFFLOOP_UP_TO_AVX2

#define OFFLOOP_LEVEL avx2
#define OFFLOOP_VECTOR_BYTES 32
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt")
#endif
#include OFFLOOP_THIS_FILE
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef OFFLOOP_LEVEL
#undef OFFLOOP_VECTOR_BYTES

#endif  // OFFLOOP_X64

#undef OFFLOOP_ONCE
#define OFFLOOP_ONCE 1
#define OFFLOOP_LEVEL baseline
#define OFFLOOP_VECTOR_BYTES 16

// Only CPUs from before 2013 have no more than the baseline of x86: there it is made to be small, since three copies at
// full speed are what the binary mostly consists of.
#if OFFLOOP_X64 && !defined(__clang__)
#pragma GCC optimize("Os")
#endif
#endif  // OFFLOOP_IN_FOREACH_LEVEL
