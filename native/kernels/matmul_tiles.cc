// The blocks of a matrix product: packing B for all, multiplying tiles, moving folded partials into C. Compiled once a
// CPU level, for all kernels that multiply matrices.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/matmul_places.h"
#include "kernels/matmul_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/matmul_tiles.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/floats.h"

#include "kernels/matmul_micro.h"
#include "kernels/matmul_pack.h"
#include "kernels/matmul_tiles.h"
#include "kernels/matmul_vector.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// One tile of C over a run of k.
template <typename T>
struct TileTask {
  const T* a;  // element (0, 0) of the tile's rows at the start of the run
  const T* b;
  T* c;
  int64_t rows, cols, steps;
  int64_t c_row, c_col;
  bool add;
};

// Packed panels of one strip of B against rows of A, packed or not.
template <typename T>
static void MultiplyStrip(const MatmulPlan& plan, const TileTask<T>& task, int64_t done, int64_t steps, const T* panels,
                          T* packed_a) {
  constexpr int64_t kWidth = kMicroCols<T>;
  const T* a = task.a + done * plan.a_col;
  const bool add = task.add || done > 0;
  if (plan.pack_a) PackPanels<T, kMicroRows>(a, plan.a_row, plan.a_col, task.rows, steps, packed_a);
  for (int64_t j = 0; j < task.cols; j += kWidth) {
    const int64_t cols = MatmulMin(kWidth, task.cols - j);
    for (int64_t i = 0; i < task.rows; i += kMicroRows) {
      const int64_t rows = MatmulMin(kMicroRows, task.rows - i);
      T* c = task.c + i * task.c_row + j * task.c_col;
      if (plan.pack_a) {
        MicroRows<T>(steps, packed_a + i * steps, 1, kMicroRows, panels + j * steps, kWidth, rows, cols, c, task.c_row,
                     task.c_col, add);
      } else {
        MicroRows<T>(steps, a + i * plan.a_row, plan.a_row, plan.a_col, panels + j * steps, kWidth, rows, cols, c,
                     task.c_row, task.c_col, add);
      }
    }
  }
}

// Small matrices: B is read where it lies.
template <typename T>
static void MultiplyInPlace(const MatmulPlan& plan, const TileTask<T>& task, int64_t done, int64_t steps, T* packed) {
  constexpr int64_t kLanes = kLanesOf<T>;
  const T* a = task.a + done * plan.a_col;
  const T* b = task.b + done * plan.b_row;
  const bool add = task.add || done > 0;
  for (int64_t j = 0; j < task.cols;) {
    const int64_t left = CeilDivide(task.cols - j, kLanes);
    // Four vectors are two and two, not three and one.
    int64_t vectors = kMicroVectors == 3 && left == 4 ? 2 : MatmulMin(left, kMicroVectors);
    const T* strip = b + j;
    int64_t step = plan.b_row;
    int64_t cols = vectors * kLanes;
    if (j + cols > task.cols && kHasParts) {
      cols = task.cols - j;
    } else if (j + cols > task.cols) {
      // The last columns do not fill their vectors.
      if (add || task.c_col != 1 || task.cols < kLanes) {
        cols = task.cols - j;
        PackPanels<T, kMicroCols<T>>(strip, 1, plan.b_row, cols, steps, packed);
        strip = packed;
        step = kMicroCols<T>;
      } else if (cols <= task.cols) {
        // Take vectors that end with the last column: those they share with the ones before get the same sums again.
        j = task.cols - cols;
        strip = b + j;
      } else {
        cols -= kLanes;
      }
    }
    // Rows in even pieces: a last one of a row or two would wait for its own sums.
    int64_t pieces = CeilDivide(task.rows, kMicroRows);
    for (int64_t i = 0; i < task.rows;) {
      const int64_t rows = CeilDivide(task.rows - i, pieces--);
      MicroRows<T>(steps, a + i * plan.a_row, plan.a_row, plan.a_col, strip, step, rows, cols,
                   task.c + i * task.c_row + j * task.c_col, task.c_row, task.c_col, add);
      i += rows;
    }
    j += cols;
  }
}

// `shared` is the packed copy of this run of B, from column 0 of the matrix; the tile starts at `first_col` of it.
template <typename T>
static void MultiplyTile(const MatmulPlan& plan, const TileTask<T>& task, const T* shared, int64_t first_col,
                         T* local) {
  if (plan.form == MatmulForm::kDot) {
    DotRows<T>(task.a, plan.a_row, task.b, plan.b_row, task.rows, task.steps, task.c, task.c_row, task.add, local);
    return;
  }
  if (plan.form == MatmulForm::kAxpy) {
    AddRows<T>(task.a, plan.a_col, task.b, plan.b_row, task.cols, task.steps, task.c, task.c_col, task.add, local);
    return;
  }
  const int64_t padded = RoundUp(plan.n, plan.ColUnit());
  T* packed_b = plan.pack_a ? local + RoundUp(plan.row_tile, kRowUnit) * MatmulMin(kDepth, task.steps) : local;
  int64_t done = 0;
  do {
    const int64_t steps = MatmulMin(kDepth, task.steps - done);
    if (plan.shared_b) {
      MultiplyStrip<T>(plan, task, done, steps, shared + done * padded + first_col * steps, local);
    } else if (plan.pack_b) {
      PackPanels<T, kMicroCols<T>>(task.b + done * plan.b_row, plan.b_col, plan.b_row, task.cols, steps, packed_b);
      MultiplyStrip<T>(plan, task, done, steps, packed_b, local);
    } else {
      MultiplyInPlace<T>(plan, task, done, steps, packed_b);
    }
    done += kDepth;
  } while (done < task.steps);
}

template <typename T>
static void PackBlock(const MatmulPlan& plan, const Arguments& arguments, int64_t range, int64_t index) {
  const int64_t padded = RoundUp(plan.n, plan.ColUnit());
  const int64_t first = range * plan.range;
  const int64_t length = MatmulMin(plan.range, plan.k - first);
  const int64_t strips = CeilDivide(length, kDepth);
  const int64_t group = index % plan.pack_groups;
  const int64_t done = index / plan.pack_groups % strips * kDepth;
  const int64_t batch = index / plan.pack_groups / strips;
  const int64_t col = group * plan.pack_cols;
  const int64_t cols = MatmulMin(plan.pack_cols, plan.n - col);
  const int64_t steps = MatmulMin(kDepth, length - done);
  const T* b = reinterpret_cast<const T*>(plan.b) + OffsetOfBatch(plan, batch).b + (first + done) * plan.b_row +
               col * plan.b_col;
  T* to = reinterpret_cast<T*>(arguments.scratch) + (batch * plan.range + done) * padded + col * steps;
  PackPanels<T, kMicroCols<T>>(b, plan.b_col, plan.b_row, cols, steps, to);
}

template <typename T>
static void TileBlock(const MatmulPlan& plan, const Arguments& arguments, const Block& block, int64_t range) {
  int64_t index = static_cast<int64_t>(block.index);
  const int64_t chunk = index % plan.chunks;
  index /= plan.chunks;
  const TilePlace place = PlaceOfTile(plan, index % plan.MatrixTiles());
  const int64_t row = place.row;
  const int64_t col = place.col;
  const int64_t group = index / plan.MatrixTiles();
  const int64_t first_batch = group * plan.batch_group;
  const int64_t last_batch = MatmulMin(first_batch + plan.batch_group, plan.batches);
  const int64_t piece = plan.chunks > 1 ? plan.chunk : plan.range;
  const int64_t first = plan.chunks > 1 ? chunk * piece : range * piece;
  const int64_t padded = RoundUp(plan.n, plan.ColUnit());
  for (int64_t batch = first_batch; batch < last_batch; ++batch) {
    const BatchOffset offset = OffsetOfBatch(plan, batch);
    TileTask<T> task;
    task.a = reinterpret_cast<const T*>(plan.a) + offset.a + row * plan.a_row + first * plan.a_col;
    task.b = reinterpret_cast<const T*>(plan.b) + offset.b + first * plan.b_row + col * plan.b_col;
    task.c = reinterpret_cast<T*>(plan.c) + offset.c + row * plan.c_row + col * plan.c_col;
    task.c_row = plan.c_row;
    task.c_col = plan.c_col;
    task.rows = MatmulMin(plan.row_tile, plan.m - row);
    task.cols = MatmulMin(plan.col_tile, plan.n - col);
    task.steps = MatmulMin(piece, plan.k - first);
    task.add = plan.accumulate || range > 0;
    if (plan.chunks > 1) {
      task.c = reinterpret_cast<T*>(block.partial);
      task.c_row = plan.col_tile;
      task.c_col = 1;
      task.add = false;
    }
    const T* shared = reinterpret_cast<const T*>(arguments.scratch) + batch * plan.range * padded;
    MultiplyTile<T>(plan, task, shared, col, reinterpret_cast<T*>(block.local));
  }
}

// Moves one tile's folded partial into C.
template <typename T>
static void WriteBlock(const MatmulPlan& plan, const Arguments& arguments, int64_t index) {
  const int64_t tile_bytes = MatmulPartialBytes(plan);
  const T* from = reinterpret_cast<const T*>(arguments.partials + index * plan.chunks * tile_bytes);
  const TilePlace place = PlaceOfTile(plan, index % plan.MatrixTiles());
  const int64_t row = place.row;
  const int64_t col = place.col;
  const BatchOffset offset = OffsetOfBatch(plan, index / plan.MatrixTiles());
  T* c = reinterpret_cast<T*>(plan.c) + offset.c + row * plan.c_row + col * plan.c_col;
  const int64_t rows = MatmulMin(plan.row_tile, plan.m - row);
  const int64_t cols = MatmulMin(plan.col_tile, plan.n - col);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) {
      T* to = c + i * plan.c_row + j * plan.c_col;
      const T value = from[i * plan.col_tile + j];
      *to = plan.accumulate ? *to + value : value;
    }
  }
}

template <typename T>
static void RunPhase(const MatmulPlan& plan, const Arguments& arguments, const Block& block) {
  const int64_t index = static_cast<int64_t>(block.index);
  if (plan.chunks > 1) {
    if (block.phase == 0)
      TileBlock<T>(plan, arguments, block, 0);
    else
      WriteBlock<T>(plan, arguments, index);
  } else if (plan.shared_b) {
    if (block.phase % 2 == 0)
      PackBlock<T>(plan, arguments, block.phase / 2, index);
    else
      TileBlock<T>(plan, arguments, block, block.phase / 2);
  } else {
    TileBlock<T>(plan, arguments, block, block.phase);
  }
}

}  // namespace

void RunMatmulPhase(const MatmulPlan& plan, const Arguments& arguments, const Block& block) {
  if (plan.is_float)
    RunPhase<float>(plan, arguments, block);
  else
    RunPhase<double>(plan, arguments, block);
}

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
