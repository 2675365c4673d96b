// minmax(x): the least and the greatest element along the reduced axes, or one of them. -0 is below +0; a NaN anywhere
// gives NaN for both unless NaNs are left out, and then nothing but NaNs gives NaN. There must be an element.
//   inputs[0]   any dtype, any strides; the first scalars[0] axes are kept
//   outputs     if any: least and greatest, or the one that is asked for, of the input's dtype
//   results     without outputs: the same, as numbers, those of BigInts as their 64 bits
//   scalars     [0] kept axes, [1] leave NaNs out, [2] 0 for both, 1 for the least, 2 for the greatest
#include "kernels/extremes.h"

#ifndef OFFLOOP_MINMAX_STORE
#define OFFLOOP_MINMAX_STORE
namespace offloop {
namespace {

constexpr double kBoth = 0;
constexpr double kLeast = 1;
constexpr double kGreatest = 2;

double WantedOf(const Arguments& arguments) { return arguments.scalars[2]; }

ReductionShape ShapeOf(const Arguments& arguments) { return {1, WantedOf(arguments) == kBoth ? 2u : 1u}; }

// The bits of the values that are asked for; how many there are.
uint32_t ValuesOf(const Arguments& arguments, const std::byte* partial, uint64_t* bits) {
  const Extremes& extremes = *reinterpret_cast<const Extremes*>(partial);
  const DType dtype = arguments.inputs[0].dtype;
  const double wanted = WantedOf(arguments);
  uint32_t count = 0;
  if (wanted != kGreatest) bits[count++] = BitsOf(dtype, extremes, extremes.least);
  if (wanted != kLeast) bits[count++] = BitsOf(dtype, extremes, extremes.greatest);
  return count;
}

void StoreExtremes(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  uint64_t bits[2];
  const uint32_t count = ValuesOf(arguments, partial, bits);
  const uint32_t size = DTypeSize(arguments.inputs[0].dtype);
  for (uint32_t i = 0; i < count; ++i) {
    StoreElement(static_cast<std::byte*>(arguments.outputs[i].data) + offsets[i] * size, size, bits[i]);
  }
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_MINMAX_STORE

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/minmax.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/extremes_search.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

void MinmaxBlock(const Arguments& arguments, const Block& block) {
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  RunReduction(arguments, block, ShapeOf(arguments), OperationFor<IntegerExtremes, FloatExtremes>(dtype, skip_nan),
               StoreExtremes);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareMinmax(const Arguments& arguments, Layout* layout) {
  const double wanted = WantedOf(arguments);
  if (wanted != kBoth && wanted != kLeast && wanted != kGreatest) return Status::kInvalidArgument;
  Reduction plan;
  const Status status = PlanReduction(arguments, ShapeOf(arguments), &plan);
  if (status != Status::kOk) return status;
  if (plan.length == 0 && plan.outputs > 0) return Status::kInvalidArgument;
  for (uint32_t i = 0; i < arguments.output_count; ++i) {
    if (arguments.outputs[i].dtype != arguments.inputs[0].dtype) return Status::kInvalidArgument;
  }
  LayOutReduction(plan, layout);
  return Status::kOk;
}

static void CombineMinmax(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, ShapeOf(arguments));
  Extremes* a = reinterpret_cast<Extremes*>(into);
  const Extremes* b = reinterpret_cast<const Extremes*>(from);
  for (int64_t i = 0; i < width; ++i) {
    MergeExtremes(&a[i], b[i].least, b[i].greatest);
    a[i].nan |= b[i].nan;
  }
}

static Status FinishMinmax(const Arguments& arguments) {
  if (arguments.output_count > 0) return Status::kOk;
  uint64_t bits[2];
  const uint32_t count = ValuesOf(arguments, arguments.partials, bits);
  for (uint32_t i = 0; i < count; ++i) arguments.results[i] = SlotOf(arguments.inputs[0].dtype, bits[i]);
  return Status::kOk;
}

extern const Kernel kMinmaxKernel;
const Kernel kMinmaxKernel = {
    "minmax", 1, PrepareMinmax, OFFLOOP_EACH_LEVEL(MinmaxBlock), CombineMinmax, FinishMinmax,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
