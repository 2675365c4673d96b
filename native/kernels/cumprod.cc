// cumprod: running products along the last axis of inputs[0], into outputs[0] of the same shape. float16 and float32
// are multiplied in float64 and rounded once, small integers give float64, 64-bit integers wrap. A line goes from
// group to group of eight (scan_group.h): result = base · y, base the last result before the group. Where a group has
// a factor outside 2^±120, with which y alone could overflow or vanish, it is multiplied one factor after another.
// Long lines are done a part a phase, since each part needs the one before.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/reduce.h"
#include "kernels/scan_lines.h"

#ifndef OFFLOOP_CUMPROD_PLAN
#define OFFLOOP_CUMPROD_PLAN
namespace offloop {
namespace {

// Elements of a part of a line.
inline constexpr int64_t kProductPart = 1 << 18;
inline constexpr int64_t kProductBlock = 16384;
inline constexpr int64_t kProductStreamBytes = int64_t{16} << 20;

struct CumprodPlan {
  Lines lines;
  int64_t parts;  // of a line
  int64_t lines_per_block;
  bool stream;
};

CumprodPlan PlanCumprod(const Arguments& arguments) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  CumprodPlan plan;
  plan.lines = LinesOf(input, output);
  const int64_t n = plan.lines.length;
  plan.parts = (n + kProductPart - 1) / kProductPart;
  plan.lines_per_block = n >= kProductBlock ? 1 : kProductBlock / (n > 0 ? n : 1);
  const int64_t bytes = plan.lines.count * n * DTypeSize(output.dtype);
  plan.stream = bytes >= kProductStreamBytes && plan.lines.out_stride == 1 && input.data != output.data && n >= 512;
  return plan;
}

// results[0] is the part that is being done; scratch has the base of each line.

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_CUMPROD_PLAN

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/cumprod.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/scan_store.h"
#include "kernels/scan_group.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

OFFLOOP_INLINE bool AnyLane(I64 lanes) {
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 64
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(lanes)) != 0;
#elif OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES == 32
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(lanes)) != 0;
#else
  return (lanes[0] | lanes[1]) != 0;
#endif
}

// Whether all factors of a group are so near to 1 that no product of eight of them leaves the range of float64.
OFFLOOP_INLINE bool IsTame(const F64* v) {
  I64 wild = {};
#pragma GCC unroll 4
  for (int k = 0; k < kGroupVectors; ++k) {
    const I64 exponent = (I64)((U64)v[k] & 0x7ff0000000000000);
    wild |= (exponent < int64_t{903} << 52) | (exponent > int64_t{1143} << 52);
  }
  return !AnyLane(wild);
}
OFFLOOP_INLINE bool IsTame(const U64*) { return true; }

template <typename T, typename R, typename A>
OFFLOOP_INLINE void ProductPiece(int64_t count, const T* x, R* y, A* product) {
  using V = typename VectorOf<A>::V;
  V base = Broadcast<V>(*product);
  for (int64_t i = 0; i < count; i += kGroup) {
    A factors[kGroup];
    V v[kGroupVectors];
    const bool is_whole = i + kGroup <= count;
    if (is_whole) {
#pragma GCC unroll 4
      for (int k = 0; k < kGroupVectors; ++k) v[k] = LoadAccumulators(x + i + k * F64Lanes);
    } else {
      for (int k = 0; k < kGroup; ++k) factors[k] = i + k < count ? LoadAccumulator(x + i + k) : A{1};
#pragma GCC unroll 4
      for (int k = 0; k < kGroupVectors; ++k) v[k] = Load<V>(factors + k * F64Lanes);
    }
    if (IsTame(v)) [[likely]] {
      const V last = Sklansky<Multiply, A>(v);
      if (is_whole) [[likely]] {
#pragma GCC unroll 4
        for (int k = 0; k < kGroupVectors; ++k) StoreVector(y + i + k * F64Lanes, base * v[k]);
      } else {
#pragma GCC unroll 4
        for (int k = 0; k < kGroupVectors; ++k) Store(factors + k * F64Lanes, base * v[k]);
        for (int k = 0; i + k < count; ++k) StoreOne(y + i + k, factors[k]);
      }
      base *= last;
    } else {
#pragma GCC unroll 4
      for (int k = 0; k < kGroupVectors; ++k) Store(factors + k * F64Lanes, v[k]);
      A running = base[0];
      for (int k = 0; k < kGroup && i + k < count; ++k) {
        running *= factors[k];
        StoreOne(y + i + k, running);
      }
      base = Broadcast<V>(running);
    }
  }
  *product = base[0];
}

template <typename T, typename R>
void CumprodOf(const Arguments& arguments, const Block& block) {
  using A = typename AccumulatorOf<T>::Type;
  const CumprodPlan plan = PlanCumprod(arguments);
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  const Lines& lines = plan.lines;
  const int64_t part = arguments.results[0].integer;
  const int64_t start = part * kProductPart;
  const int64_t end = lines.length - start < kProductPart ? lines.length : start + kProductPart;
  A* bases = reinterpret_cast<A*>(arguments.scratch);
  const int64_t first = static_cast<int64_t>(block.index) * plan.lines_per_block;
  const int64_t last = lines.count - first < plan.lines_per_block ? lines.count : first + plan.lines_per_block;
  for (int64_t line = first; line < last; ++line) {
    const ScanLine x = ScanLineOf(input, line);
    R* y = static_cast<R*>(output.data) + LineOffset(output, line);
    A product = part == 0 ? A{1} : bases[line];
    ForPieces<T>(x, y, lines.out_stride, start, end, plan.stream,
                 [&](int64_t count, const T* in, R* out) { ProductPiece(count, in, out, &product); });
    if (plan.parts > 1) bases[line] = product;
  }
}

void CumprodBlock(const Arguments& arguments, const Block& block) {
  ForScan(arguments.inputs[0].dtype, [&]<typename T, typename R>() { CumprodOf<T, R>(arguments, block); });
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareCumprod(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count != 1) return Status::kInvalidArgument;
  if (!LinesFit(arguments.inputs[0], arguments.outputs[0])) return Status::kInvalidArgument;
  const uint32_t last = arguments.inputs[0].rank - 1;
  if (arguments.inputs[0].shape[last] != arguments.outputs[0].shape[last]) return Status::kInvalidArgument;
  const CumprodPlan plan = PlanCumprod(arguments);
  if (plan.lines.count == 0 || plan.parts == 0) return Status::kOk;
  const uint64_t blocks = static_cast<uint64_t>((plan.lines.count + plan.lines_per_block - 1) / plan.lines_per_block);
  layout->phase_count = 1;
  layout->phases[0].blocks = blocks;
  layout->blocks_most = blocks * static_cast<uint64_t>(plan.parts);
  if (plan.parts > 1) layout->scratch_bytes = static_cast<uint64_t>(plan.lines.count) * sizeof(double);
  return Status::kOk;
}

uint32_t NextCumprod(const Arguments& arguments, uint32_t) {
  const CumprodPlan plan = PlanCumprod(arguments);
  return ++arguments.results[0].integer < plan.parts ? 0 : 1;
}

}  // namespace

extern const Kernel kCumprodKernel;
const Kernel kCumprodKernel = {
    .name = "cumprod",
    .version = 1,
    .prepare = PrepareCumprod,
    .run_block = OFFLOOP_EACH_LEVEL(CumprodBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextCumprod,
};

}  // namespace offloop
#endif
