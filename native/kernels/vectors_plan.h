// What kernels over rows of vectors share at every level: metrics, and the steps that a row is taken in. A step is
// what one lane of a vector register takes at once: a float, a double, two int8 widened to int16, or 64 bits.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/view.h"

namespace offloop {

// The order is that of `metrics` in src/kernels/metric.ts; the number crosses the seam.
enum class Metric : uint8_t { kCosine = 0, kDot = 1, kL2sq = 2, kL2 = 3, kHamming = 4, kJaccard = 5 };

inline constexpr uint32_t kMetricCount = 6;

// Rows are summed in groups of so many; every level's register tile divides it.
inline constexpr int64_t kRowGroup = 8;
// Columns are packed in groups of so many: the most lanes that a level has.
inline constexpr int64_t kColumnGroup = 16;

// Sums of int8 products and of their squared differences stay within 32 bits for rows of at most this length.
inline constexpr int64_t kMostInt8 = 65536;

inline constexpr int64_t VectorsMin(int64_t a, int64_t b) { return a < b ? a : b; }
inline constexpr int64_t VectorsMax(int64_t a, int64_t b) { return a > b ? a : b; }
inline constexpr int64_t VectorsCeil(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline constexpr int64_t VectorsRound(int64_t a, int64_t b) { return VectorsCeil(a, b) * b; }

struct Steps {
  int64_t count;  // of a row
  int64_t bytes;  // of a step
  // Blocks are cut by time: how long a step takes, a float's being 1.
  int64_t weight;

  int64_t RowBytes() const { return count * bytes; }
};

inline Steps StepsOf(DType dtype, int64_t length) {
  switch (dtype) {
    case DType::kFloat64:
      return {length, 8, 2};
    case DType::kInt8:
      return {VectorsCeil(length, 2), 4, 1};
    case DType::kUint8:
      return {VectorsCeil(length, 8), 8, 4};
    default:
      return {length, 4, 1};
  }
}

// Whether a dtype can be compared by a metric: bits by counting, numbers by summing.
inline bool Compares(Metric metric, DType dtype) {
  if (metric == Metric::kHamming || metric == Metric::kJaccard) return dtype == DType::kUint8;
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 || dtype == DType::kInt8;
}

// Whether rows can be read where they lie. Others are staged: gathered, widened or padded in working memory.
inline bool AreInPlace(const View& rows) {
  const bool unit = rows.strides[1] == 1 || rows.shape[1] <= 1;
  if (rows.dtype == DType::kUint8) return unit && rows.shape[1] % 8 == 0;
  return unit && (rows.dtype == DType::kFloat32 || rows.dtype == DType::kFloat64);
}

// Rows that are worked on together, so that they stay in the cache meanwhile.
inline int64_t RowsAtOnce(const Steps& steps) {
  const int64_t rows = 65536 / VectorsMax(steps.RowBytes(), 1) / kRowGroup * kRowGroup;
  return rows < kRowGroup ? kRowGroup : rows > 64 ? 64 : rows;
}

// Columns (queries, or rows of the right operand) that are packed as one tile, which stays in the second-level cache.
inline int64_t TileColumns(const Steps& steps, int64_t columns) {
  const int64_t fit = VectorsMax(1, (384 << 10) / VectorsMax(steps.RowBytes(), 1) / 48) * 48;
  const int64_t most = VectorsMin(fit, 240);
  const int64_t tiles = VectorsMax(1, VectorsCeil(columns, most));
  return VectorsRound(VectorsCeil(columns, tiles), kColumnGroup);
}

// Rows of a block against `tile` columns: 2^24 steps, under 2 ms at every level, and at most a megabyte of rows.
inline int64_t BlockRows(const Steps& steps, int64_t tile) {
  const int64_t row_bytes = VectorsMax(steps.RowBytes(), 8);
  const int64_t by_work = (int64_t{1} << 24) / (VectorsMax(steps.count, 1) * steps.weight * tile);
  const int64_t rows = VectorsMin(VectorsMin(by_work, (int64_t{1} << 20) / row_bytes), 8192);
  return rows < kRowGroup ? VectorsMax(rows, 1) : rows / kRowGroup * kRowGroup;
}

// Bytes of a packed tile: panels of columns, or each column in a line of whole vectors.
inline int64_t TileBytes(const Steps& steps, int64_t tile) {
  return VectorsRound(tile * (steps.count + kColumnGroup) * steps.bytes, 64);
}

}  // namespace offloop
