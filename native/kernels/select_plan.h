// How keys of given ranks are found: a function of dtype and shape alone.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

namespace offloop {

struct SelectPlan {
  bool is_long = false;
  uint64_t rows = 1;
  uint64_t n = 0;
  uint64_t rows_per_block = 1;
  uint64_t chunks = 1;
  uint64_t samples = 0;
  uint64_t room = 0;  // keys between the bounds
  // Bytes from the start of a row's piece of scratch.
  uint64_t samples_at = 0;
  uint64_t between_at = 0;
  uint64_t spare_at = 0;
  uint64_t row_bytes = 0;
  uint64_t local_bytes = 0;  // of short rows
};

namespace {

// Ranks that are looked for at once, in pairs of neighbours.
inline constexpr uint32_t kSelectPairs = 8;
inline constexpr uint64_t kSelectChunk = 65536;
inline constexpr uint64_t kSelectStateBytes = 1024;

inline SelectPlan PlanSelect(const View& input) {
  SelectPlan plan;
  plan.n = input.rank == 0 ? 1 : static_cast<uint64_t>(input.shape[input.rank - 1]);
  for (uint32_t axis = 0; axis + 1 < input.rank; ++axis) plan.rows *= static_cast<uint64_t>(input.shape[axis]);
  if (plan.n <= kSortRowMost) {
    plan.rows_per_block = 32768 / (plan.n + 8) + 1;
    if (plan.rows_per_block > plan.rows) plan.rows_per_block = plan.rows;
    plan.local_bytes = 2 * SortAligned((plan.n + 1) * sizeof(int64_t));
    return plan;
  }
  plan.is_long = true;
  plan.chunks = (plan.n + kSelectChunk - 1) / kSelectChunk;
  plan.samples = 2048;
  while (plan.samples < 262144 && plan.n / plan.samples > 700) plan.samples *= 2;
  plan.room = plan.n / 2;
  plan.samples_at = kSelectStateBytes;
  plan.between_at = plan.samples_at + SortAligned(2 * plan.samples * sizeof(int64_t));
  plan.spare_at = plan.between_at + SortAligned(plan.room * sizeof(int64_t));
  plan.row_bytes = plan.spare_at + SortAligned(plan.room * sizeof(int64_t));
  return plan;
}

}  // namespace
}  // namespace offloop
