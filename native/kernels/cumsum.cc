// cumsum: running sums along the last axis of inputs[0], into outputs[0] of the same shape. float16 and float32 are
// summed in float64 and rounded once, small integers give float64, 64-bit integers wrap. The order of additions is
// fixed (scan_group.h): element i of a block of 16,384 is offset + (base + y), where y is its prefix in its group of
// eight, base the sum of the groups before in the block, offset that of the blocks before in the line. Lines of few
// blocks are done in one go; others a stretch at a time, so that what is summed is still in the cache when it is read
// again to be written: sums of the first stretch, then again and again results of one stretch and sums of the next.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/reduce.h"
#include "kernels/scan_lines.h"

#ifndef OFFLOOP_CUMSUM_PLAN
#define OFFLOOP_CUMSUM_PLAN
namespace offloop {
namespace {

inline constexpr int64_t kScanBlock = 16384;
// Lines of up to this many elements are done by one block.
inline constexpr int64_t kWholeLine = 8 * kScanBlock;
// Blocks of a stretch.
inline constexpr int64_t kStretch = 16;
inline constexpr int64_t kStreamBytes = int64_t{16} << 20;

struct CumsumPlan {
  Lines lines;
  bool whole;
  int64_t lines_per_block;  // whole
  int64_t blocks;           // of a line
  int64_t units;            // blocks of all lines
  int64_t stretch;
  bool stream;
};

CumsumPlan PlanCumsum(const Arguments& arguments) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  CumsumPlan plan;
  plan.lines = LinesOf(input, output);
  const int64_t n = plan.lines.length;
  plan.whole = n <= kWholeLine;
  plan.lines_per_block = n >= kScanBlock ? 1 : kScanBlock / (n > 0 ? n : 1);
  plan.blocks = (n + kScanBlock - 1) / kScanBlock;
  plan.units = plan.lines.count * plan.blocks;
  plan.stretch = plan.units < kStretch ? plan.units : kStretch;
  const int64_t bytes = plan.lines.count * n * DTypeSize(output.dtype);
  plan.stream = bytes >= kStreamBytes && plan.lines.out_stride == 1 && input.data != output.data && n >= 512;
  return plan;
}

// results[0] is the stretch that is being written, results[1] the sum of all blocks before the next one. Scratch has
// the sum of each block, which turns into the sum of the blocks before it.
enum : uint32_t { kFirstSums = 0, kResultsAndSums = 1 };

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_CUMSUM_PLAN

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/cumsum.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/scan_store.h"
#include "kernels/scan_group.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename A>
struct RunningSum {
  A offset;
  A base;
};

// Results of `count` elements; only the last piece of a block may have a count that kGroup does not divide.
template <typename T, typename R, typename A>
OFFLOOP_INLINE void ScanPiece(int64_t count, const T* x, R* y, RunningSum<A>* running) {
  using V = typename VectorOf<A>::V;
  const V offset = Broadcast<V>(running->offset);
  V base = Broadcast<V>(running->base);
  int64_t i = 0;
  for (; i + kGroup <= count; i += kGroup) {
    PrefetchPageAhead<kGroup * static_cast<int>(sizeof(T))>(x + i);
    V v[kGroupVectors];
#pragma GCC unroll 4
    for (int k = 0; k < kGroupVectors; ++k) v[k] = LoadAccumulators(x + i + k * F64Lanes);
    const V sum = Sklansky<Add, A>(v);
#pragma GCC unroll 4
    for (int k = 0; k < kGroupVectors; ++k) StoreVector(y + i + k * F64Lanes, offset + (base + v[k]));
    base += sum;
  }
  if (i < count) {
    A rest[kGroup];
    for (int k = 0; k < kGroup; ++k) rest[k] = i + k < count ? LoadAccumulator(x + i + k) : Add::Neutral(A{});
    V v[kGroupVectors];
#pragma GCC unroll 4
    for (int k = 0; k < kGroupVectors; ++k) v[k] = Load<V>(rest + k * F64Lanes);
    const V sum = Sklansky<Add, A>(v);
#pragma GCC unroll 4
    for (int k = 0; k < kGroupVectors; ++k) Store(rest + k * F64Lanes, offset + (base + v[k]));
    for (int k = 0; i + k < count; ++k) StoreOne(y + i + k, rest[k]);
    base += sum;
  }
  running->base = base[0];
}

// The sum of a whole block: the base after its last group.
template <typename T, typename A>
OFFLOOP_INLINE A SumBlockOf(const ScanLine& line, int64_t first, int64_t last) {
  using V = typename VectorOf<A>::V;
  V base = Broadcast<V>(Add::Neutral(A{}));
  alignas(64) T elements[kScanPiece];
  for (int64_t i = first; i < last; i += kScanPiece) {
    const int64_t count = last - i < kScanPiece ? last - i : kScanPiece;
    const T* from = PieceOf(line, i, count, elements);
    int64_t j = 0;
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
    if constexpr (__is_same(A, double)) {
      A sum = base[0];
      for (; j + 8 * kGroup <= count; j += 8 * kGroup) {
        PrefetchPageAhead<8 * kGroup * static_cast<int>(sizeof(T))>(from + j);
        V v[8];
#pragma GCC unroll 8
        for (int k = 0; k < 8; ++k) v[k] = LoadAccumulators(from + j + k * kGroup);
        A sums[8];
        Store(sums, EightGroupSums(v));
#pragma GCC unroll 8
        for (int k = 0; k < 8; ++k) sum += sums[k];
      }
      base = Broadcast<V>(sum);
    }
#endif
    for (; j < count; j += kGroup) {
      V v[kGroupVectors];
#pragma GCC unroll 4
      for (int k = 0; k < kGroupVectors; ++k) v[k] = LoadAccumulators(from + j + k * F64Lanes);
      base += GroupSum<A>(v);
    }
  }
  return base[0];
}

// Blocks [from, to) of a line, given the sum of those before.
template <typename T, typename R, typename A>
OFFLOOP_INLINE void ScanBlocks(const Arguments& arguments, const CumsumPlan& plan, int64_t line, int64_t from,
                               int64_t to, A offset) {
  const View& output = arguments.outputs[0];
  const ScanLine x = ScanLineOf(arguments.inputs[0], line);
  R* y = static_cast<R*>(output.data) + LineOffset(output, line);
  for (int64_t b = from; b < to; ++b) {
    const int64_t first = b * kScanBlock;
    const int64_t last = plan.lines.length - first < kScanBlock ? plan.lines.length : first + kScanBlock;
    RunningSum<A> running = {offset, Add::Neutral(A{})};
    ForPieces<T>(x, y, plan.lines.out_stride, first, last, plan.stream,
                 [&](int64_t count, const T* in, R* out) { ScanPiece(count, in, out, &running); });
    offset += running.base;
  }
}

template <typename T, typename R>
void CumsumOf(const Arguments& arguments, const Block& block) {
  using A = typename AccumulatorOf<T>::Type;
  const CumsumPlan plan = PlanCumsum(arguments);
  const int64_t index = static_cast<int64_t>(block.index);
  if (plan.whole) {
    const int64_t first = index * plan.lines_per_block;
    const int64_t last =
        plan.lines.count - first < plan.lines_per_block ? plan.lines.count : first + plan.lines_per_block;
    for (int64_t line = first; line < last; ++line) {
      ScanBlocks<T, R>(arguments, plan, line, 0, plan.blocks, Add::Neutral(A{}));
    }
    return;
  }
  A* sums = reinterpret_cast<A*>(arguments.scratch);
  const int64_t stretch = arguments.results[0].integer;
  if (block.phase == kResultsAndSums && index % 2 == 0) {
    const int64_t unit = stretch * plan.stretch + index / 2;
    if (unit >= plan.units) return;
    const int64_t b = unit % plan.blocks;
    ScanBlocks<T, R>(arguments, plan, unit / plan.blocks, b, b + 1, sums[unit]);
    return;
  }
  const int64_t unit = block.phase == kFirstSums ? index : (stretch + 1) * plan.stretch + index / 2;
  if (unit >= plan.units) return;
  const int64_t b = unit % plan.blocks;
  // Nobody asks for the sum of the last block of a line, which may not be whole.
  if (b == plan.blocks - 1) return;
  const ScanLine x = ScanLineOf(arguments.inputs[0], unit / plan.blocks);
  sums[unit] = SumBlockOf<T, A>(x, b * kScanBlock, (b + 1) * kScanBlock);
}

void CumsumBlock(const Arguments& arguments, const Block& block) {
  ForScan(arguments.inputs[0].dtype, [&]<typename T, typename R>() { CumsumOf<T, R>(arguments, block); });
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareCumsum(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count != 1) return Status::kInvalidArgument;
  if (!LinesFit(arguments.inputs[0], arguments.outputs[0])) return Status::kInvalidArgument;
  const uint32_t last = arguments.inputs[0].rank - 1;
  if (arguments.inputs[0].shape[last] != arguments.outputs[0].shape[last]) return Status::kInvalidArgument;
  const CumsumPlan plan = PlanCumsum(arguments);
  if (plan.units == 0) return Status::kOk;
  if (plan.whole) {
    layout->phase_count = 1;
    layout->phases[0].blocks =
        static_cast<uint64_t>((plan.lines.count + plan.lines_per_block - 1) / plan.lines_per_block);
    return Status::kOk;
  }
  const uint64_t stretch = static_cast<uint64_t>(plan.stretch);
  const uint64_t stretches = (static_cast<uint64_t>(plan.units) + stretch - 1) / stretch;
  layout->phase_count = 2;
  layout->phases[kFirstSums].blocks = stretch;
  layout->phases[kResultsAndSums].blocks = 2 * stretch;
  layout->blocks_most = stretch + 2 * stretch * stretches;
  layout->scratch_bytes = static_cast<uint64_t>(plan.units) * sizeof(double);
  return Status::kOk;
}

// Turns the sums of a stretch's blocks into the sums of all blocks before them in their lines.
template <typename A>
void OffsetStretch(const Arguments& arguments, const CumsumPlan& plan, int64_t stretch, A neutral) {
  A* sums = reinterpret_cast<A*>(arguments.scratch);
  A offset = __builtin_bit_cast(A, arguments.results[1].bits);
  const int64_t first = stretch * plan.stretch;
  const int64_t last = plan.units - first < plan.stretch ? plan.units : first + plan.stretch;
  for (int64_t unit = first; unit < last; ++unit) {
    if (unit % plan.blocks == 0) offset = neutral;
    const A sum = sums[unit];
    sums[unit] = offset;
    if (unit % plan.blocks != plan.blocks - 1) offset += sum;
  }
  arguments.results[1].bits = __builtin_bit_cast(uint64_t, offset);
}

uint32_t NextCumsum(const Arguments& arguments, uint32_t phase) {
  const CumsumPlan plan = PlanCumsum(arguments);
  if (plan.whole) return phase + 1;
  int64_t& stretch = arguments.results[0].integer;
  if (phase == kResultsAndSums) ++stretch;
  if (stretch * plan.stretch >= plan.units) return kResultsAndSums + 1;
  const DType dtype = arguments.inputs[0].dtype;
  if (dtype == DType::kBigInt64 || dtype == DType::kBigUint64) {
    OffsetStretch<uint64_t>(arguments, plan, stretch, 0);
  } else {
    OffsetStretch<double>(arguments, plan, stretch, -0.0);
  }
  return kResultsAndSums;
}

}  // namespace

extern const Kernel kCumsumKernel;
const Kernel kCumsumKernel = {
    .name = "cumsum",
    .version = 1,
    .prepare = PrepareCumsum,
    .run_block = OFFLOOP_EACH_LEVEL(CumsumBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextCumsum,
};

}  // namespace offloop
#endif
