// transpose: out[i, j, ...] = in[i, j, ...] for views of one shape and dtype, whose axes lie in memory in different
// orders. inputs: one view; output: one view; any strides, any element of 1, 2, 4 or 8 bytes. Neither overlaps the
// other. Bands of rows are moved by squares that are transposed in registers, so that both sides are read and written
// in whole cache lines; results beyond the caches are streamed.
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/transpose_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/transpose.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/floats.h"
#include "kernels/square.h"
#include "kernels/stream.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// A part of a plane: to[c * out_col + r * out_row] = from[r * in_row + c * in_col].
template <typename T>
struct MoveTask {
  const T* from;
  T* to;
  int64_t rows, cols;
  int64_t in_row, in_col, out_row, out_col;
};

template <typename T>
static void MoveOneByOne(const MoveTask<T>& task, int64_t first_row, int64_t last_row, int64_t first_col,
                         int64_t last_col) {
  for (int64_t c = first_col; c < last_col; ++c) {
    const T* from = task.from + c * task.in_col;
    T* to = task.to + c * task.out_col;
    for (int64_t r = first_row; r < last_row; ++r) to[r * task.out_row] = from[r * task.in_row];
  }
}

// Both sides lie in lines, across one another.
template <typename T>
static void MoveSquares(const MoveTask<T>& task) {
  constexpr int kSide = kSquareSide<T>;
  const int64_t rows = task.rows / kSide * kSide;
  const int64_t cols = task.cols / kSide * kSide;
  for (int64_t c = 0; c < cols; c += kSide) {
    for (int64_t r = 0; r < rows; r += kSide) {
      TransposeSquare<T, kSide>(task.from + r * task.in_row + c, task.in_row, task.to + c * task.out_col + r,
                                task.out_col);
    }
  }
  MoveOneByOne<T>(task, rows, task.rows, 0, cols);
  MoveOneByOne<T>(task, 0, task.rows, cols, task.cols);
}

// The same by way of a buffer, whose rows are then streamed.
template <typename T>
static void StreamSquares(const MoveTask<T>& task, T* buffer) {
  constexpr int64_t kWidth = kTransposeSide / static_cast<int64_t>(sizeof(T));
  for (int64_t c = 0; c < task.cols; c += kTransposeRun) {
    MoveTask<T> part = task;
    part.from = task.from + c;
    part.to = buffer;
    part.cols = TransposeMin(kTransposeRun, task.cols - c);
    part.out_col = kWidth;
    MoveSquares<T>(part);
    for (int64_t i = 0; i < part.cols; ++i) {
      StreamBytes(task.to + (c + i) * task.out_col, buffer + i * kWidth, task.rows * static_cast<int64_t>(sizeof(T)));
    }
  }
}

template <typename T>
static void MovePlane(const MoveTask<T>& task, bool stream, T* buffer) {
  if (task.in_col == 1 && task.out_row == 1 && task.rows > 1) {
    if (stream)
      StreamSquares<T>(task, buffer);
    else
      MoveSquares<T>(task);
    return;
  }
  if (task.rows == 1 && task.in_col == 1 && task.out_col == 1) {
    const int64_t bytes = task.cols * static_cast<int64_t>(sizeof(T));
    if (stream)
      StreamBytes(task.to, task.from, bytes);
    else
      __builtin_memcpy(task.to, task.from, static_cast<size_t>(bytes));
    return;
  }
  MoveOneByOne<T>(task, 0, task.rows, 0, task.cols);
}

template <typename T>
static void TransposeTile(const TransposePlan& plan, const Block& block) {
  int64_t index = static_cast<int64_t>(block.index);
  const int64_t band = index % plan.row_tiles;
  index /= plan.row_tiles;
  const int64_t col = index % plan.col_tiles * plan.col_tile;
  const int64_t group = index / plan.col_tiles;
  const int64_t last = TransposeMin(plan.planes, (group + 1) * plan.group);
  for (int64_t plane = group * plan.group; plane < last; ++plane) {
    MoveTask<T> task;
    task.in_row = plan.in_row;
    task.in_col = plan.in_col;
    task.out_row = plan.out_row;
    task.out_col = plan.out_col;
    task.from = reinterpret_cast<const T*>(plan.from);
    task.to = reinterpret_cast<T*>(plan.to);
    int64_t rest = plane;
    for (uint32_t axis = plan.rank; axis-- > 0;) {
      const int64_t at = rest % plan.shape[axis];
      rest /= plan.shape[axis];
      task.from += at * plan.in[axis];
      task.to += at * plan.out[axis];
    }
    // Streamed bands are cut where lines of the result begin.
    const int64_t before = plan.stream_rows ? -BytesToLine(task.to) & (kLineBytes - 1) : 0;
    const int64_t shift = before / static_cast<int64_t>(sizeof(T));
    const int64_t row = TransposeMax(0, band * plan.row_tile - shift);
    task.rows = TransposeMin(plan.rows, (band + 1) * plan.row_tile - shift) - row;
    task.cols = TransposeMin(plan.cols, col + plan.col_tile) - col;
    task.from += row * plan.in_row + col * plan.in_col;
    task.to += row * plan.out_row + col * plan.out_col;
    if (task.rows > 0) MovePlane<T>(task, plan.stream_rows || plan.stream_lines, reinterpret_cast<T*>(block.local));
  }
  EndStream();
}

}  // namespace

static void TransposeBlock(const Arguments& arguments, const Block& block) {
  const TransposePlan plan = PlanTranspose(arguments);
  switch (plan.bytes) {
    case 1:
      return TransposeTile<uint8_t>(plan, block);
    case 2:
      return TransposeTile<uint16_t>(plan, block);
    case 4:
      return TransposeTile<uint32_t>(plan, block);
    default:
      return TransposeTile<uint64_t>(plan, block);
  }
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareTranspose(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& in = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  if (in.dtype != out.dtype || in.rank != out.rank || in.rank == 0) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis < in.rank; ++axis) {
    if (in.shape[axis] != out.shape[axis]) return Status::kInvalidArgument;
  }
  const TransposePlan plan = PlanTranspose(arguments);
  if (plan.Blocks() == 0) return Status::kOk;
  layout->phases[0].blocks = static_cast<uint64_t>(plan.Blocks());
  layout->phase_count = 1;
  if (plan.stream_rows) layout->local_bytes = kTransposeSide * kTransposeRun;
  return Status::kOk;
}

extern const Kernel kTransposeKernel;
const Kernel kTransposeKernel = {
    "transpose", 1, PrepareTranspose, OFFLOOP_EACH_LEVEL(TransposeBlock), nullptr, nullptr,
};

#endif

}  // namespace offloop
