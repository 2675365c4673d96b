// How a sort is laid out: which way it goes, its grids, and where things lie in scratch. A function of dtype, shape
// and scalars alone, so every block computes it again rather than keeping it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {

enum class SortPath : uint32_t {
  kNothing,   // no elements
  kRows,      // one phase: every block sorts whole rows in its local memory
  kCounting,  // rows of many small integers: count each value, then write runs
  kBuckets,   // long rows, and a few of medium length: sample, deal into buckets, sort the buckets
};

struct SortPlan {
  SortPath path = SortPath::kNothing;
  uint32_t key_bytes = 0;  // of the keys that are compared: 4 or 8; of the element in kCounting
  uint64_t rows = 1;
  uint64_t n = 1;               // keys in a row
  uint64_t rows_per_block = 1;  // kRows
  uint64_t chunks = 1;          // of a row, kChunk keys each
  uint64_t chunk = 1;
  uint64_t bins = 0;       // kCounting
  bool is_medium = false;  // kBuckets: a row is looked at in one block, and no phase adds up
  uint64_t buckets = 0;    // most buckets of a row
  uint64_t bucket_room = 0;
  uint64_t samples_per_chunk = 0;
  // Bytes from the start of a row's piece of scratch.
  uint64_t chunk_info_at = 0;
  uint64_t samples_at = 0;
  uint64_t splitters_at = 0;
  uint64_t totals_at = 0;
  uint64_t starts_at = 0;
  uint64_t keys_at = 0;
  uint64_t spill_at = 0;
  uint64_t row_bytes = 0;
  uint64_t local_bytes = 0;
};

namespace {

// Rows of at most this many keys are sorted in one block, unless those blocks would be few, and long enough to share.
inline constexpr uint64_t kSortRowMost = 131072;
inline constexpr uint64_t kSortMediumBytes = 262144;
inline constexpr uint64_t kSortMediumRows = 8;
inline constexpr uint64_t kSortMostBuckets = 1024;
// A counting block reads or writes this many elements.
inline constexpr uint64_t kCountChunk = uint64_t{1} << 20;
inline constexpr uint64_t kBinRange = 4096;  // bins that a block adds up over all chunks
inline constexpr uint64_t kSampleRate = 32;  // keys of the sample for each bucket

inline uint64_t SortAligned(uint64_t bytes) { return (bytes + 63) & ~uint64_t{63}; }

inline void PlanCounting(SortPlan* plan, uint32_t element_bytes) {
  plan->path = SortPath::kCounting;
  plan->bins = element_bytes == 1 ? 256 : 65536;
  plan->chunk = kCountChunk;
  plan->chunks = (plan->n + plan->chunk - 1) / plan->chunk;
  plan->totals_at = 0;
  plan->starts_at = SortAligned((plan->bins + 1) * sizeof(uint64_t));
  plan->row_bytes = plan->starts_at + SortAligned(plan->chunks * plan->bins * sizeof(uint32_t));
}

inline void PlanBuckets(SortPlan* plan) {
  plan->path = SortPath::kBuckets;
  plan->is_medium = plan->n <= kSortRowMost;
  if (plan->is_medium) {
    plan->buckets = 16;
    plan->chunk = (plan->n + 7) / 8;
  } else {
    const uint64_t bucket_aim = 524288 / plan->key_bytes;
    plan->buckets = 4;
    while (plan->buckets < kSortMostBuckets && plan->n / plan->buckets > bucket_aim) plan->buckets *= 2;
    // Large chunks make large pieces of buckets; small ones keep enough blocks for every thread.
    plan->chunk = 1048576 / plan->key_bytes;
    while (plan->chunk > 16384 && plan->n / plan->chunk < 32) plan->chunk /= 2;
  }
  plan->chunks = (plan->n + plan->chunk - 1) / plan->chunk;
  plan->bucket_room = plan->n / plan->buckets * 5 / 2;
  plan->samples_per_chunk = (plan->buckets * kSampleRate + plan->chunks - 1) / plan->chunks;
  const uint64_t samples = plan->samples_per_chunk * plan->chunks;
  uint64_t at = 64;
  plan->chunk_info_at = at;
  at += SortAligned(plan->chunks * 3 * sizeof(int64_t));
  plan->samples_at = at;
  at += SortAligned(2 * samples * plan->key_bytes);
  plan->splitters_at = at;
  at += SortAligned(plan->buckets * plan->key_bytes);
  plan->totals_at = at;
  at += SortAligned((plan->buckets + 1) * sizeof(uint64_t));
  plan->starts_at = at;
  at += SortAligned(plan->chunks * (plan->buckets + 1) * sizeof(uint32_t));
  plan->keys_at = at;
  at += SortAligned(plan->n * plan->key_bytes);
  plan->spill_at = at;
  at += SortAligned(plan->n * plan->key_bytes);
  plan->row_bytes = at;
  const uint64_t local_keys = 2 * (plan->chunk > plan->bucket_room ? plan->chunk : plan->bucket_room);
  plan->local_bytes = SortAligned(local_keys * plan->key_bytes);
}

inline SortPlan PlanSort(const Arguments& arguments) {
  const View& input = arguments.inputs[0];
  const uint32_t element_bytes = DTypeSize(input.dtype);
  SortPlan plan;
  if (input.rank > 0) {
    plan.n = static_cast<uint64_t>(input.shape[input.rank - 1]);
    for (uint32_t axis = 0; axis + 1 < input.rank; ++axis) plan.rows *= static_cast<uint64_t>(input.shape[axis]);
  }
  if (plan.n == 0 || plan.rows == 0) return plan;
  plan.key_bytes = element_bytes < 4 ? 4 : element_bytes;
  const bool is_medium =
      element_bytes >= 4 && plan.n * element_bytes >= kSortMediumBytes && plan.rows < kSortMediumRows;
  if (plan.n <= kSortRowMost && !is_medium) {
    plan.path = SortPath::kRows;
    plan.rows_per_block = plan.n >= 16384 ? 1 : 16384 / plan.n;
    if (plan.rows_per_block > plan.rows) plan.rows_per_block = plan.rows;
    plan.local_bytes = SortAligned(plan.n * plan.key_bytes) * 2;
  } else if (element_bytes < 4) {
    PlanCounting(&plan, element_bytes);
  } else {
    PlanBuckets(&plan);
  }
  return plan;
}

// Where a row begins, in elements from `data`.
inline int64_t SortRowOffset(const View& view, uint64_t row) {
  // Rows of a matrix need no division.
  if (view.rank == 2) return static_cast<int64_t>(row) * view.strides[0];
  int64_t offset = 0;
  for (uint32_t axis = view.rank < 2 ? 0 : view.rank - 1; axis-- > 0;) {
    const uint64_t extent = static_cast<uint64_t>(view.shape[axis]);
    offset += static_cast<int64_t>(row % extent) * view.strides[axis];
    row /= extent;
  }
  return offset;
}

inline int64_t SortStride(const View& view) { return view.rank == 0 ? 1 : view.strides[view.rank - 1]; }

}  // namespace
}  // namespace offloop
