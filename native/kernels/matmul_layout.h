// What products of matrices share outside of their blocks: checks, the layout of phases, the folding of partials.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/matmul_plan.h"

namespace offloop {
namespace {

inline Status CheckMatmul(const Arguments& arguments) {
  if (arguments.input_count != 2 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& a = arguments.inputs[0];
  const View& b = arguments.inputs[1];
  const View& c = arguments.outputs[0];
  const uint32_t rank = c.rank;
  if (rank < 2 || a.rank != rank || b.rank != rank) return Status::kInvalidArgument;
  if (a.dtype != c.dtype || b.dtype != c.dtype) return Status::kInvalidArgument;
  if (c.dtype != DType::kFloat32 && c.dtype != DType::kFloat64) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis + 2 < rank; ++axis) {
    if (a.shape[axis] != c.shape[axis] || b.shape[axis] != c.shape[axis]) return Status::kInvalidArgument;
  }
  if (a.shape[rank - 2] != c.shape[rank - 2] || b.shape[rank - 1] != c.shape[rank - 1]) return Status::kInvalidArgument;
  if (a.shape[rank - 1] != b.shape[rank - 2]) return Status::kInvalidArgument;
  return Status::kOk;
}

inline void LayOutMatmul(const MatmulPlan& plan, Layout* layout) {
  const int64_t tiles = plan.Tiles();
  if (tiles == 0) return;
  layout->local_bytes = static_cast<uint64_t>(MatmulLocalBytes(plan));
  if (plan.chunks > 1) {
    layout->phases[0].blocks = static_cast<uint64_t>(tiles * plan.chunks);
    layout->phases[0].partial_bytes = static_cast<uint32_t>(MatmulPartialBytes(plan));
    layout->phases[0].group = static_cast<uint64_t>(plan.chunks);
    layout->phases[1].blocks = static_cast<uint64_t>(tiles);
    layout->phase_count = 2;
    return;
  }
  for (int64_t range = 0; range < plan.ranges; ++range) {
    if (plan.shared_b) {
      const int64_t length = MatmulMin(plan.range, plan.k - range * plan.range);
      layout->phases[layout->phase_count++].blocks =
          static_cast<uint64_t>(plan.batches * CeilDivide(length, kDepth) * plan.pack_groups);
    }
    layout->phases[layout->phase_count++].blocks = static_cast<uint64_t>(tiles);
  }
  if (plan.shared_b) {
    layout->scratch_bytes =
        static_cast<uint64_t>(plan.batches * plan.range * RoundUp(plan.n, plan.ColUnit()) * plan.ElementBytes());
  }
}

template <typename T>
inline void AddPartial(std::byte* into, const std::byte* from, int64_t bytes) {
  T* sums = reinterpret_cast<T*>(into);
  const T* others = reinterpret_cast<const T*>(from);
  for (int64_t i = 0; i < bytes / static_cast<int64_t>(sizeof(T)); ++i) sums[i] += others[i];
}

inline void FoldMatmul(const MatmulPlan& plan, std::byte* into, const std::byte* from) {
  const int64_t bytes = MatmulPartialBytes(plan);
  if (plan.is_float)
    AddPartial<float>(into, from, bytes);
  else
    AddPartial<double>(into, from, bytes);
}

}  // namespace
}  // namespace offloop
