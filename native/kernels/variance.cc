// variance(x, ddof) = sum of (x[i] - mean)^2 / (n - ddof) along the reduced axes, or its root; NaN when n - ddof is not
// above 0. One pass: pieces of kReduceChunk elements about a pivot each, in the 32 lanes of lanes.h (moments_chunk.h).
// Pieces are merged in order, blocks along the tree, by the formula of Chan, Golub & LeVeque, "Updating Formulae and a
// Pairwise Algorithm for Computing Sample Variances" (1979).
//   inputs[0]    any dtype, any strides, each element as the nearest float64; the first scalars[0] axes are kept
//   outputs[0]   if any: float64
//   results      without outputs: [0] the variance
//   scalars      [0] kept axes, [1] leave NaNs out, [2] ddof, [3] the root instead
#include <cstring>

#include "kernels/moments.h"

#ifndef OFFLOOP_VARIANCE_STORE
#define OFFLOOP_VARIANCE_STORE
namespace offloop {
namespace {

constexpr ReductionShape kVarianceShape = {1, 1};

double Spread(const Arguments& arguments, const std::byte* partial) {
  const Moments& moments = *reinterpret_cast<const Moments*>(partial);
  const double variance = VarianceOf(moments, arguments.scalars[kDdof]);
  return arguments.scalars[3] != 0 ? __builtin_sqrt(variance) : variance;
}

void StoreSpread(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const double spread = Spread(arguments, partial);
  std::memcpy(static_cast<double*>(arguments.outputs[0].data) + offsets[0], &spread, sizeof(spread));
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_VARIANCE_STORE

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/variance.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/moments_chunk.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T, bool skip_nan>
struct MomentsOp {
  using Element = T;
  static constexpr uint32_t kInputs = 1;
  using State = Moments;

  static OFFLOOP_INLINE void Begin(State* state) { *state = {0, 0, 0, 0}; }

  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    ForEachPiece<skip_nan>(x, count, [state](const T* piece, int64_t size, double pivot) OFFLOOP_INLINE_LAMBDA {
      PowerLanes<2> lanes;
      const int64_t numbers = SumPowers<2, T, skip_nan>(piece, size, pivot, &lanes);
      if (skip_nan && numbers == 0) return;
      const double sum = FoldLanes(lanes.sums[0]);
      const double rest = sum / static_cast<double>(numbers);
      const double m2 = CenterSquares(sum, FoldLanes(lanes.sums[1]), rest);
      MergeMoments(state, {static_cast<double>(numbers), pivot, rest, m2});
    });
  }

  static OFFLOOP_INLINE void End(const State* state, std::byte* to) { *reinterpret_cast<Moments*>(to) = *state; }
};

void VarianceBlock(const Arguments& arguments, const Block& block) {
  const DType dtype = arguments.inputs[0].dtype;
  // No other elements can be NaN.
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0 && IsFloat(dtype);
  RunReduction(arguments, block, kVarianceShape,
               skip_nan ? OperationOnFloats<MomentsOp, true>(dtype) : OperationOnFloats<MomentsOp, false>(dtype),
               StoreSpread);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareVariance(const Arguments& arguments, Layout* layout) {
  Reduction plan;
  const Status status = PlanReduction(arguments, kVarianceShape, &plan);
  if (status != Status::kOk) return status;
  if (!plan.whole && arguments.outputs[0].dtype != DType::kFloat64) return Status::kInvalidArgument;
  LayOutReduction(plan, layout);
  return Status::kOk;
}

static void CombineVariance(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, kVarianceShape);
  for (int64_t i = 0; i < width; ++i) {
    MergeMoments(reinterpret_cast<Moments*>(into) + i, reinterpret_cast<const Moments*>(from)[i]);
  }
}

static Status FinishVariance(const Arguments& arguments) {
  if (arguments.output_count == 0) arguments.results[0].number = Spread(arguments, arguments.partials);
  return Status::kOk;
}

extern const Kernel kVarianceKernel;
const Kernel kVarianceKernel = {
    "variance", 1, PrepareVariance, OFFLOOP_EACH_LEVEL(VarianceBlock), CombineVariance, FinishVariance,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
