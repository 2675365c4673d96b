// partition: the rows of inputs[0] (its last axis) into outputs[0] of the same dtype and shape, with the element of
// rank scalars[0] in its sorted place, those before it (in sorted order) before it and those after it after it, both
// in the order in which they were. scalars[1] != 0 orders descending; NaN is last either way. Input and output may be
// the same memory. The pivot is found by select.h; then keys are dealt into private memory, from where they are
// written: a pivot that is not the right one any more, because somebody writes to the input, parts all the same.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/partition_plan.h"
#include "kernels/select_plan.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/partition.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_part.h"
#include "kernels/sort_private.h"
#include "kernels/order_keys.h"
#include "kernels/select.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static inline SelectRanks RankOf(const Arguments& arguments) {
  const uint64_t rank = static_cast<uint64_t>(arguments.scalars[0]);
  SelectRanks ranks;
  ranks.pairs = 1;
  ranks.rank[0] = ranks.rank[1] = rank;
  return ranks;
}

// Parts n keys that lie in `rest` from the pivot on: those above it go to the front of `above`, in order. Returns how
// many equal it.
static inline size_t DropEqual(int64_t* rest, size_t n, int64_t pivot, int64_t* above) {
  if (pivot == KeyLimits<int64_t>::kMax) return n;
  return PartKeys(rest, n, rest, above, pivot + 1);
}

static inline void WriteEqual(const KeyReader& reader, int64_t pivot, size_t n, void* row, int64_t stride,
                              uint64_t at) {
  constexpr size_t kStep = 256;
  int64_t keys[kStep];
  FillKeys(keys, n < kStep ? n : kStep, pivot);
  for (size_t i = 0; i < n; i += kStep) WriteElements(reader, keys, n - i < kStep ? n - i : kStep, row, stride, at + i);
}

static void PartitionRows(const Arguments& arguments, const PartitionPlan& plan, const Block& block) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  KeyReader reader = MakeKeyReader(input, arguments.scalars[1] != 0, false);
  const size_t n = plan.select.n;
  int64_t* home = reinterpret_cast<int64_t*>(block.local);
  int64_t* spare = reinterpret_cast<int64_t*>(block.local + plan.local_bytes / 3);
  int64_t* keys = reinterpret_cast<int64_t*>(block.local + plan.local_bytes / 3 * 2);
  uint64_t row = block.index * plan.select.rows_per_block;
  const uint64_t rows = plan.select.rows_per_block;
  const uint64_t end = plan.select.rows - row < rows ? plan.select.rows : row + rows;
  const SelectRanks ranks = RankOf(arguments);
  for (; row < end; ++row) {
    GoToRow(&reader, input, row);
    ReadKeys(reader, 0, n, keys);
    CopyKeys(keys, home, n);
    int64_t pivot;
    SelectRanksOf(home, spare, n, ranks.rank, &pivot, 1);
    const size_t below = PartKeys(keys, n, home, spare, pivot);
    const size_t equal = DropEqual(spare, n - below, pivot, home + below);
    void* to = RowOf(output, row);
    const int64_t stride = SortStride(output);
    WriteElements(reader, home, below, to, stride, 0);
    WriteEqual(reader, pivot, equal, to, stride, below);
    WriteElements(reader, home + below, n - below - equal, to, stride, below + equal);
  }
}

static inline void DealAroundPivot(const KeyReader& reader, const PartitionPlan& plan, std::byte* scratch,
                                   uint64_t chunk, int64_t* local) {
  const int64_t pivot = reinterpret_cast<SelectState*>(scratch)->keys[0];
  const uint64_t first = chunk * kSelectChunk;
  const size_t n = plan.select.n - first < kSelectChunk ? plan.select.n - first : kSelectChunk;
  int64_t* keys = reinterpret_cast<int64_t*>(scratch + plan.keys_at) + first;
  constexpr size_t kStep = 512;
  alignas(64) int64_t some[kStep];
  size_t below = 0;
  for (size_t i = 0; i < n; i += kStep) {
    const size_t count = n - i < kStep ? n - i : kStep;
    ReadKeys(reader, first + i, count, some);
    below += PartKeys(some, count, keys + below, local + (i - below), pivot);
  }
  const size_t equal = DropEqual(local, n - below, pivot, keys + below);
  PartCounts* counts = reinterpret_cast<PartCounts*>(scratch + plan.counts_at) + 2 * chunk;
  counts[0] = {below, equal, n - below - equal};
}

// Counts become places; those of a chunk stay beside them.
static inline void PlaceParts(const PartitionPlan& plan, std::byte* scratch) {
  PartCounts* counts = reinterpret_cast<PartCounts*>(scratch + plan.counts_at);
  PartCounts sums = {0, 0, 0};
  for (uint64_t chunk = 0; chunk < plan.select.chunks; ++chunk) {
    counts[2 * chunk + 1] = sums;
    sums.below += counts[2 * chunk].below;
    sums.equal += counts[2 * chunk].equal;
    sums.above += counts[2 * chunk].above;
  }
  for (uint64_t chunk = 0; chunk < plan.select.chunks; ++chunk) {
    counts[2 * chunk + 1].equal += sums.below;
    counts[2 * chunk + 1].above += sums.below + sums.equal;
  }
}

static inline void WriteParts(const KeyReader& reader, const PartitionPlan& plan, std::byte* scratch, uint64_t chunk,
                              const View& output, uint64_t row) {
  const int64_t pivot = reinterpret_cast<SelectState*>(scratch)->keys[0];
  const PartCounts* counts = reinterpret_cast<PartCounts*>(scratch + plan.counts_at) + 2 * chunk;
  const int64_t* keys = reinterpret_cast<int64_t*>(scratch + plan.keys_at) + chunk * kSelectChunk;
  void* to = RowOf(output, row);
  const int64_t stride = SortStride(output);
  WriteElements(reader, keys, counts[0].below, to, stride, counts[1].below);
  WriteEqual(reader, pivot, counts[0].equal, to, stride, counts[1].equal);
  WriteElements(reader, keys + counts[0].below, counts[0].above, to, stride, counts[1].above);
}

static void PartitionBlock(const Arguments& arguments, const Block& block) {
  const View& input = arguments.inputs[0];
  const PartitionPlan plan = PlanPartition(input);
  if (!plan.select.is_long) return PartitionRows(arguments, plan, block);
  const bool is_by_chunk = block.phase == 2 || block.phase == 4 || block.phase == 6;
  const uint64_t per_row = is_by_chunk ? plan.select.chunks : 1;
  const uint64_t row = block.index / per_row;
  const uint64_t chunk = block.index % per_row;
  std::byte* scratch = arguments.scratch + row * plan.row_bytes;
  KeyReader reader = MakeKeyReader(input, arguments.scalars[1] != 0, false);
  GoToRow(&reader, input, row);
  switch (block.phase) {
    case 0:
      return SelectStart(scratch);
    case 1:
      return SelectDraw(reader, plan.select, scratch, false, [&](uint64_t) { return RankOf(arguments); });
    case 2:
      return SelectCollect(reader, plan.select, scratch, chunk);
    case 3:
      if (reinterpret_cast<SelectState*>(scratch)->found == 0) SelectFind(plan.select, scratch, RankOf(arguments));
      return;
    case 4:
      return DealAroundPivot(reader, plan, scratch, chunk, reinterpret_cast<int64_t*>(block.local));
    case 5:
      return PlaceParts(plan, scratch);
    default:
      return WriteParts(reader, plan, scratch, chunk, arguments.outputs[0], row);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PreparePartition(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  if (input.dtype != output.dtype || input.rank != output.rank || input.rank == 0) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis < input.rank; ++axis) {
    if (input.shape[axis] != output.shape[axis]) return Status::kInvalidArgument;
  }
  if (input.Size() == 0) return Status::kOk;
  const PartitionPlan plan = PlanPartition(input);
  if (!(arguments.scalars[0] >= 0 && arguments.scalars[0] < static_cast<double>(plan.select.n))) {
    return Status::kInvalidArgument;
  }
  layout->local_bytes = plan.local_bytes;
  if (!plan.select.is_long) {
    layout->phase_count = 1;
    layout->phases[0].blocks = (plan.select.rows + plan.select.rows_per_block - 1) / plan.select.rows_per_block;
    return Status::kOk;
  }
  layout->phase_count = 7;
  for (uint32_t phase = 0; phase < 7; ++phase) {
    const bool is_by_chunk = phase == 2 || phase == 4 || phase == 6;
    layout->phases[phase].blocks = plan.select.rows * (is_by_chunk ? plan.select.chunks : 1);
  }
  layout->scratch_bytes = plan.select.rows * plan.row_bytes;
  return Status::kOk;
}

// Another draw for rows whose bounds were wrong.
uint32_t NextOfPartition(const Arguments& arguments, uint32_t phase) {
  const PartitionPlan plan = PlanPartition(arguments.inputs[0]);
  if (phase != 3) return plan.select.is_long ? phase + 1 : 7;
  for (uint64_t row = 0; row < plan.select.rows; ++row) {
    const std::byte* scratch = arguments.scratch + row * plan.row_bytes;
    if (reinterpret_cast<const baseline::SelectState*>(scratch)->found == 0) return 1;
  }
  return 4;
}

}  // namespace

extern const Kernel kPartitionKernel;
const Kernel kPartitionKernel = {
    .name = "partition",
    .version = 1,
    .prepare = PreparePartition,
    .run_block = OFFLOOP_EACH_LEVEL(PartitionBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextOfPartition,
};

}  // namespace offloop
#endif
