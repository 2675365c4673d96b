// How an argsort is laid out: a function of dtype and shape alone.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

namespace offloop {

struct ArgsortPlan {
  bool is_long = false;  // more than kSortRowMost in a row: buckets; else one phase of whole rows
  uint64_t rows = 1;
  uint64_t n = 0;
  uint32_t index_bits = 1;
  bool is_wide = false;  // 64-bit keys, whose range must be known before they are packed
  uint64_t rows_per_block = 1;
  uint64_t chunks = 1;
  uint64_t chunk = 1;
  uint64_t buckets = 0;
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
  uint64_t half_at = 0;
  uint64_t row_bytes = 0;
  uint64_t local_bytes = 0;
};

namespace {

inline constexpr uint64_t kArgsortStateBytes = 128;
inline constexpr uint64_t kArgsortInfoBytes = 64;

inline ArgsortPlan PlanArgsort(const Arguments& arguments) {
  const View& input = arguments.inputs[0];
  ArgsortPlan plan;
  plan.n = input.rank == 0 ? 1 : static_cast<uint64_t>(input.shape[input.rank - 1]);
  for (uint32_t axis = 0; axis + 1 < input.rank; ++axis) plan.rows *= static_cast<uint64_t>(input.shape[axis]);
  plan.is_wide = DTypeSize(input.dtype) == 8;
  while (plan.index_bits < 32 && (plan.n - 1) >> plan.index_bits != 0) ++plan.index_bits;
  if (plan.n <= kSortRowMost) {
    plan.rows_per_block = plan.n >= 8192 ? 1 : 8192 / (plan.n + 1);
    if (plan.rows_per_block > plan.rows) plan.rows_per_block = plan.rows;
    plan.local_bytes = 2 * SortAligned(plan.n * sizeof(int64_t));
    return plan;
  }
  plan.is_long = true;
  plan.buckets = 4;
  while (plan.buckets < 4096 && plan.n / plan.buckets > 65536) plan.buckets *= 2;
  plan.chunk = 131072;
  while (plan.chunk > 16384 && plan.n / plan.chunk < 32) plan.chunk /= 2;
  plan.chunks = (plan.n + plan.chunk - 1) / plan.chunk;
  plan.bucket_room = plan.n / plan.buckets * 5 / 2;
  plan.samples_per_chunk = (plan.buckets * kSampleRate + plan.chunks - 1) / plan.chunks;
  const uint64_t samples = plan.samples_per_chunk * plan.chunks;
  uint64_t at = kArgsortStateBytes;
  const auto place = [&at](uint64_t bytes) {
    const uint64_t start = at;
    at += SortAligned(bytes);
    return start;
  };
  plan.chunk_info_at = place(plan.chunks * kArgsortInfoBytes);
  plan.samples_at = place(3 * samples * sizeof(int64_t));
  plan.splitters_at = place(plan.buckets * sizeof(int64_t));
  plan.totals_at = place((plan.buckets + 1) * sizeof(uint64_t));
  plan.starts_at = place(plan.chunks * (plan.buckets + 1) * sizeof(uint32_t));
  plan.keys_at = place(plan.n * sizeof(int64_t));
  plan.spill_at = place(plan.n * sizeof(int64_t));
  plan.half_at = place(plan.n * sizeof(uint32_t));
  plan.row_bytes = at;
  const uint64_t local_keys = 2 * (plan.chunk > plan.bucket_room ? plan.chunk : plan.bucket_room);
  plan.local_bytes = SortAligned(local_keys * sizeof(int64_t));
  return plan;
}

}  // namespace
}  // namespace offloop
