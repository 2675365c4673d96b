// gram: C[..., i, j] = sum over p of A[..., i, p] A[..., j, p], added to C when scalars[0] is 1; float32 or float64.
// inputs: A [..., m, k], and the same elements as its transpose [..., k, m]; output C [..., m, m], of one rank >= 2 and
// any strides. C does not overlap A. Tiles on and above the diagonal are multiplied as matmul does it, with its
// promises; then the triangle is mirrored, so that C is symmetric bit by bit.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/matmul_layout.h"
#include "kernels/matmul_places.h"
#include "kernels/matmul_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/gram.cc"
#include "simd/foreach_level.h"

#include "kernels/matmul_tiles.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Copies what lies above the diagonal in a square of C to the place across it.
template <typename T>
static __attribute__((noinline)) void MirrorSquare(T* c, int64_t c_row, int64_t c_col, int64_t row, int64_t rows,
                                                   int64_t col, int64_t cols) {
  for (int64_t j = col; j < cols; ++j) {
    const int64_t last = MatmulMin(rows, j);
    for (int64_t i = row; i < last; ++i) c[j * c_row + i * c_col] = c[i * c_row + j * c_col];
  }
}

// The same for one tile of C.
template <typename T>
static __attribute__((noinline)) void MirrorBlock(const MatmulPlan& plan, int64_t index) {
  constexpr int64_t kSide = 16;
  const TilePlace place = PlaceOfTile(plan, index % plan.MatrixTiles());
  const int64_t last_row = MatmulMin(plan.m, place.row + plan.row_tile);
  const int64_t last_col = MatmulMin(plan.n, place.col + plan.col_tile);
  const int64_t first_batch = index / plan.MatrixTiles() * plan.batch_group;
  const int64_t last_batch = MatmulMin(first_batch + plan.batch_group, plan.batches);
  for (int64_t batch = first_batch; batch < last_batch; ++batch) {
    T* c = reinterpret_cast<T*>(plan.c) + OffsetOfBatch(plan, batch).c;
    for (int64_t row = place.row; row < last_row; row += kSide) {
      for (int64_t col = place.col; col < last_col; col += kSide) {
        const int64_t rows = MatmulMin(last_row, row + kSide);
        const int64_t cols = MatmulMin(last_col, col + kSide);
        MirrorSquare(c, plan.c_row, plan.c_col, row, rows, col, cols);
      }
    }
  }
}

}  // namespace

static void GramBlock(const Arguments& arguments, const Block& block) {
  const MatmulPlan plan = PlanMatmul(arguments, true);
  if (block.phase < MatmulPhases(plan))
    RunMatmulPhase(plan, arguments, block);
  else if (plan.is_float)
    MirrorBlock<float>(plan, static_cast<int64_t>(block.index));
  else
    MirrorBlock<double>(plan, static_cast<int64_t>(block.index));
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareGram(const Arguments& arguments, Layout* layout) {
  const Status status = CheckMatmul(arguments);
  if (status != Status::kOk) return status;
  const View& a = arguments.inputs[0];
  const View& b = arguments.inputs[1];
  for (uint32_t axis = 0; axis < a.rank; ++axis) {
    const uint32_t other = axis + 2 < a.rank ? axis : 2 * a.rank - 3 - axis;
    if (a.shape[axis] != b.shape[other] || a.strides[axis] != b.strides[other]) return Status::kInvalidArgument;
  }
  const MatmulPlan plan = PlanMatmul(arguments, true);
  LayOutMatmul(plan, layout);
  if (layout->phase_count > 0) layout->phases[layout->phase_count++].blocks = static_cast<uint64_t>(plan.Tiles());
  return Status::kOk;
}

static void CombineGram(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  FoldMatmul(PlanMatmul(arguments, true), into, from);
}

extern const Kernel kGramKernel;
const Kernel kGramKernel = {
    "gram", 1, PrepareGram, OFFLOOP_EACH_LEVEL(GramBlock), CombineGram, nullptr,
};

#endif

}  // namespace offloop
