// Where the tiles of a product lie, and its matrices.
#pragma once
#include <cstdint>

#include "kernels/matmul_plan.h"

namespace offloop {

struct BatchOffset {
  int64_t a, b, c;
};

inline BatchOffset OffsetOfBatch(const MatmulPlan& plan, int64_t batch) {
  BatchOffset offset{0, 0, 0};
  for (uint32_t axis = plan.batch_rank; axis-- > 0;) {
    const int64_t index = batch % plan.batch_shape[axis];
    batch /= plan.batch_shape[axis];
    offset.a += index * plan.batch_a[axis];
    offset.b += index * plan.batch_b[axis];
    offset.c += index * plan.batch_c[axis];
  }
  return offset;
}

struct TilePlace {
  int64_t row, col;  // of its first element
};

inline TilePlace PlaceOfTile(const MatmulPlan& plan, int64_t index) {
  int64_t row, col;
  if (plan.symmetric) {
    TriangleTile(plan.row_tiles, index, &row, &col);
  } else {
    row = index / plan.col_tiles;
    col = index % plan.col_tiles;
  }
  return {row * plan.row_tile, col * plan.col_tile};
}

}  // namespace offloop
