// rank: ranks from 1, float64 in outputs[0], of rows (the last axis) of which inputs[0] (uint32) has the sorted order
// and inputs[1] (uint8) which element of that order equals the one before it: nobody else's memory, made by argsort.
// inputs[2] are the elements, of which only the last in order are looked at: those that are NaN have the rank NaN.
// scalars[0] is what equals get: 0 the average of their ranks, 1 the least, 2 the greatest, 3 the number of the value,
// 4 ranks in the order of the input.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/rank.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/order_keys.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr uint64_t kRankChunk = 65536;

// Of a chunk of a row: how many values begin in it, and where the first and the last do; later, what the chunks
// around it know.
struct RankChunk {
  uint64_t values;
  uint64_t first;  // of the values that begin here, n if none
  uint64_t last;
  uint64_t before;  // values that begin before
  uint64_t open;    // where the value begins that the chunk begins with
  uint64_t close;   // where the first value after the chunk begins
  uint64_t end;     // where the last value of the row begins
};

struct RankRow {
  const uint32_t* order;
  const uint8_t* flags;
  double* to;
  int64_t stride;
  uint64_t n;
  uint64_t numbers;  // elements from here on are NaN
};

static inline RankRow RankRowAt(const Arguments& arguments, uint64_t row) {
  const View& order = arguments.inputs[0];
  RankRow parts;
  parts.n = static_cast<uint64_t>(order.shape[order.rank - 1]);
  parts.order = static_cast<const uint32_t*>(order.data) + row * parts.n;
  parts.flags = static_cast<const uint8_t*>(arguments.inputs[1].data) + row * parts.n;
  parts.to = static_cast<double*>(RowOf(arguments.outputs[0], row));
  parts.stride = SortStride(arguments.outputs[0]);
  parts.numbers = parts.n;
  return parts;
}

// Where the last value begins, if it is NaN; else n.
static inline uint64_t NumbersOf(const Arguments& arguments, uint64_t row, const RankRow& parts, uint64_t last_value) {
  const View& elements = arguments.inputs[2];
  if (!IsFloatDType(elements.dtype)) return parts.n;
  KeyReader reader = MakeKeyReader(elements, false, false);
  GoToRow(&reader, elements, row);
  return ReadKey(reader, parts.order[parts.n - 1]) == NaNKey(reader) ? last_value : parts.n;
}

// Ranks of the elements at places first .. last - 1 of the order.
static inline void WriteRanks(const RankRow& row, uint32_t method, uint64_t first, uint64_t last,
                              const RankChunk& chunk) {
  uint64_t start = chunk.open;
  uint64_t values = chunk.before;
  for (uint64_t i = first; i < last;) {
    if (row.flags[i] == 0) {
      start = i;
      ++values;
    }
    uint64_t end = i + 1;
    while (end < last && row.flags[end] != 0) ++end;
    // Equals may go on in the chunks that follow.
    const uint64_t stop = end < last ? end : chunk.close;
    double rank = static_cast<double>(start + 1);
    if (start >= row.numbers) {
      rank = __builtin_nan("");
    } else if (method == 0) {
      rank = (static_cast<double>(start + 1) + static_cast<double>(stop)) / 2;
    } else if (method == 2) {
      rank = static_cast<double>(stop);
    } else if (method == 3) {
      rank = static_cast<double>(values);
    }
    const bool counts = method == 4 && start < row.numbers;
    for (; i < end; ++i) {
      row.to[static_cast<int64_t>(row.order[i]) * row.stride] = counts ? static_cast<double>(i + 1) : rank;
    }
  }
}

static inline void LookAtRanks(const RankRow& row, uint64_t first, uint64_t last, RankChunk* chunk) {
  uint64_t values = 0;
  for (uint64_t i = first; i < last; ++i) values += row.flags[i] == 0 ? 1 : 0;
  chunk->values = values;
  chunk->first = chunk->last = row.n;
  if (values == 0) return;
  chunk->first = first;
  while (row.flags[chunk->first] != 0) ++chunk->first;
  chunk->last = last - 1;
  while (row.flags[chunk->last] != 0) --chunk->last;
}

static inline void JoinRanks(uint64_t n, RankChunk* chunks, uint64_t count) {
  uint64_t before = 0;
  uint64_t open = 0;
  for (uint64_t c = 0; c < count; ++c) {
    chunks[c].before = before;
    chunks[c].open = open;
    before += chunks[c].values;
    if (chunks[c].values > 0) open = chunks[c].last;
  }
  uint64_t close = n;
  const uint64_t end = open;
  for (uint64_t c = count; c-- > 0;) {
    chunks[c].close = close;
    chunks[c].end = end;
    if (chunks[c].values > 0) close = chunks[c].first;
  }
}

static void RankBlock(const Arguments& arguments, const Block& block) {
  const View& order = arguments.inputs[0];
  const uint64_t n = static_cast<uint64_t>(order.shape[order.rank - 1]);
  const uint32_t method = static_cast<uint32_t>(arguments.scalars[0]);
  const uint64_t chunks = (n + kRankChunk - 1) / kRankChunk;
  if (chunks == 1) {
    const uint64_t rows = static_cast<uint64_t>(order.Size()) / n;
    const uint64_t step = kRankChunk / n;
    const uint64_t end = rows - block.index * step < step ? rows : (block.index + 1) * step;
    const RankChunk whole = {0, 0, 0, 0, 0, n, 0};
    for (uint64_t row = block.index * step; row < end; ++row) {
      RankRow parts = RankRowAt(arguments, row);
      uint64_t last_value = n - 1;
      while (last_value > 0 && parts.flags[last_value] != 0) --last_value;
      parts.numbers = NumbersOf(arguments, row, parts, last_value);
      WriteRanks(parts, method, 0, n, whole);
    }
    return;
  }
  const uint64_t row = block.phase == 1 ? block.index : block.index / chunks;
  RankChunk* of_row = reinterpret_cast<RankChunk*>(arguments.scratch) + row * chunks;
  if (block.phase == 1) return JoinRanks(n, of_row, chunks);
  const uint64_t first = block.index % chunks * kRankChunk;
  const uint64_t last = n - first < kRankChunk ? n : first + kRankChunk;
  RankRow parts = RankRowAt(arguments, row);
  RankChunk* chunk = of_row + block.index % chunks;
  if (block.phase == 0) return LookAtRanks(parts, first, last, chunk);
  parts.numbers = NumbersOf(arguments, row, parts, chunk->end);
  WriteRanks(parts, method, first, last, *chunk);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

using baseline::kRankChunk;

Status PrepareRank(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 3 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& order = arguments.inputs[0];
  const View& flags = arguments.inputs[1];
  const View& elements = arguments.inputs[2];
  const View& output = arguments.outputs[0];
  if (order.dtype != DType::kUint32 || flags.dtype != DType::kUint8 || output.dtype != DType::kFloat64) {
    return Status::kInvalidArgument;
  }
  if (!order.IsContiguous() || !flags.IsContiguous() || order.rank == 0) return Status::kInvalidArgument;
  if (order.rank != flags.rank || order.rank != elements.rank || order.rank != output.rank) {
    return Status::kInvalidArgument;
  }
  for (uint32_t axis = 0; axis < order.rank; ++axis) {
    const int64_t extent = order.shape[axis];
    if (flags.shape[axis] != extent || elements.shape[axis] != extent || output.shape[axis] != extent) {
      return Status::kInvalidArgument;
    }
  }
  if (order.Size() == 0) return Status::kOk;
  const uint64_t n = static_cast<uint64_t>(order.shape[order.rank - 1]);
  const uint64_t rows = static_cast<uint64_t>(order.Size()) / n;
  const uint64_t chunks = (n + kRankChunk - 1) / kRankChunk;
  if (chunks == 1) {
    layout->phase_count = 1;
    layout->phases[0].blocks = (rows + kRankChunk / n - 1) / (kRankChunk / n);
  } else {
    layout->phase_count = 3;
    layout->phases[0].blocks = layout->phases[2].blocks = rows * chunks;
    layout->phases[1].blocks = rows;
    layout->scratch_bytes = rows * chunks * sizeof(baseline::RankChunk);
  }
  return Status::kOk;
}

}  // namespace

extern const Kernel kRankKernel;
const Kernel kRankKernel = {
    .name = "rank",
    .version = 1,
    .prepare = PrepareRank,
    .run_block = OFFLOOP_EACH_LEVEL(RankBlock),
    .combine = nullptr,
    .finish = nullptr,
};

}  // namespace offloop
#endif
