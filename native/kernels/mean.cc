// mean(x): the sum along the reduced axes, as sum.cc has it, divided by the number of elements; NaN for none. The sum
// of integers is exact and rounded once before the division.
//   inputs[0]    any dtype, any strides; the first scalars[0] axes are kept
//   outputs[0]   if any: float64
//   results      without outputs: [0] the mean
//   scalars      [0] kept axes, [1] leave NaNs out
#include <cstring>

#include "kernels/sum.h"

#ifndef OFFLOOP_MEAN_STORE
#define OFFLOOP_MEAN_STORE
namespace offloop {

static double Mean(const Arguments& arguments, const std::byte* partial) {
  const SumPartial& sum = *reinterpret_cast<const SumPartial*>(partial);
  if (sum.count == 0) return __builtin_nan("");
  return CanonicalNumber(SumNumber(arguments.inputs[0].dtype, sum) / static_cast<double>(sum.count));
}

static void StoreMean(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const double mean = Mean(arguments, partial);
  std::memcpy(static_cast<double*>(arguments.outputs[0].data) + offsets[0], &mean, sizeof(mean));
}

}  // namespace offloop
#endif

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/mean.cc"
#include "simd/foreach_level.h"
#include "kernels/sum_block.h"

namespace offloop {
namespace OFFLOOP_LEVEL {

static void MeanBlock(const Arguments& arguments, const Block& block) { RunSum(arguments, block, StoreMean); }

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareMean(const Arguments& arguments, Layout* layout) {
  if (arguments.output_count > 0 && arguments.outputs[0].dtype != DType::kFloat64) {
    return Status::kInvalidArgument;
  }
  return PrepareSums(arguments, 1, layout);
}

static Status FinishMean(const Arguments& arguments) {
  if (arguments.output_count == 0) arguments.results[0].number = Mean(arguments, arguments.partials);
  return Status::kOk;
}

extern const Kernel kMeanKernel;
const Kernel kMeanKernel = {
    "mean", 1, PrepareMean, OFFLOOP_EACH_LEVEL(MeanBlock), CombineSums, FinishMean,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
