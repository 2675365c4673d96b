// The 32 virtual lanes of a float64 reduction, and exact conversion of every element type to float64. Included again
// for every level, like simd/vec.h, after kernels/reduce.h.
//
// Element i of a block is added to lane i % 32; lanes start from -0, the one number that addition leaves as it finds
// it; at the end lane l takes in lane l + 16, then + 8, + 4, + 2, + 1. Any vector width that divides 32 gives these
// same sums. Where vectors are so narrow that 32 accumulators don't fit in registers, the lanes are done in parts.
//
// No default member initializers here: GCC makes the constructor that they need at the end of the file, for the
// lowest CPU level.

#include "kernels/doubles.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#define OFFLOOP_INLINE inline __attribute__((always_inline))
// After the parameters of a lambda, which has no `inline`.
#define OFFLOOP_INLINE_LAMBDA __attribute__((always_inline))

// float16 by its bits, so that the type says what the 16 bits are.
struct Half {
  uint16_t bits;
};

template <typename T>
inline constexpr bool kIsFloat = false;
template <>
inline constexpr bool kIsFloat<Half> = true;
template <>
inline constexpr bool kIsFloat<float> = true;
template <>
inline constexpr bool kIsFloat<double> = true;

// A dtype whose elements are of the type.
template <typename T>
inline constexpr DType kDTypeOf = DType::kFloat64;
template <>
inline constexpr DType kDTypeOf<int8_t> = DType::kInt8;
template <>
inline constexpr DType kDTypeOf<uint8_t> = DType::kUint8;
template <>
inline constexpr DType kDTypeOf<int16_t> = DType::kInt16;
template <>
inline constexpr DType kDTypeOf<uint16_t> = DType::kUint16;
template <>
inline constexpr DType kDTypeOf<int32_t> = DType::kInt32;
template <>
inline constexpr DType kDTypeOf<uint32_t> = DType::kUint32;
template <>
inline constexpr DType kDTypeOf<int64_t> = DType::kBigInt64;
template <>
inline constexpr DType kDTypeOf<uint64_t> = DType::kBigUint64;
template <>
inline constexpr DType kDTypeOf<Half> = DType::kFloat16;
template <>
inline constexpr DType kDTypeOf<float> = DType::kFloat32;

// Calls work<T>() for the type that elements of a dtype have.
template <typename Work>
OFFLOOP_INLINE decltype(auto) ForElement(DType dtype, const Work& work) {
  switch (dtype) {
    case DType::kInt8:
      return work.template operator()<int8_t>();
    case DType::kUint8:
    case DType::kUint8Clamped:
      return work.template operator()<uint8_t>();
    case DType::kInt16:
      return work.template operator()<int16_t>();
    case DType::kUint16:
      return work.template operator()<uint16_t>();
    case DType::kInt32:
      return work.template operator()<int32_t>();
    case DType::kUint32:
      return work.template operator()<uint32_t>();
    case DType::kBigInt64:
      return work.template operator()<int64_t>();
    case DType::kBigUint64:
      return work.template operator()<uint64_t>();
    case DType::kFloat16:
      return work.template operator()<Half>();
    case DType::kFloat32:
      return work.template operator()<float>();
    case DType::kFloat64:
      break;
  }
  return work.template operator()<double>();
}

template <typename T>
OFFLOOP_INLINE double ToDouble(T x) {
  return static_cast<double>(x);
}
OFFLOOP_INLINE double ToDouble(Half x) { return DecodeFloat16(x.bits); }

// F64Lanes elements as float64, each rounded to nearest where it has more than 53 bits.
OFFLOOP_INLINE F64 LoadF64(const double* x) { return Load<F64>(x); }

#if OFFLOOP_X64
OFFLOOP_INLINE __m128i LoadLow64(const void* x) {
  int64_t low;
  __builtin_memcpy(&low, x, sizeof(low));
  return _mm_cvtsi64_si128(low);
}
#endif

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64

// Masked with every lane on: the plain intrinsics of GCC 12 warn of an operand of their own.
OFFLOOP_INLINE F64 LoadF64(const float* x) { return F64(_mm512_maskz_cvtps_pd(0xff, _mm256_loadu_ps(x))); }
OFFLOOP_INLINE F64 LoadF64(const Half* x) {
  return F64(_mm512_maskz_cvtps_pd(0xff, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(x)))));
}
OFFLOOP_INLINE F64 LoadF64(const int8_t* x) {
  return F64(_mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepi8_epi32(LoadLow64(x))));
}
OFFLOOP_INLINE F64 LoadF64(const uint8_t* x) {
  return F64(_mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepu8_epi32(LoadLow64(x))));
}
OFFLOOP_INLINE F64 LoadF64(const int16_t* x) {
  return F64(
      _mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(x)))));
}
OFFLOOP_INLINE F64 LoadF64(const uint16_t* x) {
  return F64(
      _mm512_maskz_cvtepi32_pd(0xff, _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(x)))));
}
OFFLOOP_INLINE F64 LoadF64(const int32_t* x) {
  return F64(_mm512_maskz_cvtepi32_pd(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(x))));
}
OFFLOOP_INLINE F64 LoadF64(const uint32_t* x) {
  return F64(_mm512_maskz_cvtepu32_pd(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(x))));
}
OFFLOOP_INLINE F64 LoadF64(const int64_t* x) { return F64(_mm512_maskz_cvtepi64_pd(0xff, _mm512_loadu_si512(x))); }
OFFLOOP_INLINE F64 LoadF64(const uint64_t* x) { return F64(_mm512_maskz_cvtepu64_pd(0xff, _mm512_loadu_si512(x))); }

#else

// 64-bit integers by way of their halves: bits placed under an exponent of 2^84 and of 2^52 are numbers without any
// conversion; what the exponents brought in is taken off the high half exactly, and one addition rounds.
OFFLOOP_INLINE F64 NumbersOf(U64 high, U64 low, double excess) {
  return ((F64)(high | 0x4530000000000000) - excess) + (F64)(low | 0x4330000000000000);
}
OFFLOOP_INLINE F64 LoadF64(const uint64_t* x) {
  const U64 v = Load<U64>(x);
  return NumbersOf(v >> 32, v & 0xffffffff, 0x1p84 + 0x1p52);
}
OFFLOOP_INLINE F64 LoadF64(const int64_t* x) {
  const U64 v = Load<U64>(x) ^ 0x8000000000000000;
  return NumbersOf(v >> 32, v & 0xffffffff, 0x1p84 + 0x1p63 + 0x1p52);
}

#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32

OFFLOOP_INLINE __m128i LoadLow32(const void* x) {
  int32_t low;
  __builtin_memcpy(&low, x, sizeof(low));
  return _mm_cvtsi32_si128(low);
}
OFFLOOP_INLINE __m128i LoadAll(const void* x) { return _mm_loadu_si128(static_cast<const __m128i_u*>(x)); }
OFFLOOP_INLINE F64 LoadF64(const float* x) { return F64(_mm256_cvtps_pd(_mm_loadu_ps(x))); }
OFFLOOP_INLINE F64 LoadF64(const Half* x) { return F64(_mm256_cvtps_pd(_mm_cvtph_ps(LoadLow64(x)))); }
OFFLOOP_INLINE F64 LoadF64(const int8_t* x) { return F64(_mm256_cvtepi32_pd(_mm_cvtepi8_epi32(LoadLow32(x)))); }
OFFLOOP_INLINE F64 LoadF64(const uint8_t* x) { return F64(_mm256_cvtepi32_pd(_mm_cvtepu8_epi32(LoadLow32(x)))); }
OFFLOOP_INLINE F64 LoadF64(const int16_t* x) { return F64(_mm256_cvtepi32_pd(_mm_cvtepi16_epi32(LoadLow64(x)))); }
OFFLOOP_INLINE F64 LoadF64(const uint16_t* x) { return F64(_mm256_cvtepi32_pd(_mm_cvtepu16_epi32(LoadLow64(x)))); }
OFFLOOP_INLINE F64 LoadF64(const int32_t* x) { return F64(_mm256_cvtepi32_pd(LoadAll(x))); }
OFFLOOP_INLINE F64 LoadF64(const uint32_t* x) {
  return (F64)((U64)_mm256_cvtepu32_epi64(LoadAll(x)) | 0x4330000000000000) - 0x1p52;
}

#else

template <typename T>
OFFLOOP_INLINE F64 LoadF64(const T* x) {
  return F64{ToDouble(x[0]), ToDouble(x[1])};
}

#endif
#endif

inline constexpr int kLanes = 32;
inline constexpr int kLaneVectors = kLanes / F64Lanes;
inline constexpr int kPartVectors = kLaneVectors < 8 ? kLaneVectors : 8;
inline constexpr int kLaneParts = kLaneVectors / kPartVectors;

struct Lanes {
  F64 v[kLaneVectors];
};

OFFLOOP_INLINE void ClearLanes(Lanes* lanes) {
#pragma GCC unroll 16
  for (int v = 0; v < kLaneVectors; ++v) lanes->v[v] = Broadcast<F64>(-0.0);
}

// Adds the terms of `count` elements, the first of which belongs to lane 0. A term has Vector(i), for the F64Lanes
// elements from i, Scalar(i), and Prefetch(i), called once for 32 elements from i.
template <typename Term>
OFFLOOP_INLINE void AddTerms(Lanes* lanes, int64_t count, Term& term) {
  const int64_t full = count / kLanes * kLanes;
  // In parts, the piece that is gone over more than once must stay in the first-level cache.
  constexpr int64_t kPiece = kLaneParts == 1 ? INT64_MAX / 2 : 1024;
  for (int64_t start = 0; start < full; start += kPiece) {
    const int64_t end = full - start < kPiece ? full : start + kPiece;
#pragma GCC unroll 4
    for (int part = 0; part < kLaneParts; ++part) {
      F64 sums[kPartVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kPartVectors; ++v) sums[v] = lanes->v[part * kPartVectors + v];
      for (int64_t i = start; i < end; i += kLanes) {
        if (part == 0) term.Prefetch(i);
#pragma GCC unroll 16
        for (int v = 0; v < kPartVectors; ++v) sums[v] += term.Vector(i + (part * kPartVectors + v) * F64Lanes);
      }
#pragma GCC unroll 16
      for (int v = 0; v < kPartVectors; ++v) lanes->v[part * kPartVectors + v] = sums[v];
    }
  }
  if (full == count) return;
  int64_t i = full;
  int v = 0;
  for (; i + F64Lanes <= count; i += F64Lanes) lanes->v[v++] += term.Vector(i);
  if (i == count) return;
  F64 tail = Broadcast<F64>(-0.0);
  for (int lane = 0; i + lane < count; ++lane) tail[lane] = term.Scalar(i + lane);
  lanes->v[v] += tail;
}

OFFLOOP_INLINE double FoldLanes(const Lanes& lanes) {
  F64 sums[kLaneVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kLaneVectors; ++v) sums[v] = lanes.v[v];
#pragma GCC unroll 4
  for (int half = kLaneVectors / 2; half >= 1; half /= 2) {
#pragma GCC unroll 8
    for (int v = 0; v < half; ++v) sums[v] += sums[v + half];
  }
  const F64 last = sums[0];
#if OFFLOOP_VECTOR_BYTES == 64
  return ((last[0] + last[4]) + (last[2] + last[6])) + ((last[1] + last[5]) + (last[3] + last[7]));
#elif OFFLOOP_VECTOR_BYTES == 32
  return (last[0] + last[2]) + (last[1] + last[3]);
#else
  return last[0] + last[1];
#endif
}

// `x` where it is a number, -0 where it is NaN: a term that adds nothing.
OFFLOOP_INLINE F64 NumberOrNothing(F64 x, I64 is_number) {
  return (F64)(((U64)x & (U64)is_number) | (~(U64)is_number & 0x8000000000000000));
}

OFFLOOP_INLINE int64_t AddUp(I64 counts) {
  int64_t total = 0;
  for (int lane = 0; lane < F64Lanes; ++lane) total += counts[lane];
  return total;
}

// Asks for the 32 elements a page after x.
template <typename T>
OFFLOOP_INLINE void PrefetchLines(const T* x) {
  PrefetchPageAhead<kLanes * static_cast<int>(sizeof(T))>(x);
}

// The elements themselves.
template <typename T>
struct ValueTerm {
  const T* x;
  OFFLOOP_INLINE void Prefetch(int64_t i) { PrefetchLines(x + i); }
  OFFLOOP_INLINE F64 Vector(int64_t i) { return LoadF64(x + i); }
  OFFLOOP_INLINE double Scalar(int64_t i) { return ToDouble(x[i]); }
};

// Those of the elements that are numbers, counted.
template <typename T>
struct NumberTerm {
  const T* x;
  I64 counts;
  int64_t count;
  OFFLOOP_INLINE void Prefetch(int64_t i) { PrefetchLines(x + i); }
  OFFLOOP_INLINE F64 Vector(int64_t i) {
    const F64 value = LoadF64(x + i);
    const I64 is_number = value == value;
    counts -= is_number;
    return NumberOrNothing(value, is_number);
  }
  OFFLOOP_INLINE double Scalar(int64_t i) {
    const double value = ToDouble(x[i]);
    count += value == value;
    return value == value ? value : -0.0;
  }
  OFFLOOP_INLINE int64_t Count() const { return count + AddUp(counts); }
};

// What WidenedTable converts at once; kReduceChunk divides it.
inline constexpr int64_t kWidenedPiece = 2 * kReduceChunk;

// A type with Element, State, Begin, Add and End as the table of functions that reduce.cc calls.
template <typename Op>
struct TableOf {
  using Element = typename Op::Element;
  using State = typename Op::State;
  static_assert(sizeof(State) <= kReduceStateBytes && alignof(State) <= 64);

  static void Begin(void* state) { Op::Begin(static_cast<State*>(state)); }
  // By pointer alone, from reduce.cc and WidenedTable.
  static __attribute__((noinline)) void Add(void* state, const void* const* x, int64_t count) {
    if constexpr (Op::kInputs == 1) {
      Op::Add(static_cast<State*>(state), static_cast<const Element*>(x[0]), count);
    } else {
      Op::Add(static_cast<State*>(state), static_cast<const Element*>(x[0]), static_cast<const Element*>(x[1]), count);
    }
  }
  static void End(const void* state, std::byte* partial) { Op::End(static_cast<const State*>(state), partial); }

  static constexpr ReduceOperation kTable = {Begin, Add, End};
};

// The same operation on float64, for elements of another type, converted a piece at a time.
template <DType dtype, typename Op>
struct WidenedTable {
  static_assert(__is_same(typename Op::Element, double) && Op::kInputs == 1);

  static void Add(void* state, const void* const* x, int64_t count) {
    alignas(64) double doubles[kWidenedPiece];
    const void* const piece[1] = {doubles};
    const std::byte* from = static_cast<const std::byte*>(x[0]);
    for (int64_t done = 0; done < count; done += kWidenedPiece) {
      const int64_t size = count - done < kWidenedPiece ? count - done : kWidenedPiece;
      ToDoubles(dtype, from + done * static_cast<int64_t>(DTypeSize(dtype)), 1, size, doubles);
      TableOf<Op>::Add(state, piece, size);
    }
  }

  static constexpr ReduceOperation kTable = {TableOf<Op>::Begin, Add, TableOf<Op>::End};
};

// The table of an operation on float64 or float32, for elements of any dtype.
template <template <typename T, bool skip_nan> class Op, bool skip_nan>
const ReduceOperation& OperationOnFloats(DType dtype) {
  return ForElement(dtype, [&]<typename T>() -> const ReduceOperation& {
    if constexpr (__is_same(T, double) || __is_same(T, float))
      return TableOf<Op<T, skip_nan>>::kTable;
    else
      return WidenedTable<kDTypeOf<T>, Op<double, skip_nan>>::kTable;
  });
}

template <template <typename T> class Integer, template <typename T, bool skip_nan> class Float>
const ReduceOperation& OperationFor(DType dtype, bool skip_nan) {
  return ForElement(dtype, [&]<typename T>() -> const ReduceOperation& {
    if constexpr (!kIsFloat<T>)
      return TableOf<Integer<T>>::kTable;
    else
      return skip_nan ? TableOf<Float<T, true>>::kTable : TableOf<Float<T, false>>::kTable;
  });
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
