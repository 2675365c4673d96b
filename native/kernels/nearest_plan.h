// How nearest cuts its work. Queries are packed in tiles; the base is cut in chunks of rows. A block compares one chunk
// with one tile and keeps the best of each query in a list of its own; after a round of chunks the lists are merged
// into the best so far, whose worst is the limit for the next round. Rounds grow, to have a limit early and lower it as
// it pays; within one, the worst in a full list limits blocks that begin later. What is kept in the end does not depend
// on the order: no limit turns away what is among the best, and keys (nearest_keys.h) are all different.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/vectors_plan.h"

namespace offloop {

inline constexpr int kNearestRounds = 4;
// Phases: queries are packed; chunks compared and lists merged, a pair of phases for each round; the best are written.
inline constexpr uint32_t kLastMerge = 2 * kNearestRounds;

struct NearestPlan {
  Metric metric;
  Steps steps;
  int64_t queries, rows, k;
  int64_t tile, tiles, tile_bytes;  // columns of a tile
  int64_t chunk, chunks;            // rows of a chunk
  int64_t rounds[kNearestRounds];   // chunks of each; the last is repeated until all are done
  int64_t list;                     // entries of a list: of one query and one chunk
  int64_t padded;                   // tiles * tile
  int64_t local_bytes;
  // Offsets of working memory; at 0 is the number of chunks that are done.
  int64_t asides_at, panels_at, best_at, counts_at, limits_at, lists_at, list_counts_at, scratch_bytes;

  int64_t QueriesOf(int64_t index) const { return VectorsMin(tile, queries - index * tile); }
};

// Queries that one block merges or writes.
inline constexpr int64_t kMergeQueries = 16;

inline NearestPlan PlanNearest(const Arguments& arguments) {
  const View& queries = arguments.inputs[0];
  const View& base = arguments.inputs[1];
  NearestPlan plan;
  plan.metric = static_cast<Metric>(static_cast<int>(arguments.scalars[0]));
  plan.steps = StepsOf(base.dtype, base.shape[1]);
  plan.queries = queries.shape[0];
  plan.rows = base.shape[0];
  plan.k = arguments.outputs[0].shape[1];
  plan.tile = TileColumns(plan.steps, plan.queries);
  plan.tiles = VectorsCeil(plan.queries, plan.tile);
  plan.padded = plan.tiles * plan.tile;
  plan.tile_bytes = TileBytes(plan.steps, plan.tile);
  plan.chunk = BlockRows(plan.steps, plan.queries < plan.tile ? plan.queries : plan.tile);
  plan.chunks = VectorsCeil(plan.rows, plan.chunk);
  plan.list = VectorsMin(plan.k, plan.chunk);
  const int64_t first = VectorsMax(1, 4 / VectorsMax(plan.tiles, 1));
  const int64_t list_bytes = VectorsMax(plan.padded * plan.list * 8, 8);
  // The lists of a round take 32 MB or so at most.
  const int64_t fit = VectorsMax((int64_t{32} << 20) / list_bytes, first);
  const bool few = plan.chunks <= 8 * first;
  int64_t done = 0;
  int64_t slots = 1;
  for (int i = 0; i < kNearestRounds; ++i) {
    const int64_t left = plan.chunks - done;
    const int64_t wanted = few || i == kNearestRounds - 1 ? left : i == 0 ? first : 3 * done;
    plan.rounds[i] = VectorsMin(VectorsMin(wanted, fit), left);
    done += plan.rounds[i];
    slots = VectorsMax(slots, plan.rounds[i]);
  }

  plan.asides_at = 64;
  plan.panels_at = plan.asides_at + plan.padded * 8;
  plan.best_at = plan.panels_at + plan.tiles * plan.tile_bytes;
  plan.counts_at = plan.best_at + VectorsRound(plan.queries * plan.k * 8, 64);
  plan.limits_at = plan.counts_at + plan.padded * 4;
  plan.lists_at = plan.limits_at + plan.padded * 4;
  plan.list_counts_at = plan.lists_at + slots * VectorsRound(plan.padded * plan.list * 8, 64);
  plan.scratch_bytes = plan.list_counts_at + slots * plan.padded * 4;
  // Rows, staged; while packing, a group of queries.
  plan.local_bytes = VectorsMax(RowsAtOnce(plan.steps), kColumnGroup) * plan.steps.RowBytes() + 64;
  return plan;
}

}  // namespace offloop
