// SumLines() of vectors_ops.h, compiled once a CPU level.
#include <cstddef>
#include <cstdint>

#include "kernels/vectors_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/vectors_lines.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/vectors_ops.h"
#include "kernels/vectors_arithmetic.h"
#include "kernels/vectors_lanes.h"
#include "kernels/vectors_rest.h"
#include "kernels/vectors_line.h"

namespace offloop {
namespace OFFLOOP_LEVEL {

template <typename Op, bool kLine, bool kSelf>
void SumLines(int64_t steps, const char* rows, int64_t row, int64_t count, const char* line, typename Op::Raw* raw,
              typename Op::Raw* self) {
  int64_t i = 0;
  for (; i + kLineRows <= count; i += kLineRows) {
    if constexpr (Op::kRun > 0)
      SumLineApart<Op, kLineRows, kLine, kSelf>(steps, rows + i * row, row, line, raw + i, self + i);
    else
      SumLine<Op, kLineRows, kLine, kSelf>(steps, rows + i * row, row, line, raw + i, self + i);
  }
  for (; i < count; ++i) SumLineApart<Op, 1, kLine, kSelf>(steps, rows + i * row, row, line, raw + i, self + i);
}

#define OFFLOOP_SUM_LINES(op, line, self) \
  template void SumLines<op, line, self>(int64_t, const char*, int64_t, int64_t, const char*, op::Raw*, op::Raw*);
#define OFFLOOP_SUM_WITH_SELF(op)    \
  OFFLOOP_SUM_LINES(op, true, false) \
  OFFLOOP_SUM_LINES(op, true, true)  \
  OFFLOOP_SUM_LINES(op, false, true)

OFFLOOP_SUM_WITH_SELF(Products<float>)
OFFLOOP_SUM_WITH_SELF(Products<double>)
OFFLOOP_SUM_WITH_SELF(Int8Products)
OFFLOOP_SUM_WITH_SELF(CommonBits)
OFFLOOP_SUM_LINES(Squares<float>, true, false)
OFFLOOP_SUM_LINES(Squares<double>, true, false)

#undef OFFLOOP_SUM_LINES
#undef OFFLOOP_SUM_WITH_SELF

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
