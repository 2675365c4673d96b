// describe(x): count, mean, variance, standard deviation, skewness, excess kurtosis, least and greatest element along
// the reduced axes, in one pass: sums of four powers about a pivot for pieces of kReduceChunk elements
// (moments_chunk.h), merged in order and blocks along the tree by the formulas of Pébay, "Formulas for Robust, One-Pass
// Parallel Computation of Covariances and Arbitrary-Order Statistical Moments" (2008).
//   skewness = (m3 / n) / (m2 / n)^(3/2), kurtosis = (m4 / n) / (m2 / n)^2 - 3, with mk = sum of (x[i] - mean)^k
//   inputs[0]      any dtype, any strides, each element as the nearest float64; the first scalars[0] axes are kept
//   outputs[0]     if any: float64, with a last axis of the first six of the above; [1, 2] least and greatest
//   results        without outputs: all eight, those extremes of BigInts as their 64 bits
//   scalars        [0] kept axes, [1] leave NaNs out, [2] ddof
#include <cstring>

#include "kernels/extremes.h"
#include "kernels/moments.h"

#ifndef OFFLOOP_DESCRIBE_STORE
#define OFFLOOP_DESCRIBE_STORE
namespace offloop {
namespace {

struct Description {
  HighMoments moments;
  Extremes extremes;
};
constexpr uint32_t kDescribeFields = 6;
constexpr ReductionShape kDescribeShape = {1, 3, kDescribeFields, sizeof(Description)};
static_assert(sizeof(Description) <= kMaxReducePartialBytes && sizeof(Description) % 16 == 0);

// About an infinite pivot there is no mean; then it is what the extremes say.
double MeanOf(const Arguments& arguments, const Description& description) {
  const Moments& moments = description.moments.low;
  // No mean is -0: it may have come about as the sum of zeros of either sign.
  const double mean = moments.count > 0 ? (moments.near + moments.rest) + 0.0 : __builtin_nan("");
  const DType dtype = arguments.inputs[0].dtype;
  if (mean == mean || dtype == DType::kBigInt64 || dtype == DType::kBigUint64) return mean;
  const Extremes& extremes = description.extremes;
  const double ends = SlotOf(dtype, BitsOf(dtype, extremes, extremes.least)).number +
                      SlotOf(dtype, BitsOf(dtype, extremes, extremes.greatest)).number;
  return __builtin_fabs(ends) == __builtin_inf() ? ends : __builtin_nan("");
}

void FieldsOf(const Arguments& arguments, const Description& description, double* fields) {
  const HighMoments& moments = description.moments;
  const double count = moments.low.count;
  const double variance = moments.low.m2 / count;
  fields[0] = count;
  fields[1] = MeanOf(arguments, description);
  fields[2] = VarianceOf(moments.low, arguments.scalars[kDdof]);
  fields[3] = __builtin_sqrt(fields[2]);
  fields[4] = CanonicalNumber((moments.m3 / count) / (variance * __builtin_sqrt(variance)));
  fields[5] = CanonicalNumber((moments.m4 / count) / (variance * variance) - 3);
}

void StoreDescription(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const Description& description = *reinterpret_cast<const Description*>(partial);
  const Extremes& extremes = description.extremes;
  const DType dtype = arguments.inputs[0].dtype;
  const uint32_t size = DTypeSize(dtype);
  const View& numbers = arguments.outputs[0];
  double fields[kDescribeFields];
  FieldsOf(arguments, description, fields);
  for (uint32_t i = 0; i < kDescribeFields; ++i) {
    const int64_t at = offsets[0] + static_cast<int64_t>(i) * numbers.strides[numbers.rank - 1];
    std::memcpy(static_cast<double*>(numbers.data) + at, &fields[i], sizeof(double));
  }
  for (uint32_t i = 1; i < 3; ++i) {
    const uint64_t bits = BitsOf(dtype, extremes, i == 1 ? extremes.least : extremes.greatest);
    StoreElement(static_cast<std::byte*>(arguments.outputs[i].data) + offsets[i] * size, size, bits);
  }
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_DESCRIBE_STORE

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/describe.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/extremes_search.h"
#include "kernels/moments_chunk.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <bool skip_nan, typename T>
OFFLOOP_INLINE void AddPiece(Description* state, const T* piece, int64_t size, double pivot) {
  PowerLanes<4> lanes;
  const int64_t numbers = SumPowers<4, T, skip_nan>(piece, size, pivot, &lanes);
  if (skip_nan && numbers == 0) return;
  const double s1 = FoldLanes(lanes.sums[0]);
  const double s2 = FoldLanes(lanes.sums[1]);
  const double s3 = FoldLanes(lanes.sums[2]);
  const double s4 = FoldLanes(lanes.sums[3]);
  const double rest = s1 / static_cast<double>(numbers);
  const double square = rest * rest;
  HighMoments moments;
  moments.low = {static_cast<double>(numbers), pivot, rest, CenterSquares(s1, s2, rest)};
  moments.m3 = (s3 - 3 * rest * s2) + 2 * s1 * square;
  moments.m4 = ((s4 - 4 * rest * s3) + 6 * square * s2) - 3 * s1 * (square * rest);
  MergeHighMoments(&state->moments, moments);
}

// `search` looks for extremes in the same pieces, while they are in the cache.
template <bool skip_nan, typename T, typename Search>
OFFLOOP_INLINE void AddFloats(Description* state, const T* x, int64_t count, const Search& search) {
  ForEachPiece<skip_nan>(x, count, [&](const T* piece, int64_t size, double pivot) OFFLOOP_INLINE_LAMBDA {
    search(piece, size);
    AddPiece<skip_nan>(state, piece, size, pivot);
  });
}

template <bool skip_nan>
__attribute__((noinline)) void AddConverted(Description* state, const double* x, int64_t count) {
  AddFloats<skip_nan>(state, x, count, [](const double*, int64_t) OFFLOOP_INLINE_LAMBDA {});
}

// Extremes are those of the elements as they are, moments those of the nearest float64. `Search` is FloatExtremes or
// IntegerExtremes.
template <typename T, bool skip_nan, typename Search>
struct DescribeOp {
  using Element = T;
  static constexpr uint32_t kInputs = 1;
  using State = Description;

  static OFFLOOP_INLINE void Begin(State* state) {
    *state = {};
    Search::Begin(&state->extremes);
  }

  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    if constexpr (__is_same(T, double) || __is_same(T, float)) {
      AddFloats<skip_nan>(state, x, count, [state](const T* piece, int64_t size) OFFLOOP_INLINE_LAMBDA {
        Search::Add(&state->extremes, piece, size);
      });
    } else {
      alignas(64) double doubles[kWidenedPiece];
      for (int64_t done = 0; done < count; done += kWidenedPiece) {
        const int64_t size = count - done < kWidenedPiece ? count - done : kWidenedPiece;
        Search::Add(&state->extremes, x + done, size);
        ToDoubles(kDTypeOf<T>, x + done, 1, size, doubles);
        AddConverted<skip_nan>(state, doubles, size);
      }
    }
  }

  static OFFLOOP_INLINE void End(const State* state, std::byte* to) { *reinterpret_cast<Description*>(to) = *state; }
};

template <typename T, bool skip_nan>
using DescribeFloats = DescribeOp<T, skip_nan, FloatExtremes<T, skip_nan>>;
template <typename T>
using DescribeIntegers = DescribeOp<T, false, IntegerExtremes<T>>;

void DescribeBlock(const Arguments& arguments, const Block& block) {
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  RunReduction(arguments, block, kDescribeShape, OperationFor<DescribeIntegers, DescribeFloats>(dtype, skip_nan),
               StoreDescription);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareDescribe(const Arguments& arguments, Layout* layout) {
  Reduction plan;
  const Status status = PlanReduction(arguments, kDescribeShape, &plan);
  if (status != Status::kOk) return status;
  if (plan.length == 0 && plan.outputs > 0) return Status::kInvalidArgument;
  const DType dtype = arguments.inputs[0].dtype;
  if (!plan.whole && (arguments.outputs[0].dtype != DType::kFloat64 || arguments.outputs[1].dtype != dtype ||
                      arguments.outputs[2].dtype != dtype)) {
    return Status::kInvalidArgument;
  }
  LayOutReduction(plan, layout);
  return Status::kOk;
}

static void CombineDescribe(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, kDescribeShape);
  Description* a = reinterpret_cast<Description*>(into);
  const Description* b = reinterpret_cast<const Description*>(from);
  for (int64_t i = 0; i < width; ++i) {
    MergeHighMoments(&a[i].moments, b[i].moments);
    MergeExtremes(&a[i].extremes, b[i].extremes.least, b[i].extremes.greatest);
    a[i].extremes.nan |= b[i].extremes.nan;
  }
}

static Status FinishDescribe(const Arguments& arguments) {
  if (arguments.output_count > 0) return Status::kOk;
  const Description& description = *reinterpret_cast<const Description*>(arguments.partials);
  const Extremes& extremes = description.extremes;
  const DType dtype = arguments.inputs[0].dtype;
  double fields[kDescribeFields];
  FieldsOf(arguments, description, fields);
  for (uint32_t i = 0; i < kDescribeFields; ++i) arguments.results[i].number = fields[i];
  arguments.results[6] = SlotOf(dtype, BitsOf(dtype, extremes, extremes.least));
  arguments.results[7] = SlotOf(dtype, BitsOf(dtype, extremes, extremes.greatest));
  return Status::kOk;
}

extern const Kernel kDescribeKernel;
const Kernel kDescribeKernel = {
    "describe", 1, PrepareDescribe, OFFLOOP_EACH_LEVEL(DescribeBlock), CombineDescribe, FinishDescribe,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
