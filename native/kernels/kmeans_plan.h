// How kmeans cuts its work, and the phases it goes through:
//
//   kPick ⇄ kMin ─→ kPack → kAssign → kSum → kFold → kCheck ─→ kLast → kInertia
//                     ↑        ↑                       │
//                     │        └───────────────────────┤ not yet
//                     └───────── kMove ← kFar ←────────┘ a cluster is empty
//
// Blocks are cut by rows of x, or by groups of centroids. Sums of clusters are kept by chunk of rows, and folded in the
// order of chunks.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/vectors_plan.h"

namespace offloop {

enum KmeansPhase : uint32_t {
  kPick,     // one block: the next centroid of the start, or all of them where they are given
  kMin,      // rows: how far each is from the centroids picked so far
  kPack,     // centroids: as columns
  kAssign,   // rows: their nearest centroids
  kSum,      // rows and columns of x: sums of clusters
  kFold,     // centroids: means; packed again
  kCheck,    // one block: whether it has converged
  kFar,      // rows: how far each is from its centroid
  kMove,     // one block: empty clusters go to the rows that are farthest
  kLast,     // rows: their nearest centroids, at the end
  kInertia,  // rows: squared distances
  kKmeansPhases,
};

struct KmeansState {
  int64_t picked, iterations, done, empty;
  double variance;  // mean of the columns'
};

struct KmeansPlan {
  Steps steps;
  int64_t rows, length, clusters;
  int64_t padded, groups;              // centroids in groups of kColumnGroup
  int64_t row_block, row_blocks;       // of kMin, kFar, kInertia
  int64_t assign_rows, assign_blocks;  // of kAssign
  int64_t chunk, chunks;               // rows of kSum
  int64_t slice, slices;               // columns of kSum
  double most_iterations, tolerance;
  bool given;
  // Offsets of working memory; at 0 is the state.
  int64_t halves_at, panels_at, distances_at, row_sums_at, sums_at, counts_at, squares_at, shifts_at, sizes_at;
  int64_t scratch_bytes;
  int64_t raw_at, local_bytes;
};

inline KmeansPlan PlanKmeans(const Arguments& arguments) {
  const View& x = arguments.inputs[0];
  KmeansPlan plan;
  plan.steps = StepsOf(x.dtype, x.shape[1]);
  plan.rows = x.shape[0];
  plan.length = x.shape[1];
  plan.clusters = arguments.outputs[0].shape[0];
  plan.most_iterations = arguments.scalars[0];
  plan.tolerance = arguments.scalars[1];
  plan.given = arguments.input_count > 1;
  plan.padded = VectorsRound(plan.clusters, kColumnGroup);
  plan.groups = plan.padded / kColumnGroup;
  const int64_t elements = VectorsMax(plan.length, 1);
  plan.row_block = VectorsMin(VectorsMax((int64_t{1} << 19) / elements, 16), 4096);
  plan.row_blocks = VectorsCeil(plan.rows, plan.row_block);
  plan.assign_rows = VectorsMin(BlockRows(plan.steps, plan.padded), 4096);
  plan.assign_blocks = VectorsCeil(plan.rows, plan.assign_rows);
  // The sums of all chunks take no more than x does, or 32 MB.
  const int64_t sum_bytes = VectorsMax(plan.clusters * plan.length * 8, 8);
  const int64_t budget = VectorsMax(int64_t{32} << 20, plan.rows * plan.steps.RowBytes());
  const int64_t most_chunks = VectorsMax(1, budget / sum_bytes);
  plan.chunk = VectorsMax(4096, VectorsCeil(plan.rows, most_chunks));
  plan.chunks = VectorsCeil(plan.rows, plan.chunk);
  const int64_t slices = VectorsCeil(plan.chunk * elements, int64_t{1} << 19);
  plan.slice = VectorsRound(VectorsCeil(elements, slices), 16);
  plan.slices = VectorsCeil(elements, plan.slice);

  int64_t at = 64;
  const auto take = [&at](int64_t bytes) {
    const int64_t here = at;
    at += VectorsRound(bytes, 64);
    return here;
  };
  plan.halves_at = take(plan.padded * 8);
  plan.panels_at = take(TileBytes(plan.steps, plan.padded));
  plan.distances_at = take(plan.rows * plan.steps.bytes);
  plan.row_sums_at = take(plan.row_blocks * 8);
  plan.sums_at = take(plan.chunks * plan.clusters * plan.length * 8);
  plan.counts_at = take(plan.chunks * plan.clusters * 8);
  plan.squares_at = take(plan.chunks * plan.slices * 8);
  plan.shifts_at = take(plan.clusters * 8);
  plan.sizes_at = take(plan.clusters * 8);
  plan.scratch_bytes = at;
  plan.raw_at = VectorsRound(VectorsMax(RowsAtOnce(plan.steps), kColumnGroup) * plan.steps.RowBytes(), 64);
  plan.local_bytes = plan.raw_at + (kRowGroup + 2) * plan.padded * 8 + plan.steps.RowBytes() + 128;
  return plan;
}

// Random bits by counter: the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
// Generators", 2014) over seed + (counter + 1) golden ratios. The reference has the same.
inline uint64_t KmeansBits(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace offloop
