// How a topk is laid out: a function of dtype, shape and scalars alone.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

namespace offloop {

struct TopkPlan {
  bool gathers = false;
  bool is_long = false;
  uint64_t rows = 1;
  uint64_t n = 0;
  uint64_t k = 0;
  uint64_t rows_per_block = 1;
  uint64_t chunks = 1;
  uint64_t samples = 0;
  uint64_t room = 0;  // elements that may pass the bound
  // Bytes from the start of a row's piece of scratch.
  uint64_t samples_at = 0;
  uint64_t keys_at = 0;
  uint64_t work_at = 0;
  uint64_t indices_at = 0;
  uint64_t row_bytes = 0;
  uint64_t local_bytes = 0;
};

// Of a long row.
struct TopkState {
  int64_t bound;
  uint64_t collected;
  uint64_t failed;
};

namespace {

inline constexpr uint64_t kTopkChunk = 65536;

// The square root, or a little more.
inline double RootOf(double x) {
  double root = x / 8 + 2;
  for (int i = 0; i < 10; ++i) root = (root + x / root) / 2;
  return root;
}

// Which of `samples` sorted samples of n keys the best k almost surely do not exceed: five standard deviations more
// than it would be on the average.
inline double BoundPlace(double k, double n, double samples) {
  const double rank = k / n * samples;
  return rank + 5 * RootOf(rank) + 8;
}

inline TopkPlan PlanTopk(const Arguments& arguments) {
  const View& input = arguments.inputs[0];
  TopkPlan plan;
  plan.gathers = arguments.scalars[2] != 0;
  plan.n = static_cast<uint64_t>(input.shape[input.rank - 1]);
  plan.k = static_cast<uint64_t>(arguments.scalars[0]);
  for (uint32_t axis = 0; axis + 1 < input.rank; ++axis) plan.rows *= static_cast<uint64_t>(input.shape[axis]);
  if (plan.n <= kSortRowMost) {
    plan.rows_per_block = 16384 / (plan.n + 1) + 1;
    if (plan.rows_per_block > plan.rows) plan.rows_per_block = plan.rows;
    // Keys, three times as many words to sort in, order and indices.
    plan.local_bytes = 4 * SortAligned(plan.n * sizeof(int64_t)) + 2 * SortAligned(plan.n * sizeof(uint32_t));
    return plan;
  }
  plan.is_long = true;
  plan.chunks = (plan.n + kTopkChunk - 1) / kTopkChunk;
  plan.samples = 4096;
  while (plan.samples < 65536 && plan.n / plan.samples > 600) plan.samples *= 2;
  // What is below that sample, and five standard deviations again.
  const double n = static_cast<double>(plan.n);
  const double samples = static_cast<double>(plan.samples);
  const double place = BoundPlace(static_cast<double>(plan.k), n, samples);
  plan.room = static_cast<uint64_t>((place + 5 * RootOf(place) + 8) * n / samples) + 1024;
  if (plan.room > plan.n) plan.room = plan.n;
  plan.samples_at = 64;
  plan.keys_at = plan.samples_at + SortAligned(2 * plan.samples * sizeof(int64_t));
  plan.work_at = plan.keys_at + SortAligned(plan.room * sizeof(int64_t));
  plan.indices_at = plan.work_at + 3 * SortAligned(plan.room * sizeof(int64_t));
  plan.row_bytes = plan.indices_at + 2 * SortAligned(plan.room * sizeof(uint32_t));
  return plan;
}

}  // namespace
}  // namespace offloop
