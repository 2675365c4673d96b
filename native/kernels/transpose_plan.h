// How a copy between two orders of axes is cut into blocks: a pure function of shapes, strides and dtype.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/lines.h"

namespace offloop {
namespace {

// Bytes of a band of rows, which are contiguous in the output.
constexpr int64_t kTransposeSide = 64;
// Columns that are gathered before they are streamed.
constexpr int64_t kTransposeRun = 32;

struct TransposePlan {
  const std::byte* from;
  std::byte* to;
  int64_t bytes;  // of an element
  // The plane that blocks work on: `rows` run along the axis in which the output steps least, `cols` along that in
  // which the input does. Where these are the same axis there is one row, and `lines` copies lines.
  bool lines;
  int64_t rows, cols;
  int64_t in_row, in_col, out_row, out_col;  // strides
  // The other axes.
  uint32_t rank;
  int64_t planes;
  int64_t shape[kMaxRank], in[kMaxRank], out[kMaxRank];

  bool stream_lines;  // lines of the output go past the caches
  bool stream_rows;   // bands of rows do, all of which lie alike in their cache lines

  int64_t row_tile, col_tile, row_tiles, col_tiles;
  int64_t group;  // planes a block
  int64_t groups;

  int64_t Blocks() const { return groups * row_tiles * col_tiles; }
};

inline int64_t TransposeMin(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t TransposeMax(int64_t a, int64_t b) { return a > b ? a : b; }

// The axis of more than one element in which a view steps least; the last of several.
inline uint32_t FinestAxis(const View& view) {
  uint32_t finest = view.rank - 1;
  int64_t least = INT64_MAX;
  for (uint32_t axis = 0; axis < view.rank; ++axis) {
    const int64_t step = view.strides[axis] < 0 ? -view.strides[axis] : view.strides[axis];
    if (view.shape[axis] > 1 && step > 0 && step <= least) {
      least = step;
      finest = axis;
    }
  }
  return finest;
}

inline TransposePlan PlanTranspose(const Arguments& arguments) {
  const View& in = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  TransposePlan plan;
  plan.from = static_cast<const std::byte*>(in.data);
  plan.to = static_cast<std::byte*>(out.data);
  plan.bytes = DTypeSize(in.dtype);
  const uint32_t row_axis = FinestAxis(out);
  const uint32_t col_axis = FinestAxis(in);
  plan.lines = row_axis == col_axis;
  plan.cols = out.shape[col_axis];
  plan.in_col = in.strides[col_axis];
  plan.out_col = out.strides[col_axis];
  plan.rows = plan.lines ? 1 : out.shape[row_axis];
  plan.in_row = in.strides[row_axis];
  plan.out_row = out.strides[row_axis];
  plan.rank = 0;
  plan.planes = 1;
  for (uint32_t axis = 0; axis < out.rank; ++axis) {
    if (axis == row_axis || axis == col_axis || out.shape[axis] == 1) continue;
    plan.shape[plan.rank] = out.shape[axis];
    plan.in[plan.rank] = in.strides[axis];
    plan.out[plan.rank] = out.strides[axis];
    plan.planes *= out.shape[axis];
    ++plan.rank;
  }
  plan.stream_lines = plan.stream_rows = false;
  plan.row_tile = plan.col_tile = plan.group = 1;
  plan.row_tiles = plan.col_tiles = plan.groups = 0;
  if (plan.planes * plan.rows * plan.cols == 0) return plan;

  // A block moves some 64 kB: a band of rows that fill lines of the output, over a long run of columns.
  const int64_t elements = (int64_t{1} << 16) / plan.bytes;
  plan.row_tile = TransposeMin(plan.rows, kTransposeSide / plan.bytes);
  plan.col_tile = TransposeMin(plan.cols, elements / plan.row_tile);
  const bool big = plan.planes * plan.rows * plan.cols * plan.bytes >= kStreamBytes;
  plan.stream_lines = big && plan.lines && plan.in_col == 1 && plan.out_col == 1;
  plan.stream_rows = big && !plan.lines && plan.in_col == 1 && plan.out_row == 1 && plan.row_tile < plan.rows;
  if (plan.out_col * plan.bytes % kLineBytes != 0) plan.stream_rows = false;
  for (uint32_t axis = 0; axis < plan.rank; ++axis) {
    if (plan.out[axis] * plan.bytes % kLineBytes != 0) plan.stream_rows = false;
  }
  // The first band is short where the output begins within a cache line.
  const int64_t more = plan.stream_rows ? kLineBytes / plan.bytes - 1 : 0;
  plan.row_tiles = (plan.rows + more + plan.row_tile - 1) / plan.row_tile;
  plan.col_tiles = (plan.cols + plan.col_tile - 1) / plan.col_tile;
  const int64_t plane = plan.rows * plan.cols;
  if (plan.row_tiles * plan.col_tiles == 1) plan.group = TransposeMin(plan.planes, TransposeMax(1, elements / plane));
  plan.groups = (plan.planes + plan.group - 1) / plan.group;
  return plan;
}

}  // namespace
}  // namespace offloop
