// sort: the elements of inputs[0] along its last axis in order, into outputs[0] of the same dtype and shape; other
// axes are rows of their own. scalars[0] != 0 sorts descending. -0 is below +0, NaN is last either way.
// scalars[1] != 0, of a single long row of wide elements alone, asks for its different elements only: results[0] is 1
// where that has been done. Then outputs[1], float64 for twice kSortMostBuckets, has where pieces of outputs[0] begin
// and how many elements are in each, and outputs[2], uint32 of the row's length, if it is there, how often each element
// occurs. Of two neighbouring pieces the last of one may equal the first of the other. Where the elements were in order
// results[0] is 0, and all of them are there.
// Input and output may be the same memory, or apart; they may be strided. Both are read and written by others for
// all we know: keys are sorted in private memory (sort_plan.h, sort_keys.h), in one of three ways: sort_rows.h,
// sort_count.h, sort_buckets.h. What is in order already, or in reverse order, is written as it is read (sort_order.h).
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/sort.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_part.h"
#include "kernels/sort_private.h"
#include "kernels/sort_order.h"
#include "kernels/sort_rows.h"
#include "kernels/sort_count.h"
#include "kernels/sort_deal.h"
#include "kernels/sort_buckets.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static void SortBlock(const Arguments& arguments, const Block& block) {
  const SortPlan plan = PlanSort(arguments);
  const DType dtype = arguments.inputs[0].dtype;
  switch (plan.path) {
    case SortPath::kNothing:
      return;
    case SortPath::kRows:
      switch (dtype) {
        case DType::kInt8:
        case DType::kUint8:
        case DType::kUint8Clamped:
          return SortByteRows(arguments, plan, block);
        case DType::kUint16:
          return SortRows<uint16_t, int32_t>(arguments, plan, block);
        case DType::kInt16:
        case DType::kFloat16:
          return SortRows<int16_t, int32_t>(arguments, plan, block);
        default:
          return plan.key_bytes == 4 ? SortRows<int32_t, int32_t>(arguments, plan, block)
                                     : SortRows<int64_t, int64_t>(arguments, plan, block);
      }
    case SortPath::kCounting:
      switch (dtype) {
        case DType::kInt8:
          return CountingBlock<int8_t>(arguments, plan, block);
        case DType::kUint16:
          return CountingBlock<uint16_t>(arguments, plan, block);
        case DType::kInt16:
        case DType::kFloat16:
          return CountingBlock<int16_t>(arguments, plan, block);
        default:
          return CountingBlock<uint8_t>(arguments, plan, block);
      }
    case SortPath::kBuckets:
      return plan.key_bytes == 4 ? BucketBlock<int32_t>(arguments, plan, block)
                                 : BucketBlock<int64_t>(arguments, plan, block);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

bool AreDistinctOutputs(const Arguments& arguments) {
  const View* outputs = arguments.outputs;
  if (arguments.output_count < 2 || arguments.output_count > 3) return false;
  if (arguments.inputs[0].rank != 1 || arguments.scalars[0] != 0) return false;
  if (outputs[1].dtype != DType::kFloat64 || outputs[1].rank != 1 || !outputs[1].IsContiguous()) return false;
  if (outputs[1].shape[0] != static_cast<int64_t>(2 * kSortMostBuckets)) return false;
  if (arguments.output_count == 2) return true;
  return outputs[2].dtype == DType::kUint32 && outputs[2].rank == 1 && outputs[2].IsContiguous() &&
         outputs[2].shape[0] == arguments.inputs[0].shape[0];
}

Status PrepareSort(const Arguments& arguments, Layout* layout) {
  const bool is_distinct = arguments.scalars[1] != 0;
  if (arguments.input_count != 1 || arguments.output_count == 0) return Status::kInvalidArgument;
  if (is_distinct ? !AreDistinctOutputs(arguments) : arguments.output_count != 1) return Status::kInvalidArgument;
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  if (input.dtype != output.dtype || input.rank != output.rank) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis < input.rank; ++axis) {
    if (input.shape[axis] != output.shape[axis]) return Status::kInvalidArgument;
  }
  const SortPlan plan = PlanSort(arguments);
  if (is_distinct && (plan.path != SortPath::kBuckets || plan.is_medium || plan.rows != 1)) {
    return Status::kInvalidArgument;
  }
  switch (plan.path) {
    case SortPath::kNothing:
      layout->phase_count = 0;
      return Status::kOk;
    case SortPath::kRows:
      layout->phase_count = 1;
      layout->phases[0].blocks = (plan.rows + plan.rows_per_block - 1) / plan.rows_per_block;
      break;
    case SortPath::kCounting:
      layout->phase_count = 4;
      layout->phases[0].blocks = layout->phases[3].blocks = plan.rows * plan.chunks;
      layout->phases[1].blocks = plan.rows * ((plan.bins + kBinRange - 1) / kBinRange);
      layout->phases[2].blocks = plan.rows;
      break;
    case SortPath::kBuckets:
      layout->phase_count = 6;
      layout->phases[0].blocks = layout->phases[2].blocks = layout->phases[5].blocks = plan.rows * plan.chunks;
      layout->phases[1].blocks = layout->phases[3].blocks = plan.rows;
      layout->phases[4].blocks = plan.rows * plan.buckets;
      if (plan.is_medium) {
        layout->phases[0].blocks = plan.rows;
        layout->phases[1].blocks = layout->phases[3].blocks = 0;
      }
      break;
  }
  layout->scratch_bytes = plan.rows * plan.row_bytes;
  layout->local_bytes = plan.local_bytes;
  return Status::kOk;
}

// What was in order is done after the look. Medium rows have nothing to write in the end, but those to be reversed.
uint32_t NextOfSort(const Arguments& arguments, uint32_t phase) {
  if (phase != 1 && phase != 4) return phase + 1;
  if (phase == 4 && arguments.scalars[1] != 0) return 6;
  const SortPlan plan = PlanSort(arguments);
  if (plan.path != SortPath::kBuckets || (phase == 4 && !plan.is_medium)) return phase + 1;
  using baseline::RowMode;
  using baseline::RowState;
  for (uint64_t row = 0; row < plan.rows; ++row) {
    const RowState* state = reinterpret_cast<const RowState*>(arguments.scratch + row * plan.row_bytes);
    if (state->mode == RowMode::kReversed || (phase == 1 && state->mode == RowMode::kBuckets)) return phase + 1;
  }
  return 6;
}

Status FinishSort(const Arguments& arguments) {
  if (arguments.scalars[1] == 0) return Status::kOk;
  const auto* state = reinterpret_cast<const baseline::RowState*>(arguments.scratch);
  arguments.results[0].number = state->mode == baseline::RowMode::kBuckets ? 1 : 0;
  return Status::kOk;
}

}  // namespace

extern const Kernel kSortKernel;
const Kernel kSortKernel = {
    .name = "sort",
    .version = 1,
    .prepare = PrepareSort,
    .run_block = OFFLOOP_EACH_LEVEL(SortBlock),
    .combine = nullptr,
    .finish = FinishSort,
    .next = NextOfSort,
};

}  // namespace offloop
#endif
