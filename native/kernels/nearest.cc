// nearest: for each row of queries [q, d] the k rows of base [n, d] that score best by the metric scalars[0], exactly.
// inputs: queries, base, of one dtype (float32, float64, float16, int8; uint8 for bits), any strides.
// outputs: indices uint32 [q, k] and scores float32 [q, k], k <= n, best first, ties by the lower index; any strides.
// Scores are rounded to float32 and then ranked, so what comes out is in order. The same bits for any number of
// threads; CPU levels may differ by the order of sums and by the fused multiply-add.
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/nearest_plan.h"
#include "kernels/vectors_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/nearest.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/vectors_ops.h"
#include "kernels/vectors_score.h"
#include "kernels/nearest_keys.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
static inline T* At(const Arguments& arguments, int64_t offset) {
  return reinterpret_cast<T*>(arguments.scratch + offset);
}

// The queries of one group: packed, and what the metric wants to know of each.
template <typename Score>
struct PackQueries {
  static void Run(const NearestPlan& plan, const Arguments& arguments, const Block& block) {
    const int64_t first = static_cast<int64_t>(block.index) * kColumnGroup;
    if (first == 0) *At<int64_t>(arguments, 0) = 0;
    const int64_t tile = first / plan.tile;
    const int64_t count = VectorsMin(kColumnGroup, plan.queries - first);
    float* limits = At<float>(arguments, plan.limits_at) + first;
    uint32_t* counts = At<uint32_t>(arguments, plan.counts_at) + first;
    // Nothing is turned away yet; lanes without a query let nothing in.
    for (int64_t i = 0; i < kColumnGroup; ++i) {
      limits[i] = i < count ? __builtin_nanf("") : -__builtin_inff();
      counts[i] = 0;
    }
    if (count <= 0) return;
    const Rows rows = StageRows(arguments.inputs[0], plan.steps, first, count, reinterpret_cast<char*>(block.local));
    auto* asides = At<typename Score::Aside>(arguments, plan.asides_at) + first;
    if constexpr (Score::kNeedsSelf) FindAsides<Score>(rows, plan.steps.count, count, asides);
    for (int64_t i = Score::kNeedsSelf ? count : 0; i < kColumnGroup; ++i) asides[i] = typename Score::Aside{};
    PackColumns<typename Score::Op>(rows, plan.steps.count, first - tile * plan.tile, count, plan.QueriesOf(tile),
                                    At<char>(arguments, plan.panels_at) + tile * plan.tile_bytes);
  }
};

// Limits are lowered by blocks that run at the same time. Relaxed, and a lower one may be lost to another: each that
// was ever there turns away only what is not among the best, so that this costs time and nothing else.
static inline float ReadLimit(const float* at) {
  float limit;
  __atomic_load(at, &limit, __ATOMIC_RELAXED);
  return limit;
}

static inline void LowerLimit(float* at, float limit) {
  const float known = ReadLimit(at);
  if (limit < known || known != known) __atomic_store(at, &limit, __ATOMIC_RELAXED);
}

// The lists of one chunk and one tile, and what limits them.
struct Lists {
  uint64_t* keys;
  uint32_t* counts;
  int64_t list;
  float* limits;  // at least a vector longer than there are queries

  inline void Offer(int64_t query, float rank, int64_t index) {
    uint64_t* heap = keys + query * list;
    const uint32_t most = static_cast<uint32_t>(list);
    OfferKey(heap, counts + query, most, KeyOf(rank, static_cast<uint32_t>(index)));
    if (counts[query] < most) return;
    // The rank of the worst in the list, or what was known before, if that is less.
    const float worst = RankOf(heap[0]);
    if (worst < limits[query] || limits[query] != limits[query]) limits[query] = worst;
  }
};

template <typename Score>
static inline __attribute__((always_inline)) float RankBy(typename Score::Raw raw, typename Score::Aside row,
                                                          typename Score::Aside column) {
  const float score = static_cast<float>(Score::Of(raw, row, column));
  return kIsSimilarity<Score::kOf> ? -score : score;
}

template <typename Score>
struct ScoreChunk {
  using Op = typename Score::Op;
  using Raw = typename Score::Raw;
  using Aside = typename Score::Aside;

  // Rows against few queries, in lines.
  static void Few(const NearestPlan& plan, const Rows& rows, int64_t first, int64_t count, const char* panels,
                  const Aside* columns, int64_t queries, Lists& lists) {
    const int64_t line = LineSteps<Op>(plan.steps.count) * static_cast<int64_t>(sizeof(typename Op::Step));
    Raw raw[64];
    Raw self[64];
    Aside asides[64] = {};
    for (int64_t query = 0; query < queries; ++query) {
      const char* with = panels + query * line;
      bool summed = false;
      if constexpr (Score::kNeedsSelf) {
        if (query == 0) {
          SumLines<Op, true, true>(plan.steps.count, rows.at, rows.row, count, with, raw, self);
          for (int64_t i = 0; i < count; ++i) asides[i] = Score::Aside1(self[i]);
          summed = true;
        }
      }
      if (!summed) SumLines<Op, true, false>(plan.steps.count, rows.at, rows.row, count, with, raw, self);
      for (int64_t i = 0; i < count; ++i) {
        const float rank = RankBy<Score>(raw[i], asides[i], columns[query]);
        if (!(rank > lists.limits[query])) lists.Offer(query, rank, first + i);
      }
    }
  }

  // One row's sums with a strip of queries.
  static void Filter(const Raw* raw, int64_t width, Aside row, const Aside* columns, int64_t query, int64_t queries,
                     int64_t index, Lists& lists) {
    alignas(64) float ranks[kMostStrip + F32Lanes];
    for (int64_t j = 0; j < width; ++j) ranks[j] = RankBy<Score>(raw[j], row, columns[query + j]);
    for (int64_t j = 0; j < width; j += F32Lanes) {
      uint32_t within = WithinLimits(ranks + j, lists.limits + query + j);
      while (within != 0) {
        const int64_t lane = j + __builtin_ctz(within);
        within &= within - 1;
        if (lane < width && query + lane < queries) lists.Offer(query + lane, ranks[lane], index);
      }
    }
  }

  static void Many(const NearestPlan& plan, const Rows& rows, const char* staged, int64_t first, int64_t count,
                   const char* panels, const Aside* columns, int64_t queries, Lists& lists) {
    constexpr int64_t kLanes = kStepLanes<Op>;
    const int64_t steps = plan.steps.count;
    Aside asides[64] = {};
    if constexpr (Score::kNeedsSelf) FindAsides<Score>(rows, steps, count, asides);
    const Strips<Op> strips(queries);
    // The rows after these, if they are in place and in line, are fetched meanwhile: so many lines with each sum.
    const bool ahead = rows.at != staged && rows.row == plan.steps.RowBytes();
    const char* next = rows.at + count * rows.row;
    const int64_t sums = strips.count * VectorsCeil(count, kTileRows);
    const int64_t lines = ahead ? VectorsCeil(count * rows.row, sums * 64) : 0;
    alignas(64) Raw raw[kTileRows * kMostStrip];
    for (int64_t strip = 0; strip < strips.count; ++strip) {
      const int64_t start = strips.First(strip);
      const int64_t vectors = strips.First(strip + 1) - start;
      const int64_t width = vectors * kLanes;
      const char* panel = panels + start * steps * OFFLOOP_VECTOR_BYTES;
      for (int64_t i = 0; i < count; i += kTileRows) {
        const int64_t here = VectorsMin(kTileRows, count - i);
        for (int64_t line = 0; line < lines; ++line) __builtin_prefetch(next + line * 64);
        next += lines * 64;
        SumStrip<Op>(vectors, steps, rows.at + i * rows.row, rows.row, here, panel, raw, width);
        for (int64_t r = 0; r < here; ++r) {
          Filter(raw + r * width, width, asides[i + r], columns, start * kLanes, queries, first + i + r, lists);
        }
      }
    }
  }

  static void Run(const NearestPlan& plan, const Arguments& arguments, const Block& block) {
    const int64_t index = static_cast<int64_t>(block.index);
    const int64_t tile = index % plan.tiles;
    const int64_t slot = index / plan.tiles;
    const int64_t chunk = *At<int64_t>(arguments, 0) + slot;
    if (chunk >= plan.chunks) return;
    const int64_t queries = plan.QueriesOf(tile);
    const int64_t column = tile * plan.tile;
    float* known = At<float>(arguments, plan.limits_at) + column;
    alignas(64) float limits[240 + 64];
    for (int64_t i = 0; i < 240 + 64; ++i) limits[i] = i < queries ? ReadLimit(known + i) : -__builtin_inff();
    Lists lists;
    lists.keys = At<uint64_t>(arguments, plan.lists_at) + (slot * plan.padded + column) * plan.list;
    lists.counts = At<uint32_t>(arguments, plan.list_counts_at) + slot * plan.padded + column;
    lists.list = plan.list;
    lists.limits = limits;
    for (int64_t i = 0; i < queries; ++i) lists.counts[i] = 0;
    const char* panels = At<char>(arguments, plan.panels_at) + tile * plan.tile_bytes;
    const Aside* columns = At<Aside>(arguments, plan.asides_at) + column;

    const int64_t last = VectorsMin(plan.rows, (chunk + 1) * plan.chunk);
    const int64_t at_once = RowsAtOnce(plan.steps);
    for (int64_t first = chunk * plan.chunk; first < last; first += at_once) {
      const int64_t count = VectorsMin(at_once, last - first);
      char* local = reinterpret_cast<char*>(block.local);
      const Rows rows = StageRows(arguments.inputs[1], plan.steps, first, count, local);
      if (AreFew<Op>(queries))
        Few(plan, rows, first, count, panels, columns, queries, lists);
      else
        Many(plan, rows, local, first, count, panels, columns, queries, lists);
    }
    // The worst of fewer than k is no limit.
    for (int64_t i = 0; i < queries && plan.list == plan.k; ++i) LowerLimit(known + i, limits[i]);
  }
};

// The lists of a round go into the best so far.
static void MergeLists(const NearestPlan& plan, const Arguments& arguments, const Block& block, int64_t slots) {
  const int64_t first = static_cast<int64_t>(block.index) * kMergeQueries;
  const int64_t last = VectorsMin(first + kMergeQueries, plan.queries);
  const int64_t here = VectorsMin(slots, plan.chunks - *At<int64_t>(arguments, 0));
  const uint32_t most = static_cast<uint32_t>(plan.k);
  for (int64_t query = first; query < last; ++query) {
    uint64_t* best = At<uint64_t>(arguments, plan.best_at) + query * plan.k;
    uint32_t* count = At<uint32_t>(arguments, plan.counts_at) + query;
    for (int64_t slot = 0; slot < here; ++slot) {
      const int64_t at = slot * plan.padded + query;
      const uint64_t* keys = At<uint64_t>(arguments, plan.lists_at) + at * plan.list;
      const uint32_t length = At<uint32_t>(arguments, plan.list_counts_at)[at];
      for (uint32_t i = 0; i < length; ++i) OfferKey(best, count, most, keys[i]);
    }
    if (*count == most) At<float>(arguments, plan.limits_at)[query] = RankOf(best[0]);
  }
}

static void WriteBest(const NearestPlan& plan, const Arguments& arguments, const Block& block) {
  const View& indices = arguments.outputs[0];
  const View& scores = arguments.outputs[1];
  const bool similar = plan.metric == Metric::kCosine || plan.metric == Metric::kDot;
  const int64_t first = static_cast<int64_t>(block.index) * kMergeQueries;
  const int64_t last = VectorsMin(first + kMergeQueries, plan.queries);
  for (int64_t query = first; query < last; ++query) {
    uint64_t* best = At<uint64_t>(arguments, plan.best_at) + query * plan.k;
    SortKeys(best, static_cast<uint32_t>(plan.k));
    for (int64_t i = 0; i < plan.k; ++i) {
      const float rank = RankOf(best[i]);
      static_cast<uint32_t*>(indices.data)[query * indices.strides[0] + i * indices.strides[1]] =
          static_cast<uint32_t>(best[i]);
      static_cast<float*>(scores.data)[query * scores.strides[0] + i * scores.strides[1]] =
          similar ? 0.0f - rank : rank;
    }
  }
}

}  // namespace

static void NearestBlock(const Arguments& arguments, const Block& block) {
  const NearestPlan plan = PlanNearest(arguments);
  const DType dtype = arguments.inputs[1].dtype;
  if (block.phase == 0) return ForScore<PackQueries>(dtype, plan.metric, plan, arguments, block);
  if (block.phase == kLastMerge + 1) return WriteBest(plan, arguments, block);
  if (block.phase % 2 == 1) return ForScore<ScoreChunk>(dtype, plan.metric, plan, arguments, block);
  MergeLists(plan, arguments, block, plan.rounds[block.phase / 2 - 1]);
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareNearest(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 2 || arguments.output_count != 2) return Status::kInvalidArgument;
  const View& queries = arguments.inputs[0];
  const View& base = arguments.inputs[1];
  const View& indices = arguments.outputs[0];
  const View& scores = arguments.outputs[1];
  const double metric = arguments.scalars[0];
  if (!(metric >= 0 && metric < kMetricCount)) return Status::kInvalidArgument;
  if (queries.rank != 2 || base.rank != 2 || indices.rank != 2 || scores.rank != 2) return Status::kInvalidArgument;
  if (queries.dtype != base.dtype || !Compares(static_cast<Metric>(static_cast<int>(metric)), base.dtype))
    return Status::kInvalidArgument;
  if (indices.dtype != DType::kUint32 || scores.dtype != DType::kFloat32) return Status::kInvalidArgument;
  if (queries.shape[1] != base.shape[1] || base.shape[0] > int64_t{UINT32_MAX}) return Status::kInvalidArgument;
  if (base.dtype == DType::kInt8 && base.shape[1] > kMostInt8) return Status::kInvalidArgument;
  for (int axis = 0; axis < 2; ++axis) {
    if (indices.shape[axis] != scores.shape[axis]) return Status::kInvalidArgument;
  }
  if (indices.shape[0] != queries.shape[0] || indices.shape[1] > base.shape[0]) return Status::kInvalidArgument;
  if (indices.Size() == 0) return Status::kOk;

  const NearestPlan plan = PlanNearest(arguments);
  const int64_t merges = VectorsCeil(plan.queries, kMergeQueries);
  int64_t blocks[kLastMerge + 2] = {plan.padded / kColumnGroup};
  int64_t done = 0;
  int64_t scored = 0;
  for (int i = 0; i < kNearestRounds; ++i) {
    blocks[2 * i + 1] = plan.rounds[i] * plan.tiles;
    blocks[2 * i + 2] = plan.rounds[i] > 0 ? merges : 0;
    scored += blocks[2 * i + 1] + blocks[2 * i + 2];
    done += plan.rounds[i];
  }
  blocks[kLastMerge + 1] = merges;
  const int64_t repeats = done < plan.chunks ? VectorsCeil(plan.chunks - done, plan.rounds[kNearestRounds - 1]) : 0;
  for (int64_t count : blocks) layout->phases[layout->phase_count++].blocks = static_cast<uint64_t>(count);
  layout->blocks_most =
      static_cast<uint64_t>(blocks[0] + scored + repeats * (blocks[kLastMerge - 1] + merges) + merges);
  layout->scratch_bytes = static_cast<uint64_t>(plan.scratch_bytes);
  layout->local_bytes = static_cast<uint64_t>(plan.local_bytes);
  return Status::kOk;
}

// Rounds until no chunk is left.
static uint32_t AfterNearest(const Arguments& arguments, uint32_t phase) {
  if (phase == 0 || phase % 2 == 1) return phase + 1;
  const NearestPlan plan = PlanNearest(arguments);
  int64_t* done = reinterpret_cast<int64_t*>(arguments.scratch);
  *done += plan.rounds[phase / 2 - 1];
  return phase == kLastMerge && *done < plan.chunks ? phase - 1 : phase + 1;
}

extern const Kernel kNearestKernel;
const Kernel kNearestKernel = {
    .name = "nearest",
    .version = 1,
    .prepare = PrepareNearest,
    .run_block = OFFLOOP_EACH_LEVEL(NearestBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = AfterNearest,
};

#endif

}  // namespace offloop
