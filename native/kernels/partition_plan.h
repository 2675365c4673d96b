// How a partition is laid out: a function of dtype and shape alone.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/select_plan.h"
#include "kernels/sort_plan.h"

namespace offloop {
namespace {

// A long row's scratch: that of the selection, then for each chunk its counts, then keys.
struct PartCounts {
  uint64_t below;  // after the sums: where the chunk's pieces begin
  uint64_t equal;
  uint64_t above;
};

struct PartitionPlan {
  SelectPlan select;
  uint64_t counts_at = 0;
  uint64_t keys_at = 0;
  uint64_t row_bytes = 0;
  uint64_t local_bytes = 0;
};

inline PartitionPlan PlanPartition(const View& input) {
  PartitionPlan plan;
  plan.select = PlanSelect(input);
  if (plan.select.is_long) {
    plan.counts_at = plan.select.row_bytes;
    plan.keys_at = plan.counts_at + SortAligned(plan.select.chunks * 2 * sizeof(PartCounts));
    plan.row_bytes = plan.keys_at + SortAligned(plan.select.n * sizeof(int64_t));
    plan.local_bytes = SortAligned(kSelectChunk * sizeof(int64_t));
  } else {
    plan.local_bytes = 3 * SortAligned((plan.select.n + 1) * sizeof(int64_t));
  }
  return plan;
}

}  // namespace
}  // namespace offloop
