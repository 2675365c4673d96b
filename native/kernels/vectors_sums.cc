// SumStrip() of vectors_ops.h, compiled once a CPU level.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "kernels/vectors_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/vectors_sums.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/vectors_ops.h"
#include "kernels/vectors_arithmetic.h"
#include "kernels/vectors_micro.h"

namespace offloop {
namespace OFFLOOP_LEVEL {

template <typename Op>
void SumStrip(int64_t vectors, int64_t steps, const char* rows, int64_t row, int64_t count, const char* panel,
              typename Op::Raw* raw, int64_t width) {
  if (vectors == 1)
    SumRows<Op, 1>(steps, rows, row, count, panel, raw, width);
  else if (vectors == 2)
    SumRows<Op, 2>(steps, rows, row, count, panel, raw, width);
  else if constexpr (kTileVectors<Op> > 2)
    SumRows<Op, 3>(steps, rows, row, count, panel, raw, width);
}

#define OFFLOOP_SUM_STRIP(op) \
  template void SumStrip<op>(int64_t, int64_t, const char*, int64_t, int64_t, const char*, op::Raw*, int64_t);

OFFLOOP_SUM_STRIP(Products<float>)
OFFLOOP_SUM_STRIP(Products<double>)
OFFLOOP_SUM_STRIP(Squares<float>)
OFFLOOP_SUM_STRIP(Squares<double>)
OFFLOOP_SUM_STRIP(Int8Products)
OFFLOOP_SUM_STRIP(CommonBits)

#undef OFFLOOP_SUM_STRIP

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
