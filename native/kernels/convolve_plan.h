// How one convolution is cut into blocks: a pure function of shapes, strides and scalars, computed again by every
// block.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {
namespace {

// Rows of weights that stay in registers together.
constexpr int64_t kWeightRows = 5;
// Columns are cut at multiples of this, which every level's strip divides.
constexpr int64_t kConvolveUnit = 128;
// Rows that are computed together, at most.
constexpr int64_t kConvolveRows = 8;
// Weights beyond this many are packed once for all blocks.
constexpr int64_t kFewWeights = 4096;

// Complex numbers that one block multiplies.
constexpr int64_t kSpectrumPiece = 1 << 15;

inline int64_t SpectrumPieces(int64_t numbers) { return (numbers + kSpectrumPiece - 1) / kSpectrumPiece; }

struct ConvolvePlan {
  bool is_float;  // float32, else float64
  bool packs;     // phase 0 packs the weights for all blocks, phase 1 does the rest
  const std::byte* x;
  const std::byte* w;
  std::byte* out;
  int64_t x_rows, x_cols, x_row, x_col;  // extents and strides
  int64_t w_rows, w_cols, w_row, w_col;
  int64_t out_rows, out_cols, out_row, out_col;
  int64_t first_row, first_col;  // where in x the first weight of out[0, 0] falls; negative before it
  int64_t row_tile, col_tile, row_tiles, col_tiles;

  int64_t ElementBytes() const { return is_float ? 4 : 8; }
  int64_t Weights() const { return w_rows * w_cols; }
  int64_t BufferWidth() const { return (col_tile + kConvolveUnit - 1) / kConvolveUnit * kConvolveUnit; }
  int64_t PatchWidth() const { return BufferWidth() + w_cols - 1; }
  int64_t PatchRows() const { return (row_tile < kConvolveRows ? row_tile : kConvolveRows) + w_rows - 1; }
};

inline int64_t ConvolveMin(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t ConvolveMax(int64_t a, int64_t b) { return a > b ? a : b; }

inline ConvolvePlan PlanConvolve(const Arguments& arguments) {
  const View& x = arguments.inputs[0];
  const View& w = arguments.inputs[1];
  const View& out = arguments.outputs[0];
  // A column is worked on as a row.
  const uint32_t row = x.shape[1] == 1 && out.shape[1] == 1 && w.shape[1] == 1 ? 1 : 0;
  const uint32_t col = 1 - row;
  ConvolvePlan plan;
  plan.is_float = out.dtype == DType::kFloat32;
  plan.x = static_cast<const std::byte*>(x.data);
  plan.w = static_cast<const std::byte*>(w.data);
  plan.out = static_cast<std::byte*>(out.data);
  plan.x_rows = x.shape[row];
  plan.x_cols = x.shape[col];
  plan.x_row = x.strides[row];
  plan.x_col = x.strides[col];
  plan.w_rows = w.shape[row];
  plan.w_cols = w.shape[col];
  plan.w_row = w.strides[row];
  plan.w_col = w.strides[col];
  plan.out_rows = out.shape[row];
  plan.out_cols = out.shape[col];
  plan.out_row = out.strides[row];
  plan.out_col = out.strides[col];
  plan.first_row = static_cast<int64_t>(arguments.scalars[row]);
  plan.first_col = static_cast<int64_t>(arguments.scalars[col]);
  plan.packs = plan.Weights() > kFewWeights;
  plan.row_tiles = plan.col_tiles = 0;
  plan.row_tile = plan.col_tile = 1;
  if (plan.out_rows == 0 || plan.out_cols == 0 || plan.Weights() == 0) return plan;

  // About a tenth of a millisecond a block, whose rows lie in L1 together.
  const int64_t products = int64_t{1} << 22;
  const int64_t area = ConvolveMax(4096, products / plan.Weights());
  const int64_t widest = plan.out_rows == 1 ? 1 << 15 : 1024;
  const int64_t cols = ConvolveMax(kConvolveUnit, ConvolveMin(ConvolveMin(area, widest), plan.out_cols));
  const int64_t pieces = (plan.out_cols + cols - 1) / cols;
  plan.col_tile = (plan.out_cols + pieces - 1) / pieces;
  if (pieces > 1) plan.col_tile = (plan.col_tile + kConvolveUnit - 1) / kConvolveUnit * kConvolveUnit;
  const int64_t rows = ConvolveMax(1, area / plan.col_tile);
  plan.row_tile = ConvolveMin(plan.out_rows, rows > kConvolveRows ? rows / kConvolveRows * kConvolveRows : rows);
  plan.row_tiles = (plan.out_rows + plan.row_tile - 1) / plan.row_tile;
  plan.col_tiles = (plan.out_cols + plan.col_tile - 1) / plan.col_tile;
  return plan;
}

// Working memory of a strand: packed weights, rows of results, a patch of x.
inline int64_t ConvolveLocalElements(const ConvolvePlan& plan) {
  const int64_t weights = plan.packs ? 0 : plan.Weights();
  const int64_t results = kConvolveRows * plan.BufferWidth();
  return weights + results + plan.PatchRows() * plan.PatchWidth();
}

}  // namespace
}  // namespace offloop
