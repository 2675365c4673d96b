// argsort: the indices that sort the rows of inputs[0] (its last axis), into outputs[0], uint32 of the same shape.
// scalars[0] != 0 sorts descending; scalars[1] != 0 takes -0 for +0, which otherwise is below it. NaN is last either
// way, equal elements keep their order. outputs[1], where given, is uint8 of the same shape, rows without gaps: 1
// where an element of the result equals the one before it.
// Whatever others write to the input meanwhile, the result is a permutation: indices travel in private memory.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/argsort_plan.h"
#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/argsort.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_part.h"
#include "kernels/sort_private.h"
#include "kernels/sort_deal.h"
#include "kernels/order_keys.h"
#include "kernels/argsort_pack.h"
#include "kernels/argsort_rows.h"
#include "kernels/argsort_buckets.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static void ArgsortBlock(const Arguments& arguments, const Block& block) {
  const ArgsortPlan plan = PlanArgsort(arguments);
  if (plan.is_long) {
    ArgsortBuckets(arguments, plan, block);
  } else {
    ArgsortRows(arguments, plan, block);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareArgsort(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count < 1 || arguments.output_count > 2) {
    return Status::kInvalidArgument;
  }
  const View& input = arguments.inputs[0];
  for (uint32_t i = 0; i < arguments.output_count; ++i) {
    const View& output = arguments.outputs[i];
    if (output.dtype != (i == 0 ? DType::kUint32 : DType::kUint8) || output.rank != input.rank) {
      return Status::kInvalidArgument;
    }
    for (uint32_t axis = 0; axis < input.rank; ++axis) {
      if (input.shape[axis] != output.shape[axis]) return Status::kInvalidArgument;
    }
    if (i == 1 && SortStride(output) != 1 && input.Size() > 0) return Status::kInvalidArgument;
  }
  if (input.Size() == 0) return Status::kOk;
  const ArgsortPlan plan = PlanArgsort(arguments);
  if (plan.n > uint64_t{1} << 32) return Status::kInvalidArgument;
  if (!plan.is_long) {
    layout->phase_count = 1;
    layout->phases[0].blocks = (plan.rows + plan.rows_per_block - 1) / plan.rows_per_block;
    layout->local_bytes = plan.local_bytes;
    return Status::kOk;
  }
  layout->phase_count = 7;
  layout->phases[0].blocks = layout->phases[2].blocks = layout->phases[5].blocks = layout->phases[6].blocks =
      plan.rows * plan.chunks;
  layout->phases[1].blocks = layout->phases[3].blocks = plan.rows;
  layout->phases[4].blocks = plan.rows * plan.buckets;
  layout->scratch_bytes = plan.rows * plan.row_bytes;
  layout->local_bytes = plan.local_bytes;
  return Status::kOk;
}

// Rows that one round did not do get two more; the others are done.
uint32_t NextOfArgsort(const Arguments& arguments, uint32_t phase) {
  const ArgsortPlan plan = PlanArgsort(arguments);
  if (!plan.is_long || phase < 5) return phase + 1;
  if (phase == 6) return 7;
  using namespace baseline;
  bool again = false;
  bool twice = false;
  for (uint64_t row = 0; row < plan.rows; ++row) {
    ArgsortState* state = reinterpret_cast<ArgsortState*>(arguments.scratch + row * plan.row_bytes);
    twice = twice || state->round == ArgsortRound::kHighHalf;
    const int64_t least = state->packing.least;
    if (state->mode != ArgsortMode::kBuckets) {
      state->mode = ArgsortMode::kDone;
    } else if (state->round == ArgsortRound::kLeading && state->unresolved != 0) {
      state->round = ArgsortRound::kLowHalf;
      state->packing = {least, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 32};
      again = true;
    } else if (state->round == ArgsortRound::kLowHalf) {
      state->round = ArgsortRound::kHighHalf;
      state->packing = {least, ~uint64_t{0}, 0xFFFFFFFF, 0, 32, 32};
      again = true;
    } else {
      state->mode = ArgsortMode::kDone;
    }
  }
  if (again) return 1;
  return twice && arguments.output_count > 1 ? 6 : 7;
}

}  // namespace

extern const Kernel kArgsortKernel;
const Kernel kArgsortKernel = {
    .name = "argsort",
    .version = 1,
    .prepare = PrepareArgsort,
    .run_block = OFFLOOP_EACH_LEVEL(ArgsortBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextOfArgsort,
};

}  // namespace offloop
#endif
