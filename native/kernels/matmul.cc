// matmul: C[..., i, j] = sum over p of A[..., i, p] B[..., p, j], added to C when scalars[0] is 1; float32 or float64.
// inputs: A [..., m, k] and B [..., k, n], output C [..., m, n], of one rank >= 2 and any strides. C overlaps neither.
// Sums run in the order of p within packed strips, strips and chunks in a fixed order: the same bits for any number of
// threads. CPU levels may differ, as the higher ones fuse multiply and add.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/matmul_layout.h"
#include "kernels/matmul_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/matmul.cc"
#include "simd/foreach_level.h"

#include "kernels/matmul_tiles.h"

namespace offloop {
namespace OFFLOOP_LEVEL {

static void MatmulBlock(const Arguments& arguments, const Block& block) {
  RunMatmulPhase(PlanMatmul(arguments), arguments, block);
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareMatmul(const Arguments& arguments, Layout* layout) {
  const Status status = CheckMatmul(arguments);
  if (status == Status::kOk) LayOutMatmul(PlanMatmul(arguments), layout);
  return status;
}

static void CombineMatmul(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  FoldMatmul(PlanMatmul(arguments), into, from);
}

extern const Kernel kMatmulKernel;
const Kernel kMatmulKernel = {
    "matmul", 1, PrepareMatmul, OFFLOOP_EACH_LEVEL(MatmulBlock), CombineMatmul, nullptr,
};

#endif

}  // namespace offloop
