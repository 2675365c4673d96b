// topk: the first scalars[0] elements that an argsort of each row of inputs[0] (its last axis) gives: their values in
// outputs[0], of the row's dtype, and their indices in outputs[1], uint32, both with that many along the last axis.
// scalars[1] != 0 takes the greatest first. NaN is last either way, equal elements come in the order of the input.
// A sample gives a bound that the best pass almost surely, with few others: those that do are collected, and sorted.
// results[0] is 1 where a bound was passed by too few, or by too many, as where a value is very often repeated; then
// scalars[2] != 0 asks for the values of inputs[1], the indices that an argsort gave.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/sort_plan.h"
#include "kernels/topk_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/topk.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_part.h"
#include "kernels/sort_private.h"
#include "kernels/order_keys.h"
#include "kernels/argsort_pack.h"
#include "kernels/topk_collect.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static void TopkBlock(const Arguments& arguments, const Block& block) {
  const TopkPlan plan = PlanTopk(arguments);
  if (plan.gathers) return TopkGather(arguments, plan, block);
  if (!plan.is_long) return TopkRows(arguments, plan, block);
  const uint64_t per_row = block.phase == 1 ? plan.chunks : 1;
  const TopkRow row = TopkRowAt(arguments, block.index / per_row);
  std::byte* scratch = arguments.scratch + block.index / per_row * plan.row_bytes;
  switch (block.phase) {
    case 0:
      return TopkBound(row.reader, plan, scratch);
    case 1:
      return TopkCollect(row.reader, plan, scratch, block.index % per_row);
    default:
      TopkFinish(arguments, row, plan, scratch);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareTopk(const Arguments& arguments, Layout* layout) {
  const bool gathers = arguments.scalars[2] != 0;
  if (arguments.input_count != (gathers ? 2u : 1u) || arguments.output_count != 2) return Status::kInvalidArgument;
  const View& input = arguments.inputs[0];
  const View& values = arguments.outputs[0];
  const View& indices = arguments.outputs[1];
  if (input.rank == 0 || values.dtype != input.dtype || indices.dtype != DType::kUint32) {
    return Status::kInvalidArgument;
  }
  if (values.rank != input.rank || indices.rank != input.rank) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis < input.rank; ++axis) {
    const bool is_last = axis + 1 == input.rank;
    const int64_t extent = is_last ? static_cast<int64_t>(arguments.scalars[0]) : input.shape[axis];
    if (values.shape[axis] != extent || indices.shape[axis] != extent) return Status::kInvalidArgument;
    if (gathers && (arguments.inputs[1].rank != input.rank || arguments.inputs[1].shape[axis] != input.shape[axis])) {
      return Status::kInvalidArgument;
    }
  }
  const double k = arguments.scalars[0];
  if (!(k >= 0 && k <= static_cast<double>(input.shape[input.rank - 1]))) return Status::kInvalidArgument;
  if (gathers && (arguments.inputs[1].dtype != DType::kUint32 || !arguments.inputs[1].IsContiguous())) {
    return Status::kInvalidArgument;
  }
  if (input.Size() == 0 || k == 0) return Status::kOk;
  const TopkPlan plan = PlanTopk(arguments);
  layout->phase_count = 1;
  if (plan.gathers) {
    layout->phases[0].blocks = plan.rows;
  } else if (!plan.is_long) {
    layout->phases[0].blocks = (plan.rows + plan.rows_per_block - 1) / plan.rows_per_block;
    layout->local_bytes = plan.local_bytes;
  } else {
    layout->phase_count = 3;
    layout->phases[0].blocks = layout->phases[2].blocks = plan.rows;
    layout->phases[1].blocks = plan.rows * plan.chunks;
    layout->scratch_bytes = plan.rows * plan.row_bytes;
  }
  return Status::kOk;
}

Status FinishTopk(const Arguments& arguments) {
  const TopkPlan plan = PlanTopk(arguments);
  if (plan.gathers || !plan.is_long || plan.rows == 0 || plan.k == 0) return Status::kOk;
  for (uint64_t row = 0; row < plan.rows; ++row) {
    const std::byte* scratch = arguments.scratch + row * plan.row_bytes;
    if (reinterpret_cast<const TopkState*>(scratch)->failed != 0) arguments.results[0].number = 1;
  }
  return Status::kOk;
}

}  // namespace

extern const Kernel kTopkKernel;
const Kernel kTopkKernel = {
    .name = "topk",
    .version = 1,
    .prepare = PrepareTopk,
    .run_block = OFFLOOP_EACH_LEVEL(TopkBlock),
    .combine = nullptr,
    .finish = FinishTopk,
};

}  // namespace offloop
#endif
