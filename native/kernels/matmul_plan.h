// How one product is cut into blocks: a pure function of shapes, strides and dtype, computed again by every block.
//
// The blocking is that of Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), and of
// BLIS (Van Zee & van de Geijn, 2015): a strip of B stays in L1, a packed tile of A in L2, packed B in L3.
// What every tile has to do is fixed here and not by who runs it, so results do not depend on threads.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {

// Tiles start at multiples of these, which every level's register tile divides.
constexpr int64_t kRowUnit = 8;
constexpr int64_t kColBytesUnit = 192;  // 24 columns of float64, 48 of float32
// Depth of a packed strip.
constexpr int64_t kDepth = 256;

enum class MatmulForm : uint8_t {
  kTiles,  // tiles of C by a register kernel
  kDot,    // n is 1 and rows of A are contiguous: y = A x by dot products
  kAxpy,   // m is 1 and rows of B are contiguous: y = x B by adding rows
};

struct MatmulPlan {
  bool is_float;  // float32, else float64
  bool accumulate;
  bool symmetric;  // B is A the other way round: tiles on and above the diagonal of C alone, which are square
  MatmulForm form;
  bool pack_a;    // copy tiles of A into panels; else the register kernel strides through A itself
  bool pack_b;    // the same for B, by the block that needs it
  bool shared_b;  // B is packed once for all blocks, by phases of its own
  int64_t m, n, k;
  int64_t a_row, a_col, b_row, b_col, c_row, c_col;
  const std::byte* a;
  const std::byte* b;
  std::byte* c;

  // Leading axes, those that can be merged merged.
  uint32_t batch_rank;
  int64_t batches;
  int64_t batch_shape[kMaxRank], batch_a[kMaxRank], batch_b[kMaxRank], batch_c[kMaxRank];

  int64_t row_tile, col_tile, row_tiles, col_tiles;
  int64_t batch_group;  // matrices a block; more than 1 only where a matrix is one tile
  int64_t batch_groups;
  int64_t chunk, chunks;           // k is cut into `chunks` blocks whose partials are folded; 1 writes C at once
  int64_t range, ranges;           // or into `ranges` runs of phases that add to C one after another
  int64_t pack_cols, pack_groups;  // columns of B that one packing block packs

  int64_t ElementBytes() const { return is_float ? 4 : 8; }
  int64_t ColUnit() const { return kColBytesUnit / ElementBytes(); }
  // Of one matrix.
  int64_t MatrixTiles() const { return symmetric ? row_tiles * (row_tiles + 1) / 2 : row_tiles * col_tiles; }
  int64_t Tiles() const { return batch_groups * MatrixTiles(); }
};

inline int64_t MatmulMin(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t MatmulMax(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t RoundUp(int64_t a, int64_t unit) { return CeilDivide(a, unit) * unit; }

// Pieces of at most `most`, of nearly equal length, each but the last a multiple of `unit`.
inline int64_t EvenPiece(int64_t length, int64_t most, int64_t unit) {
  most = MatmulMax(unit, most / unit * unit);
  const int64_t pieces = CeilDivide(length, most);
  return MatmulMax(unit, RoundUp(CeilDivide(length, pieces), unit));
}

template <typename T>
void MatmulSwap(T& a, T& b) {
  const T old = a;
  a = b;
  b = old;
}

// C = A B is also C' = B' A'.
inline void TransposePlan(MatmulPlan* plan) {
  MatmulSwap(plan->m, plan->n);
  MatmulSwap(plan->a, plan->b);
  const int64_t a_row = plan->a_row, a_col = plan->a_col;
  plan->a_row = plan->b_col;
  plan->a_col = plan->b_row;
  plan->b_row = a_col;
  plan->b_col = a_row;
  MatmulSwap(plan->c_row, plan->c_col);
  for (uint32_t axis = 0; axis < plan->batch_rank; ++axis) MatmulSwap(plan->batch_a[axis], plan->batch_b[axis]);
}

inline void ReadBatchAxes(const Arguments& arguments, MatmulPlan* plan) {
  const View& a = arguments.inputs[0];
  const View& b = arguments.inputs[1];
  const View& c = arguments.outputs[0];
  uint32_t rank = 0;
  plan->batches = 1;
  for (uint32_t axis = 0; axis + 2 < c.rank; ++axis) {
    const int64_t length = c.shape[axis];
    plan->batches *= length;
    if (length == 1) continue;
    if (rank > 0 && plan->batch_a[rank - 1] == length * a.strides[axis] &&
        plan->batch_b[rank - 1] == length * b.strides[axis] && plan->batch_c[rank - 1] == length * c.strides[axis]) {
      --rank;
      plan->batch_shape[rank] *= length;
    } else {
      plan->batch_shape[rank] = length;
    }
    plan->batch_a[rank] = a.strides[axis];
    plan->batch_b[rank] = b.strides[axis];
    plan->batch_c[rank] = c.strides[axis];
    ++rank;
  }
  plan->batch_rank = rank;
}

// Many matrices times one are one tall matrix times it, where their rows follow one another at one stride.
inline void MergeBatchIntoRows(MatmulPlan* plan) {
  while (plan->batch_rank > 0) {
    const uint32_t last = plan->batch_rank - 1;
    if (plan->batch_b[last] != 0) return;
    if (plan->m == 1) {
      plan->a_row = plan->batch_a[last];
      plan->c_row = plan->batch_c[last];
    } else if (plan->batch_a[last] != plan->m * plan->a_row || plan->batch_c[last] != plan->m * plan->c_row) {
      return;
    }
    plan->m *= plan->batch_shape[last];
    plan->batches /= plan->batch_shape[last];
    plan->batch_rank = last;
  }
}

inline void ChooseForm(MatmulPlan* plan) {
  plan->form = MatmulForm::kTiles;
  const bool column = plan->n == 1 && plan->m > 1;
  if (column && plan->a_col != 1 && plan->a_row == 1)
    TransposePlan(plan);
  else if (plan->m == 1 && plan->b_col != 1 && plan->b_row == 1)
    TransposePlan(plan);
  else if (plan->m > 1 && plan->n > 1 && plan->c_col != 1 && plan->c_row == 1)
    TransposePlan(plan);
  if (plan->n == 1 && (plan->a_col == 1 || plan->k == 1))
    plan->form = MatmulForm::kDot;
  else if (plan->m == 1 && (plan->b_col == 1 || plan->n == 1))
    plan->form = MatmulForm::kAxpy;
}

// Memory is what limits these: a block reads about a megabyte of the matrix.
inline void CutVector(MatmulPlan* plan) {
  const int64_t elements = (int64_t{1} << 20) / plan->ElementBytes();
  const int64_t lanes = 64 / plan->ElementBytes();
  const bool dot = plan->form == MatmulForm::kDot;
  const int64_t longest = dot ? 1 << 16 : 1 << 14;
  plan->row_tile = plan->col_tile = 1;
  const int64_t length = dot ? plan->m : plan->n;
  int64_t tile;
  if (dot) {
    tile = EvenPiece(length, elements / MatmulMax(1, MatmulMin(plan->k, longest)), 4);
    plan->row_tile = tile;
  } else {
    tile = EvenPiece(length, 16384 / plan->ElementBytes(), lanes);
    plan->col_tile = tile;
  }
  plan->chunk = EvenPiece(MatmulMax(1, plan->k), MatmulMax(256, elements / MatmulMin(tile, length)), 64);
  if (tile >= length && plan->chunk >= plan->k) {
    plan->batch_group = MatmulMin(plan->batches, MatmulMax(1, elements / (length * MatmulMax(1, plan->k))));
  }
}

inline void CutTiles(MatmulPlan* plan) {
  const int64_t unit = plan->ColUnit();
  const double work = static_cast<double>(plan->m) * plan->n * plan->k * plan->batches;
  const int64_t most = int64_t{1} << (plan->is_float ? 25 : 24);
  const int64_t least = int64_t{1} << 20;
  int64_t budget = most;
  if (work / 24 < most) budget = MatmulMax(least, static_cast<int64_t>(work / 24));

  plan->range = plan->k;
  const double matrix = static_cast<double>(plan->m) * plan->n * plan->k;
  if (matrix <= (plan->is_float ? 600000 : 300000)) {
    plan->row_tile = plan->m;
    plan->col_tile = plan->n;
    const int64_t one = MatmulMax(1, static_cast<int64_t>(matrix));
    plan->batch_group = MatmulMin(plan->batches, MatmulMax(1, budget / one));
    plan->pack_a = false;
    plan->pack_b = plan->b_col != 1;
    return;
  }

  const int64_t depth = MatmulMin(plan->k, 2 * kDepth);
  const int64_t area = MatmulMax(kRowUnit * unit, budget / depth);
  int64_t rows = area < 64 * 1024 ? 72 : 120;
  int64_t cols = area / MatmulMin(rows, plan->m);
  plan->col_tile = EvenPiece(plan->n, MatmulMin(cols, 1056), unit);
  if (plan->n <= plan->col_tile) rows = MatmulMin(480, MatmulMax(rows, area / plan->n));
  plan->row_tile = EvenPiece(plan->m, rows, kRowUnit);
  // Squares, of which the diagonal cuts off few.
  if (plan->symmetric) plan->row_tile = plan->col_tile = EvenPiece(plan->n, plan->n <= 512 ? 96 : 192, unit);
  plan->row_tiles = CeilDivide(plan->m, plan->row_tile);
  plan->col_tiles = CeilDivide(plan->n, plan->col_tile);
  // Where a strip of B stays in L1 and A streams well, both are read where they lie. Rows of B a large power of two
  // apart would fight for the same lines.
  const int64_t bytes = plan->ElementBytes();
  const bool a_streams = plan->a_col == 1 || plan->m * plan->k * bytes <= 1 << 17;
  const bool b_stays = plan->b_col == 1 && plan->k * plan->n * bytes <= 1 << 20 && plan->b_row * bytes % 1024 != 0 &&
                       (plan->k * kColBytesUnit <= 1 << 15 || plan->n <= 2 * unit);
  const bool in_place = a_streams && b_stays;
  // A few columns do not repay a copy of A, nor do rows that stream.
  plan->pack_a = !in_place && plan->n > unit && (plan->a_col != 1 || plan->n >= 1024);
  plan->pack_b = !in_place;

  const int64_t tiles = plan->MatrixTiles() * plan->batches;
  if (tiles < 24 && plan->k >= 4 * kDepth && plan->m * plan->n <= 1 << 16) {
    const int64_t tile_work = MatmulMin(plan->row_tile, plan->m) * MatmulMin(plan->col_tile, plan->n);
    // Longer pieces where they are done sooner: one thread folds all partials.
    const int64_t piece = MatmulMax(budget, plan->is_float ? 2 * least : least);
    plan->chunk = EvenPiece(plan->k, MatmulMax(piece / tile_work, kDepth), kDepth);
    return;
  }
  // Ranges keep the packed copy of B small, and blocks short where k is long.
  plan->range = MatmulMax(2 * kDepth, RoundUp(CeilDivide(plan->k, 10), kDepth));
  const double copy = static_cast<double>(plan->n) * plan->batches * MatmulMin(plan->range, plan->k) * bytes;
  plan->shared_b = !in_place && plan->row_tiles >= 3 && (plan->batches == 1 || copy <= (64 << 20));
  if (plan->shared_b) plan->pack_b = false;
}

// Which tile of the upper triangle of `side` x `side` tiles, counted row by row, is the `index`th.
inline void TriangleTile(int64_t side, int64_t index, int64_t* row, int64_t* col) {
  int64_t i = 0;
  while (index >= side - i) {
    index -= side - i;
    ++i;
  }
  *row = i;
  *col = i + index;
}

inline MatmulPlan PlanMatmul(const Arguments& arguments, bool symmetric = false) {
  const View& a = arguments.inputs[0];
  const View& b = arguments.inputs[1];
  const View& c = arguments.outputs[0];
  const uint32_t rank = c.rank;
  MatmulPlan plan;
  plan.is_float = c.dtype == DType::kFloat32;
  plan.accumulate = arguments.scalars[0] != 0;
  plan.symmetric = symmetric;
  plan.a = static_cast<const std::byte*>(a.data);
  plan.b = static_cast<const std::byte*>(b.data);
  plan.c = static_cast<std::byte*>(c.data);
  plan.m = c.shape[rank - 2];
  plan.n = c.shape[rank - 1];
  plan.k = a.shape[rank - 1];
  plan.a_row = a.strides[rank - 2];
  plan.a_col = a.strides[rank - 1];
  plan.b_row = b.strides[rank - 2];
  plan.b_col = b.strides[rank - 1];
  plan.c_row = c.strides[rank - 2];
  plan.c_col = c.strides[rank - 1];
  ReadBatchAxes(arguments, &plan);
  plan.pack_a = plan.pack_b = plan.shared_b = false;
  plan.row_tiles = plan.col_tiles = plan.batch_group = plan.batch_groups = plan.chunks = plan.ranges = 1;
  plan.row_tile = plan.m;
  plan.col_tile = plan.n;
  plan.chunk = plan.range = plan.k;
  plan.pack_cols = plan.pack_groups = 0;
  if (plan.m == 0 || plan.n == 0 || plan.batches == 0) {
    plan.batch_groups = 0;
    return plan;
  }
  if (!symmetric) MergeBatchIntoRows(&plan);
  ChooseForm(&plan);
  if (plan.form == MatmulForm::kTiles)
    CutTiles(&plan);
  else
    CutVector(&plan);

  plan.row_tiles = CeilDivide(plan.m, plan.row_tile);
  plan.col_tiles = CeilDivide(plan.n, plan.col_tile);
  plan.batch_groups = CeilDivide(plan.batches, plan.batch_group);
  plan.chunks = MatmulMax(1, CeilDivide(plan.k, MatmulMax(1, plan.chunk)));
  plan.ranges = plan.chunks > 1 ? 1 : MatmulMax(1, CeilDivide(plan.k, MatmulMax(1, plan.range)));
  if (plan.ranges == 1) plan.range = plan.k;
  if (plan.shared_b) {
    // Several blocks however few the columns: all threads that will multiply join at once, none waits for one to pack.
    plan.pack_cols = EvenPiece(plan.n, MatmulMin(8 * plan.ColUnit(), plan.n / 4), plan.ColUnit());
    plan.pack_groups = CeilDivide(plan.n, plan.pack_cols);
  }
  return plan;
}

// Working memory of a strand: a packed tile of A, then packed columns of B; or the vector in use.
inline int64_t MatmulLocalBytes(const MatmulPlan& plan) {
  if (plan.form != MatmulForm::kTiles) return 16384;
  const int64_t rows = plan.pack_a ? RoundUp(plan.row_tile, kRowUnit) : 0;
  const int64_t cols = plan.shared_b ? 0 : plan.pack_b ? RoundUp(plan.col_tile, plan.ColUnit()) : plan.ColUnit();
  return (rows + cols) * MatmulMin(kDepth, MatmulMax(1, plan.k)) * plan.ElementBytes();
}

inline uint32_t MatmulPhases(const MatmulPlan& plan) {
  if (plan.chunks > 1) return 2;
  return static_cast<uint32_t>(plan.shared_b ? 2 * plan.ranges : plan.ranges);
}

inline int64_t MatmulPartialBytes(const MatmulPlan& plan) {
  return RoundUp(plan.row_tile * plan.col_tile * plan.ElementBytes(), 16);
}

}  // namespace offloop
