// bincount: how often each whole number from 0 up occurs in inputs[0], or the sums of the weights in inputs[1], into
// outputs[0], one element a number: uint32, or float64 for weights. The output is all zeros at the start and nobody
// else's. Numbers beyond it, which there are only if another thread writes the input meanwhile, are left out.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/reduce.h"
#include "kernels/tally.h"

#ifndef OFFLOOP_BINCOUNT_PLAN
#define OFFLOOP_BINCOUNT_PLAN
namespace offloop {
namespace {

TallyPlan PlanBincount(const Arguments& arguments) {
  return PlanTally(arguments.inputs[0], arguments.outputs[0].shape[0], arguments.input_count == 2);
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_BINCOUNT_PLAN

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/bincount.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/tally_block.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The bin of each element, `bins` where it has none.
template <typename T>
OFFLOOP_INLINE void NumbersOf(const void* elements, int64_t count, int64_t bins, uint32_t* numbers) {
  const T* x = static_cast<const T*>(elements);
  // Negative ones are large without a sign.
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t value = static_cast<uint64_t>(static_cast<int64_t>(x[i]));
    numbers[i] = static_cast<uint32_t>(value < static_cast<uint64_t>(bins) ? value : static_cast<uint64_t>(bins));
  }
}

void BincountBlock(const Arguments& arguments, const Block& block) {
  const TallyPlan plan = PlanBincount(arguments);
  const View& x = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  const bool is_byte = x.dtype == DType::kUint8 || x.dtype == DType::kUint8Clamped;
  if (is_byte && !plan.weighted && !plan.serial && plan.bins == 256 && x.IsContiguous()) {
    const int64_t start = static_cast<int64_t>(block.index) * kTallyBlock;
    const int64_t count = plan.elements - start < kTallyBlock ? plan.elements - start : kTallyBlock;
    uint32_t* tables = reinterpret_cast<uint32_t*>(block.local);
    ClearBytes(tables, 4 * 256 * 4);
    CountBytes(static_cast<const uint8_t*>(x.data) + start, count, tables);
    double* partial = reinterpret_cast<double*>(block.partial);
    for (int value = 0; value < 256; ++value) partial[value] = tables[value];
    return;
  }
  const int64_t bins = plan.bins;
  const auto index = [&](int64_t first, int64_t count, uint32_t* numbers) {
    alignas(64) std::byte elements[kTallyPiece * 8];
    ReadElements(x, first, count, elements);
    ForElement(x.dtype, [&]<typename T>() {
      if constexpr (!kIsFloat<T>) NumbersOf<T>(elements, count, bins, numbers);
    });
  };
  const View* weights = plan.weighted ? &arguments.inputs[1] : nullptr;
  RunTally(arguments, block, plan, weights, index, [&](uint32_t bin, double amount) {
    if (plan.weighted) {
      static_cast<double*>(out.data)[bin] += amount;
    } else {
      ++static_cast<uint32_t*>(out.data)[bin];
    }
  });
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareBincount(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count < 1 || arguments.input_count > 2 || arguments.output_count != 1) {
    return Status::kInvalidArgument;
  }
  const View& x = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  const bool is_float = x.dtype == DType::kFloat64 || x.dtype == DType::kFloat32 || x.dtype == DType::kFloat16;
  const bool weighted = arguments.input_count == 2;
  if (is_float || out.rank != 1 || !out.IsContiguous()) return Status::kInvalidArgument;
  if (out.dtype != (weighted ? DType::kFloat64 : DType::kUint32)) return Status::kInvalidArgument;
  if (weighted && arguments.inputs[1].Size() != x.Size()) return Status::kInvalidArgument;
  if (out.shape[0] >= int64_t{1} << 32) return Status::kInvalidArgument;
  LayOutTally(PlanBincount(arguments), layout);
  return Status::kOk;
}

void CombineBincount(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  CombineTally(PlanBincount(arguments), into, from);
}

uint32_t NextBincount(const Arguments& arguments, uint32_t phase) {
  return NextTally(arguments, PlanBincount(arguments), phase);
}

Status FinishBincount(const Arguments& arguments) {
  const TallyPlan plan = PlanBincount(arguments);
  if (plan.serial || plan.elements == 0) return Status::kOk;
  const double* totals = reinterpret_cast<const double*>(arguments.partials);
  void* out = arguments.outputs[0].data;
  for (int64_t bin = 0; bin < plan.bins; ++bin) {
    if (plan.weighted) {
      static_cast<double*>(out)[bin] = totals[bin];
    } else {
      static_cast<uint32_t*>(out)[bin] = static_cast<uint32_t>(static_cast<uint64_t>(totals[bin]));
    }
  }
  return Status::kOk;
}

}  // namespace

extern const Kernel kBincountKernel;
const Kernel kBincountKernel = {
    .name = "bincount",
    .version = 1,
    .prepare = PrepareBincount,
    .run_block = OFFLOOP_EACH_LEVEL(BincountBlock),
    .combine = CombineBincount,
    .finish = FinishBincount,
    .next = NextBincount,
};

}  // namespace offloop
#endif
