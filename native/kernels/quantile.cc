// quantile: quantiles of the rows of inputs[0] (its last axis), the fractions in inputs[1], float64 and nobody else's.
// outputs[0] is float64 with the axes of the rows and then one for the fractions. scalars: the method
// (quantile_place.h), skipNaN, whether the rows are sorted. Short rows are done in one block, long ones by select.h;
// of sorted ones the places are read. A row with NaN gives NaN, unless they are skipped; so does one without numbers.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/quantile_place.h"
#include "kernels/select_plan.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/quantile.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/sort_private.h"
#include "kernels/order_keys.h"
#include "kernels/select.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// What is asked of every row.
struct Fractions {
  const double* q;
  uint64_t count;
  QuantileMethod method;
  bool skips_nans;
};

static inline Fractions FractionsOf(const Arguments& arguments) {
  const View& q = arguments.inputs[1];
  return {static_cast<const double*>(q.data), static_cast<uint64_t>(q.Size()),
          static_cast<QuantileMethod>(static_cast<uint32_t>(arguments.scalars[0])), arguments.scalars[1] != 0};
}

// Fractions from `first` on, as many as are looked for at once.
static inline SelectRanks RanksOf(const Fractions& fractions, uint64_t first, uint64_t numbers) {
  SelectRanks ranks;
  const uint64_t rest = fractions.count - first;
  ranks.pairs = rest < kSelectPairs ? static_cast<uint32_t>(rest) : kSelectPairs;
  for (uint32_t i = 0; i < ranks.pairs; ++i) {
    const QuantilePlace place = PlaceOfQuantile(fractions.method, fractions.q[first + i], numbers);
    ranks.rank[2 * i] = place.low;
    ranks.rank[2 * i + 1] = place.high;
  }
  return ranks;
}

// The numbers among which the ranks are, 0 where the result is NaN.
static inline uint64_t NumbersOf(const Fractions& fractions, uint64_t n, uint64_t nans) {
  return nans == 0 ? n : fractions.skips_nans ? n - (nans < n ? nans : n) : 0;
}

static inline void WriteQuantiles(const KeyReader& reader, const View& output, uint64_t row, const Fractions& fractions,
                                  uint64_t first, uint64_t numbers, const int64_t* keys) {
  double* to = static_cast<double*>(RowOf(output, row));
  const int64_t stride = SortStride(output);
  for (uint64_t i = 0; i < kSelectPairs && first + i < fractions.count; ++i) {
    double value = __builtin_nan("");
    if (numbers > 0) {
      const double part = PlaceOfQuantile(fractions.method, fractions.q[first + i], numbers).part;
      value = Between(NumberOfKey(reader, keys[2 * i]), NumberOfKey(reader, keys[2 * i + 1]), part);
    }
    to[static_cast<int64_t>(first + i) * stride] = value;
  }
}

static void QuantileRows(const Arguments& arguments, const SelectPlan& plan, const Block& block) {
  const View& input = arguments.inputs[0];
  const Fractions fractions = FractionsOf(arguments);
  KeyReader reader = MakeKeyReader(input, false, false);
  int64_t* home = reinterpret_cast<int64_t*>(block.local);
  int64_t* spare = reinterpret_cast<int64_t*>(block.local + plan.local_bytes / 2);
  uint64_t row = block.index * plan.rows_per_block;
  const uint64_t end = plan.rows - row < plan.rows_per_block ? plan.rows : row + plan.rows_per_block;
  for (; row < end; ++row) {
    GoToRow(&reader, input, row);
    if (plan.n > 0) ReadKeys(reader, 0, plan.n, home);
    const uint64_t nans = IsFloatDType(reader.dtype) ? CountNaNs(home, plan.n, NaNKey(reader)) : 0;
    const uint64_t numbers = NumbersOf(fractions, plan.n, nans);
    const bool is_sorted = fractions.count > kSelectPairs;
    if (is_sorted) SortKeys(home, spare, plan.n, reinterpret_cast<uintptr_t>(home));
    for (uint64_t first = 0; first < fractions.count; first += kSelectPairs) {
      int64_t keys[2 * kSelectPairs];
      if (numbers > 0) {
        const SelectRanks ranks = RanksOf(fractions, first, numbers);
        if (is_sorted) {
          for (uint32_t i = 0; i < 2 * ranks.pairs; ++i) keys[i] = home[ranks.rank[i]];
        } else {
          SelectRanksOf(home, spare, plan.n, ranks.rank, keys, 2 * ranks.pairs);
        }
      }
      WriteQuantiles(reader, arguments.outputs[0], row, fractions, first, numbers, keys);
    }
  }
}

static void QuantileSorted(const Arguments& arguments, const SelectPlan& plan, uint64_t row) {
  const View& input = arguments.inputs[0];
  const Fractions fractions = FractionsOf(arguments);
  KeyReader reader = MakeKeyReader(input, false, false);
  GoToRow(&reader, input, row);
  // NaNs are last.
  uint64_t numbers = plan.n;
  if (IsFloatDType(reader.dtype)) {
    uint64_t first = 0;
    uint64_t last = plan.n;
    while (first < last) {
      const uint64_t middle = first + (last - first) / 2;
      if (ReadKey(reader, middle) == NaNKey(reader)) {
        last = middle;
      } else {
        first = middle + 1;
      }
    }
    numbers = NumbersOf(fractions, plan.n, plan.n - first);
  }
  for (uint64_t first = 0; first < fractions.count; first += kSelectPairs) {
    int64_t keys[2 * kSelectPairs];
    if (numbers > 0) {
      const SelectRanks ranks = RanksOf(fractions, first, numbers);
      for (uint32_t i = 0; i < 2 * ranks.pairs; ++i) keys[i] = ReadKey(reader, ranks.rank[i]);
    }
    WriteQuantiles(reader, arguments.outputs[0], row, fractions, first, numbers, keys);
  }
}

static void QuantileBlock(const Arguments& arguments, const Block& block) {
  const View& input = arguments.inputs[0];
  const SelectPlan plan = PlanSelect(input);
  if (arguments.scalars[2] != 0) return QuantileSorted(arguments, plan, block.index);
  if (!plan.is_long) return QuantileRows(arguments, plan, block);
  const Fractions fractions = FractionsOf(arguments);
  const uint64_t per_row = block.phase == 2 ? plan.chunks : 1;
  const uint64_t row = block.index / per_row;
  std::byte* scratch = arguments.scratch + row * plan.row_bytes;
  SelectState* state = reinterpret_cast<SelectState*>(scratch);
  KeyReader reader = MakeKeyReader(input, false, false);
  GoToRow(&reader, input, row);
  switch (block.phase) {
    case 0:
      return SelectStart(scratch);
    case 1:
      return SelectDraw(reader, plan, scratch, fractions.skips_nans,
                        [&](uint64_t numbers) { return RanksOf(fractions, 0, numbers); });
    case 2:
      return SelectCollect(reader, plan, scratch, block.index % per_row);
    default: {
      if (state->found != 0) return;
      const uint64_t numbers = NumbersOf(fractions, plan.n, state->nans);
      if (numbers == 0) {
        state->found = 1;
      } else {
        SelectFind(plan, scratch, RanksOf(fractions, 0, numbers));
      }
      if (state->found != 0) {
        WriteQuantiles(reader, arguments.outputs[0], row, fractions, 0, numbers, state->keys);
      }
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareQuantile(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 2 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& input = arguments.inputs[0];
  const View& q = arguments.inputs[1];
  const View& output = arguments.outputs[0];
  if (output.dtype != DType::kFloat64 || q.dtype != DType::kFloat64 || q.rank != 1 || !q.IsContiguous()) {
    return Status::kInvalidArgument;
  }
  if (input.rank == 0 || output.rank != input.rank || output.shape[output.rank - 1] != q.shape[0]) {
    return Status::kInvalidArgument;
  }
  for (uint32_t axis = 0; axis + 1 < input.rank; ++axis) {
    if (input.shape[axis] != output.shape[axis]) return Status::kInvalidArgument;
  }
  if (!(arguments.scalars[0] >= 0 && arguments.scalars[0] <= static_cast<double>(QuantileMethod::kNearest))) {
    return Status::kInvalidArgument;
  }
  const SelectPlan plan = PlanSelect(input);
  if (plan.rows == 0 || q.shape[0] == 0) return Status::kOk;
  layout->phase_count = 1;
  if (arguments.scalars[2] != 0) {
    layout->phases[0].blocks = plan.rows;
  } else if (!plan.is_long) {
    layout->phases[0].blocks = (plan.rows + plan.rows_per_block - 1) / plan.rows_per_block;
    layout->local_bytes = plan.local_bytes;
  } else {
    if (q.shape[0] > kSelectPairs) return Status::kInvalidArgument;
    layout->phase_count = 4;
    layout->phases[0].blocks = layout->phases[1].blocks = layout->phases[3].blocks = plan.rows;
    layout->phases[2].blocks = plan.rows * plan.chunks;
    layout->scratch_bytes = plan.rows * plan.row_bytes;
  }
  return Status::kOk;
}

// Another draw for rows whose bounds were wrong.
uint32_t NextOfQuantile(const Arguments& arguments, uint32_t phase) {
  const SelectPlan plan = PlanSelect(arguments.inputs[0]);
  if (phase != 3) return arguments.scalars[2] != 0 || !plan.is_long ? 4 : phase + 1;
  for (uint64_t row = 0; row < plan.rows; ++row) {
    const std::byte* scratch = arguments.scratch + row * plan.row_bytes;
    if (reinterpret_cast<const baseline::SelectState*>(scratch)->found == 0) return 1;
  }
  return 4;
}

}  // namespace

extern const Kernel kQuantileKernel;
const Kernel kQuantileKernel = {
    .name = "quantile",
    .version = 1,
    .prepare = PrepareQuantile,
    .run_block = OFFLOOP_EACH_LEVEL(QuantileBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextOfQuantile,
};

}  // namespace offloop
#endif
