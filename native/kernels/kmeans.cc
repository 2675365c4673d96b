// kmeans: Lloyd's algorithm (1957) from k-means++ or given centroids. input: x [n, d], float32 or float64, any strides;
// where given, centroids [k, d] of the same type. outputs: centroids [k, d] of that type and labels uint32 [n],
// contiguous, which nobody else has. scalars: most iterations, tolerance, seed.
// results: word 0 the inertia, word 1 the iterations (both doubles).
// Sums of clusters run in float64, by chunk of rows, chunks in order: the same bits for any number of threads.
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/kmeans_plan.h"
#include "kernels/vectors_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/kmeans.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/vectors_ops.h"
#include "kernels/vectors_lanes.h"
#include "kernels/kmeans_start.h"
#include "kernels/kmeans_step.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
static void RunPhase(const KmeansPlan& plan, const Arguments& arguments, const Block& block) {
  switch (block.phase) {
    case kPick:
      return PickCentroid<T>(plan, arguments);
    case kMin:
      return MinDistances<T>(plan, arguments, block);
    case kPack:
      return PackCentroids<T>(plan, arguments, static_cast<int64_t>(block.index));
    case kAssign:
    case kLast:
      return AssignRows<T>(plan, arguments, block);
    case kSum:
      return SumClusters<T>(plan, arguments, block);
    case kFold:
      return FoldMeans<T>(plan, arguments, static_cast<int64_t>(block.index));
    case kCheck:
      return CheckShift(plan, arguments);
    case kMove:
      return MoveEmpty<T>(plan, arguments);
    default:
      return OwnDistances<T>(plan, arguments, block, block.phase == kFar);
  }
}

}  // namespace

static void KmeansBlock(const Arguments& arguments, const Block& block) {
  const KmeansPlan plan = PlanKmeans(arguments);
  if (arguments.inputs[0].dtype == DType::kFloat32)
    RunPhase<float>(plan, arguments, block);
  else
    RunPhase<double>(plan, arguments, block);
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareKmeans(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count < 1 || arguments.input_count > 2 || arguments.output_count != 2)
    return Status::kInvalidArgument;
  const View& x = arguments.inputs[0];
  const View& centroids = arguments.outputs[0];
  const View& labels = arguments.outputs[1];
  if (x.rank != 2 || (x.dtype != DType::kFloat32 && x.dtype != DType::kFloat64)) return Status::kInvalidArgument;
  if (centroids.rank != 2 || centroids.dtype != x.dtype || !centroids.IsContiguous()) return Status::kInvalidArgument;
  if (labels.rank != 1 || labels.dtype != DType::kUint32 || !labels.IsContiguous()) return Status::kInvalidArgument;
  if (centroids.shape[1] != x.shape[1] || labels.shape[0] != x.shape[0]) return Status::kInvalidArgument;
  if (centroids.shape[0] < 1 || centroids.shape[0] > x.shape[0] || centroids.shape[0] > int64_t{UINT32_MAX})
    return Status::kInvalidArgument;
  if (arguments.input_count == 2) {
    const View& given = arguments.inputs[1];
    if (given.rank != 2 || given.dtype != x.dtype) return Status::kInvalidArgument;
    if (given.shape[0] != centroids.shape[0] || given.shape[1] != x.shape[1]) return Status::kInvalidArgument;
  }
  if (!(arguments.scalars[0] >= 1) || !(arguments.scalars[1] >= 0)) return Status::kInvalidArgument;
  const double seed = arguments.scalars[2];
  if (!(seed >= 0 && seed <= 9007199254740991)) return Status::kInvalidArgument;

  const KmeansPlan plan = PlanKmeans(arguments);
  int64_t blocks[kKmeansPhases];
  blocks[kPick] = blocks[kCheck] = blocks[kMove] = 1;
  blocks[kMin] = blocks[kFar] = blocks[kInertia] = plan.row_blocks;
  blocks[kPack] = blocks[kFold] = plan.groups;
  blocks[kAssign] = blocks[kLast] = plan.assign_blocks;
  blocks[kSum] = plan.chunks * plan.slices;
  for (int64_t count : blocks) layout->phases[layout->phase_count++].blocks = static_cast<uint64_t>(count);
  const int64_t start = plan.given ? 1 : plan.clusters * (plan.row_blocks + 1);
  const int64_t step = plan.assign_blocks + blocks[kSum] + plan.groups + 1;
  layout->blocks_most =
      static_cast<uint64_t>(start + plan.groups + plan.assign_blocks + plan.row_blocks) +
      static_cast<uint64_t>(plan.most_iterations < 1e6 ? plan.most_iterations : 1e6) * static_cast<uint64_t>(step);
  layout->scratch_bytes = static_cast<uint64_t>(plan.scratch_bytes);
  layout->local_bytes = static_cast<uint64_t>(plan.local_bytes);
  return Status::kOk;
}

static uint32_t AfterKmeans(const Arguments& arguments, uint32_t phase) {
  const KmeansState& state = *reinterpret_cast<const KmeansState*>(arguments.scratch);
  const int64_t clusters = arguments.outputs[0].shape[0];
  switch (phase) {
    case kPick:
      return arguments.input_count > 1 ? kPack : kMin;
    case kMin:
      return state.picked < clusters ? kPick : kPack;
    case kCheck:
      return state.done != 0 ? kLast : state.empty > 0 ? kFar : kAssign;
    case kMove:
      return kPack;
    default:
      return phase + 1;
  }
}

static Status FinishKmeans(const Arguments& arguments) {
  const KmeansPlan plan = PlanKmeans(arguments);
  const double* sums = reinterpret_cast<const double*>(arguments.scratch + plan.row_sums_at);
  double inertia = 0;
  for (int64_t i = 0; i < plan.row_blocks; ++i) inertia += sums[i];
  arguments.results[0].number = inertia;
  arguments.results[1].number =
      static_cast<double>(reinterpret_cast<const KmeansState*>(arguments.scratch)->iterations);
  return Status::kOk;
}

extern const Kernel kKmeansKernel;
const Kernel kKmeansKernel = {
    .name = "kmeans",
    .version = 1,
    .prepare = PrepareKmeans,
    .run_block = OFFLOOP_EACH_LEVEL(KmeansBlock),
    .combine = nullptr,
    .finish = FinishKmeans,
    .next = AfterKmeans,
};

#endif

}  // namespace offloop
