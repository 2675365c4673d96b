// histogram: how many elements of inputs[0] lie in each bin, or the sums of their weights in inputs[3], into outputs[0]
// (float64, all zeros at the start and nobody else's). inputs[1] has the bins' edges, ascending; bin i is
// edges[i] <= x < edges[i + 1], the last one closed. Elements outside and NaN are left out. scalars: where cells start,
// cells a unit, cells, and how near to a whole number a place among even bins must not be, -1 for uneven ones.
//
// A cell is c(x) = (x - start) * scale cut to a whole number, which never decreases with x. Even bins are their cells,
// unless x is so near to an edge that rounding decides: then it is compared with the edges themselves. Otherwise
// inputs[2] says how many edges lie in the cells before each one, and the edges of one cell are searched by halves.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/reduce.h"
#include "kernels/tally.h"

#ifndef OFFLOOP_HISTOGRAM_PLAN
#define OFFLOOP_HISTOGRAM_PLAN
namespace offloop {
namespace {

TallyPlan PlanHistogram(const Arguments& arguments) {
  return PlanTally(arguments.inputs[0], arguments.outputs[0].shape[0], arguments.input_count == 4);
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_HISTOGRAM_PLAN

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/histogram.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/tally_block.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct Bins {
  const double* edges;
  const uint32_t* before;
  int64_t count;
  double low;
  double high;
  double start;
  double scale;
  double cells;
  double margin;

  // The bin of one element, exactly; `count` where there is none.
  OFFLOOP_INLINE uint32_t Find(double x) const {
    if (!(x >= low && x <= high)) return static_cast<uint32_t>(count);
    double place = (x - start) * scale;
    if (!(place < cells)) place = cells - 1;
    if (!(place >= 0)) place = 0;
    const int64_t cell = static_cast<int64_t>(place);
    if (margin >= 0) {
      int64_t bin = cell;
      while (bin > 0 && x < edges[bin]) --bin;
      while (bin + 1 < count && x >= edges[bin + 1]) ++bin;
      return static_cast<uint32_t>(bin);
    }
    int64_t least = before[cell];
    int64_t most = before[cell + 1];
    while (least < most) {
      const int64_t middle = (least + most) / 2;
      if (x >= edges[middle + 1]) {
        least = middle + 1;
      } else {
        most = middle;
      }
    }
    return static_cast<uint32_t>(least);
  }
};

OFFLOOP_INLINE bool AnyLane(I64 lanes) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(lanes)) != 0;
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(lanes)) != 0;
#else
  return (lanes[0] | lanes[1]) != 0;
#endif
}

typedef uint32_t U32Narrow __attribute__((vector_size(OFFLOOP_VECTOR_BYTES / 2), aligned(4), may_alias));

// Even bins, a vector at a time. The nearest whole number comes by adding 2^52, and tells how near it is as well.
struct EvenBins {
  F64 low;
  F64 high;
  F64 start;
  F64 scale;
  F64 margin;
  F64 nowhere;

  OFFLOOP_INLINE explicit EvenBins(const Bins& bins)
      : low(Broadcast<F64>(bins.low)),
        high(Broadcast<F64>(bins.high)),
        start(Broadcast<F64>(bins.start)),
        scale(Broadcast<F64>(bins.scale)),
        margin(Broadcast<F64>(bins.margin)),
        nowhere(Broadcast<F64>(static_cast<double>(bins.count) + 0.25)) {}

  OFFLOOP_INLINE void Find(const Bins& bins, const double* x, uint32_t* numbers) const {
    const F64 value = Load<F64>(x);
    const I64 inside = (value >= low) & (value <= high);
    const F64 place = inside ? (value - start) * scale : nowhere;
    const F64 shifted = place + 0x1p52;
    const F64 off = place - (shifted - 0x1p52);
    const I64 number = (I64)((U64)shifted & 0xfffffffffffff) + (off < F64{});
    const I64 near = (off <= margin) & (off >= -margin);
    const U32Narrow narrow = __builtin_convertvector(number, U32Narrow);
    __builtin_memcpy(numbers, &narrow, sizeof(narrow));
    if (AnyLane(near)) [[unlikely]] {
      for (int lane = 0; lane < F64Lanes; ++lane) numbers[lane] = bins.Find(value[lane]);
    }
  }
};

OFFLOOP_INLINE void FindEven(const Bins& bins, const double* x, int64_t count, uint32_t* numbers) {
  const EvenBins even(bins);
  int64_t i = 0;
  for (; i + F64Lanes <= count; i += F64Lanes) even.Find(bins, x + i, numbers + i);
  for (; i < count; ++i) numbers[i] = bins.Find(x[i]);
}

// Finds the bins of eight elements while it counts those of the eight before: one keeps the arithmetic busy, the other
// loads and stores.
OFFLOOP_INLINE void CountEven(const Bins& bins, const double* x, int64_t count, uint32_t* tables, int64_t slots) {
  constexpr int64_t kStep = 8;
  const EvenBins even(bins);
  uint32_t numbers[2 * kStep];
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) {
    uint32_t* found = numbers + (i & kStep);
    for (int64_t k = 0; k < kStep; k += F64Lanes) even.Find(bins, x + i + k, found + k);
    if (i > 0) CountBins(numbers + (~i & kStep), kStep, tables, kTallyTables, slots);
  }
  if (i > 0) CountBins(numbers + (~i & kStep), kStep, tables, kTallyTables, slots);
  for (; i < count; ++i) ++tables[bins.Find(x[i])];
}

void HistogramBlock(const Arguments& arguments, const Block& block) {
  const TallyPlan plan = PlanHistogram(arguments);
  const View& x = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  Bins bins;
  bins.edges = static_cast<const double*>(arguments.inputs[1].data);
  bins.before = static_cast<const uint32_t*>(arguments.inputs[2].data);
  bins.count = plan.bins;
  bins.low = bins.edges[0];
  bins.high = bins.edges[plan.bins];
  bins.start = arguments.scalars[0];
  bins.scale = arguments.scalars[1];
  bins.cells = arguments.scalars[2];
  bins.margin = arguments.scalars[3];
  const bool is_byte = DTypeSize(x.dtype) == 1;
  if (is_byte && !plan.weighted && !plan.serial && plan.tables == kTallyTables && x.IsContiguous()) {
    const int64_t start = static_cast<int64_t>(block.index) * kTallyBlock;
    const int64_t count = plan.elements - start < kTallyBlock ? plan.elements - start : kTallyBlock;
    uint32_t* tables = reinterpret_cast<uint32_t*>(block.local);
    ClearBytes(tables, 4 * 256 * 4);
    CountBytes(static_cast<const uint8_t*>(x.data) + start, count, tables);
    double* partial = reinterpret_cast<double*>(block.partial);
    ClearBytes(partial, plan.bins * 8);
    for (int value = 0; value < 256; ++value) {
      const int element = x.dtype == DType::kInt8 ? static_cast<int8_t>(value) : value;
      const uint32_t bin = bins.Find(element);
      if (bin < plan.bins) partial[bin] += tables[value];
    }
    return;
  }
  double local[kTallyPiece];
  if (!plan.weighted && !plan.serial && plan.tables == kTallyTables && bins.margin >= 0) {
    const int64_t start = static_cast<int64_t>(block.index) * kTallyBlock;
    const int64_t end = plan.elements - start < kTallyBlock ? plan.elements : start + kTallyBlock;
    const int64_t slots = plan.bins + 1;
    uint32_t* tables = reinterpret_cast<uint32_t*>(block.local);
    ClearBytes(tables, slots * kTallyTables * 4);
    for (int64_t first = start; first < end; first += kTallyPiece) {
      const int64_t count = end - first < kTallyPiece ? end - first : kTallyPiece;
      ReadDoubles(x, first, count, local);
      CountEven(bins, local, count, tables, slots);
    }
    AddTables(tables, plan, reinterpret_cast<double*>(block.partial));
    return;
  }
  const auto index = [&](int64_t first, int64_t count, uint32_t* numbers) {
    ReadDoubles(x, first, count, local);
    if (bins.margin >= 0) {
      FindEven(bins, local, count, numbers);
    } else {
      for (int64_t i = 0; i < count; ++i) numbers[i] = bins.Find(local[i]);
    }
  };
  const View* weights = plan.weighted ? &arguments.inputs[3] : nullptr;
  RunTally(arguments, block, plan, weights, index,
           [&](uint32_t bin, double amount) { static_cast<double*>(out.data)[bin] += amount; });
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareHistogram(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count < 3 || arguments.input_count > 4 || arguments.output_count != 1) {
    return Status::kInvalidArgument;
  }
  const View& edges = arguments.inputs[1];
  const View& before = arguments.inputs[2];
  const View& out = arguments.outputs[0];
  if (edges.rank != 1 || before.rank != 1 || out.rank != 1) return Status::kInvalidArgument;
  if (!edges.IsContiguous() || !before.IsContiguous() || !out.IsContiguous()) return Status::kInvalidArgument;
  if (edges.dtype != DType::kFloat64 || before.dtype != DType::kUint32 || out.dtype != DType::kFloat64) {
    return Status::kInvalidArgument;
  }
  if (out.shape[0] < 1 || out.shape[0] >= int64_t{1} << 31 || edges.shape[0] != out.shape[0] + 1) {
    return Status::kInvalidArgument;
  }
  const double cells = arguments.scalars[2];
  const bool even = arguments.scalars[3] >= 0;
  if (even ? cells != static_cast<double>(out.shape[0])
           : !(cells >= 1 && cells + 1 == static_cast<double>(before.shape[0]))) {
    return Status::kInvalidArgument;
  }
  if (arguments.input_count == 4 && arguments.inputs[3].Size() != arguments.inputs[0].Size()) {
    return Status::kInvalidArgument;
  }
  LayOutTally(PlanHistogram(arguments), layout);
  return Status::kOk;
}

void CombineHistogram(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  CombineTally(PlanHistogram(arguments), into, from);
}

uint32_t NextHistogram(const Arguments& arguments, uint32_t phase) {
  return NextTally(arguments, PlanHistogram(arguments), phase);
}

Status FinishHistogram(const Arguments& arguments) {
  const TallyPlan plan = PlanHistogram(arguments);
  if (plan.serial || plan.elements == 0) return Status::kOk;
  const double* totals = reinterpret_cast<const double*>(arguments.partials);
  double* out = static_cast<double*>(arguments.outputs[0].data);
  for (int64_t bin = 0; bin < plan.bins; ++bin) out[bin] = totals[bin];
  return Status::kOk;
}

}  // namespace

extern const Kernel kHistogramKernel;
const Kernel kHistogramKernel = {
    .name = "histogram",
    .version = 1,
    .prepare = PrepareHistogram,
    .run_block = OFFLOOP_EACH_LEVEL(HistogramBlock),
    .combine = CombineHistogram,
    .finish = FinishHistogram,
    .next = NextHistogram,
};

}  // namespace offloop
#endif
