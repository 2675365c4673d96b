// How pairwise cuts its work: rows of b are packed in tiles of columns, rows of a cut in chunks; a block is one chunk
// against one tile.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/vectors_plan.h"

namespace offloop {

struct PairwisePlan {
  Metric metric;
  Steps steps;
  int64_t rows, columns;
  int64_t tile, tiles, tile_bytes;
  int64_t chunk, chunks;
  int64_t panels_at, scratch_bytes;  // what the metric wants to know of each column is at 0
  int64_t raw_at, local_bytes;       // staged rows are at 0

  int64_t ColumnsOf(int64_t index) const { return VectorsMin(tile, columns - index * tile); }
};

// A result from here up goes past the caches.
inline constexpr int64_t kStreamBytes = int64_t{32} << 20;

inline PairwisePlan PlanPairwise(const Arguments& arguments) {
  const View& a = arguments.inputs[0];
  PairwisePlan plan;
  plan.metric = static_cast<Metric>(static_cast<int>(arguments.scalars[0]));
  plan.steps = StepsOf(a.dtype, a.shape[1]);
  plan.rows = a.shape[0];
  plan.columns = arguments.inputs[1].shape[0];
  plan.tile = TileColumns(plan.steps, plan.columns);
  plan.tiles = VectorsCeil(plan.columns, plan.tile);
  plan.tile_bytes = TileBytes(plan.steps, plan.tile);
  plan.chunk = BlockRows(plan.steps, VectorsMin(plan.columns, plan.tile) + 32);
  plan.chunks = VectorsCeil(plan.rows, plan.chunk);
  plan.panels_at = plan.tiles * plan.tile * 8;
  plan.scratch_bytes = plan.panels_at + plan.tiles * plan.tile_bytes;
  plan.raw_at = VectorsRound(VectorsMax(RowsAtOnce(plan.steps), kColumnGroup) * plan.steps.RowBytes(), 64);
  plan.local_bytes = plan.raw_at + kRowGroup * plan.tile * 8;
  return plan;
}

}  // namespace offloop
