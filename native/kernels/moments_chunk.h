// The moments of a few elements. Included again for every level, after moments.h and lanes.h.
//
// One pass: powers of the deviations from a pivot, and from their sums the moments about the mean. The pivot is the
// mean of the first 32 elements, so that what cancels is small: at worst 1 + n / 32 times the result, and hardly more
// than the result for data that don't start with their greatest outliers.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// x - pivot. As a fused multiply-add with 1, which gives the same bits, it runs beside the additions of other elements
// on CPUs that have pipes of their own for either. The asm hides from the compiler what `one` is.
struct Pivot {
  F64 value;
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES >= 32
  F64 one;
#endif
};

OFFLOOP_INLINE Pivot PivotOf(double value) {
  Pivot pivot;
  pivot.value = Broadcast<F64>(value);
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES >= 32
  pivot.one = Broadcast<F64>(1.0);
  asm("" : "+x"(pivot.one));
#endif
  return pivot;
}

OFFLOOP_INLINE F64 Deviation(F64 x, const Pivot& pivot) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return F64(_mm512_fmsub_pd(x, pivot.one, pivot.value));
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  return F64(_mm256_fmsub_pd(x, pivot.one, pivot.value));
#else
  return x - pivot.value;
#endif
}

// Sums of the first kPowers powers of deviations, in lanes.
template <int kPowers>
struct PowerLanes {
  Lanes sums[kPowers];
};

template <int kPowers>
OFFLOOP_INLINE void AddPowers(F64 delta, F64* sums) {
  const F64 square = delta * delta;
  sums[0] += delta;
  sums[1] += square;
  if constexpr (kPowers == 4) {
    sums[2] += square * delta;
    sums[3] += square * square;
  }
}

// Deviations of the elements that are numbers, -0 for the others.
template <typename T, bool skip_nan>
OFFLOOP_INLINE F64 DeviationAt(const T* x, const Pivot& pivot, I64* counts) {
  const F64 value = LoadF64(x);
  const F64 delta = Deviation(value, pivot);
  if constexpr (!skip_nan) return delta;
  const I64 is_number = value == value;
  *counts -= is_number;
  return NumberOrNothing(delta, is_number);
}

// Adds up the powers of `count` elements, the first of which belongs to lane 0; returns how many are numbers. In parts
// of so many vectors that their sums stay in registers.
template <int kPowers, typename T, bool skip_nan>
OFFLOOP_INLINE int64_t SumPowers(const T* x, int64_t count, double near, PowerLanes<kPowers>* lanes) {
  constexpr int kVectors = kPowers == 4 && OFFLOOP_VECTOR_BYTES < 64 ? 2 : 4;
  static_assert(kLaneVectors % kVectors == 0);
  const Pivot pivot = PivotOf(near);
  const int64_t full = count / kLanes * kLanes;
  I64 counts = {};
#pragma GCC unroll 8
  for (int part = 0; part < kLaneVectors; part += kVectors) {
    F64 sums[kVectors][kPowers];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 4
      for (int power = 0; power < kPowers; ++power) sums[v][power] = Broadcast<F64>(-0.0);
    }
    for (int64_t i = 0; i < full; i += kLanes) {
      if (part == 0) PrefetchLines(x + i);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        AddPowers<kPowers>(DeviationAt<T, skip_nan>(x + i + (part + v) * F64Lanes, pivot, &counts), sums[v]);
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 4
      for (int power = 0; power < kPowers; ++power) lanes->sums[power].v[part + v] = sums[v][power];
    }
  }
  int64_t numbers = skip_nan ? 0 : count;
  int v = 0;
  for (int64_t i = full; i < count; i += F64Lanes, ++v) {
    // Lanes beyond the end take in zeros.
    F64 delta = {};
    if (i + F64Lanes <= count) {
      delta = DeviationAt<T, skip_nan>(x + i, pivot, &counts);
    } else {
      for (int lane = 0; i + lane < count; ++lane) {
        const double value = ToDouble(x[i + lane]);
        if (skip_nan && value != value) continue;
        delta[lane] = value - near;
        numbers += skip_nan;
      }
    }
    F64 sums[kPowers];
#pragma GCC unroll 4
    for (int power = 0; power < kPowers; ++power) sums[power] = lanes->sums[power].v[v];
    AddPowers<kPowers>(delta, sums);
#pragma GCC unroll 4
    for (int power = 0; power < kPowers; ++power) lanes->sums[power].v[v] = sums[power];
  }
  return skip_nan ? numbers + AddUp(counts) : numbers;
}

template <typename T, bool skip_nan>
struct DistanceTerm {
  const T* x;
  double origin;
  int64_t count;
  I64 counts;
  OFFLOOP_INLINE void Prefetch(int64_t i) { PrefetchLines(x + i); }
  OFFLOOP_INLINE F64 Vector(int64_t i) {
    const F64 value = LoadF64(x + i);
    const F64 distance = value - Broadcast<F64>(origin);
    if constexpr (!skip_nan) return distance;
    const I64 is_number = value == value;
    counts -= is_number;
    return NumberOrNothing(distance, is_number);
  }
  OFFLOOP_INLINE double Scalar(int64_t i) {
    const double value = ToDouble(x[i]);
    if (skip_nan && value != value) return -0.0;
    ++count;
    return value - origin;
  }
};

// The mean of 32 elements from the first one that counts, or of all there are; of equal elements exactly what they are.
template <typename T, bool skip_nan>
OFFLOOP_INLINE double FindPivot(const T* x, int64_t count) {
  int64_t first = 0;
  if constexpr (skip_nan) {
    while (first < count && ToDouble(x[first]) != ToDouble(x[first])) ++first;
    if (first == count) return 0;
  }
  const double origin = ToDouble(x[first]);
  const int64_t few = count - first < kLanes ? count - first : kLanes;
  DistanceTerm<T, skip_nan> term = {x + first, origin, 0, {}};
  Lanes lanes;
  ClearLanes(&lanes);
  AddTerms(&lanes, few, term);
  const int64_t numbers = skip_nan ? term.count + AddUp(term.counts) : few;
  return origin + FoldLanes(lanes) / static_cast<double>(numbers);
}

// Calls add(x, count, pivot) for pieces of kReduceChunk elements. Each pivot is found before the piece in front of its
// own is added up, which hides the time that takes.
template <bool skip_nan, typename T, typename AddPiece>
OFFLOOP_INLINE void ForEachPiece(const T* x, int64_t count, AddPiece add) {
  if (count == 0) return;
  double pivot = FindPivot<T, skip_nan>(x, count < kReduceChunk ? count : kReduceChunk);
  for (int64_t done = 0; done < count; done += kReduceChunk) {
    const int64_t left = count - done;
    const int64_t next = left - kReduceChunk < kReduceChunk ? left - kReduceChunk : kReduceChunk;
    const double coming = next > 0 ? FindPivot<T, skip_nan>(x + done + kReduceChunk, next) : 0;
    add(x + done, left < kReduceChunk ? left : kReduceChunk, pivot);
    pivot = coming;
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
