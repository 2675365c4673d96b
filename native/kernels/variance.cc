// variance(x, ddof) = sum of (x[i] - mean)^2 / (n - ddof) along the reduced axes; NaN when n - ddof is not above 0.
// Two passes over each kReduceChunk elements, the second in cache: their mean, then squared deviations, both in the 32
// lanes of lanes.h. Chunks are merged in order, blocks along the tree, by the formula of Chan, Golub & LeVeque,
// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
//   inputs[0]    any dtype, any strides, each element as the nearest float64; the first scalars[0] axes are kept
//   outputs[0]   if any: float64
//   results      without outputs: [0] the variance
//   scalars      [0] kept axes, [1] leave NaNs out, [2] ddof
#include <cstring>

#include "kernels/reduce.h"

#ifndef OFFLOOP_VARIANCE_MOMENTS
#define OFFLOOP_VARIANCE_MOMENTS
namespace offloop {
namespace {

struct Moments {
  double count;
  double mean;
  double m2;  // sum of squared deviations from the mean
  double unused;
};
static_assert(sizeof(Moments) == kReducePartialBytes);

inline __attribute__((always_inline)) void MergeMoments(Moments* into, const Moments& from) {
  if (from.count == 0) return;
  if (into->count == 0) {
    *into = from;
    return;
  }
  const double count = into->count + from.count;
  const double delta = from.mean - into->mean;
  const double share = from.count / count;
  into->mean += delta * share;
  into->m2 = (into->m2 + from.m2) + (delta * delta) * (into->count * share);
  into->count = count;
}

double Variance(const Arguments& arguments, const std::byte* partial) {
  const Moments& moments = *reinterpret_cast<const Moments*>(partial);
  const double freedom = moments.count - arguments.scalars[kDdof];
  return freedom > 0 ? CanonicalNumber(moments.m2 / freedom) : __builtin_nan("");
}

void StoreVariance(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const double variance = Variance(arguments, partial);
  std::memcpy(static_cast<double*>(arguments.outputs[0].data) + offsets[0], &variance, sizeof(variance));
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_VARIANCE_MOMENTS

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/variance.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T, bool skip_nan>
struct DeviationTerm {
  const T* x;
  double mean;
  // What the first pass of the next chunk will read is fetched while this one is in cache.
  OFFLOOP_INLINE void Prefetch(int64_t i) {
    const uintptr_t next = reinterpret_cast<uintptr_t>(x + i) + kReduceChunk * sizeof(T);
#pragma GCC unroll 4
    for (uintptr_t byte = 0; byte < kLanes * sizeof(T); byte += 64) {
      __builtin_prefetch(reinterpret_cast<const void*>(next + byte));
    }
  }
  OFFLOOP_INLINE F64 Vector(int64_t i) {
    const F64 delta = LoadF64(x + i) - Broadcast<F64>(mean);
    const F64 square = delta * delta;
    if constexpr (skip_nan) {
      const F64 value = LoadF64(x + i);
      return NumberOrNothing(square, value == value);
    }
    return square;
  }
  OFFLOOP_INLINE double Scalar(int64_t i) {
    const double value = ToDouble(x[i]);
    const double delta = value - mean;
    return skip_nan && value != value ? -0.0 : delta * delta;
  }
};

template <typename T, bool skip_nan>
struct FloatMoments {
  using Element = T;
  static constexpr uint32_t kInputs = 1;
  using State = Moments;

  static OFFLOOP_INLINE void Begin(State* state) { *state = {0, 0, 0, 0}; }

  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    int64_t chunk;
    for (int64_t done = 0; done < count; done += chunk) {
      chunk = count - done < kReduceChunk ? count - done : kReduceChunk;
      AddChunk(state, x + done, chunk);
    }
  }

  static OFFLOOP_INLINE void AddChunk(State* state, const T* x, int64_t count) {
    Lanes lanes;
    ClearLanes(&lanes);
    Moments moments = {static_cast<double>(count), 0, 0, 0};
    if constexpr (skip_nan) {
      NumberTerm<T> term = {x, {}, 0};
      AddTerms(&lanes, count, term);
      moments.count = static_cast<double>(term.Count());
    } else {
      ValueTerm<T> term{x};
      AddTerms(&lanes, count, term);
    }
    moments.mean = FoldLanes(lanes) / moments.count;
    ClearLanes(&lanes);
    DeviationTerm<T, skip_nan> term{x, moments.mean};
    AddTerms(&lanes, count, term);
    moments.m2 = FoldLanes(lanes);
    MergeMoments(state, moments);
  }

  static OFFLOOP_INLINE void End(const State* state, std::byte* to) { *reinterpret_cast<Moments*>(to) = *state; }
};

template <typename T>
using IntegerMoments = FloatMoments<T, false>;

void VarianceBlock(const Arguments& arguments, const Block& block) {
  Reduction plan;
  if (PlanReduction(arguments, 1, 1, &plan) != Status::kOk) return;
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  RunReduction(arguments, block, plan, OperationFor<IntegerMoments, FloatMoments>(dtype, skip_nan), StoreVariance);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareVariance(const Arguments& arguments, Layout* layout) {
  Reduction plan;
  const Status status = PlanReduction(arguments, 1, 1, &plan);
  if (status != Status::kOk) return status;
  if (!plan.whole && arguments.outputs[0].dtype != DType::kFloat64) return Status::kInvalidArgument;
  LayOutReduction(plan, layout);
  return Status::kOk;
}

static void CombineVariance(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, 1, 1);
  for (int64_t i = 0; i < width; ++i) {
    MergeMoments(reinterpret_cast<Moments*>(into) + i, reinterpret_cast<const Moments*>(from)[i]);
  }
}

static Status FinishVariance(const Arguments& arguments) {
  if (arguments.output_count == 0) arguments.results[0].number = Variance(arguments, arguments.partials);
  return Status::kOk;
}

extern const Kernel kVarianceKernel;
const Kernel kVarianceKernel = {
    "variance", 1, PrepareVariance, OFFLOOP_EACH_LEVEL(VarianceBlock), CombineVariance, FinishVariance,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
