// diff: differences of neighbours along the last axis of inputs[0], scalars[0] times over, into outputs[0], whose lines
// are that much shorter. Every difference is rounded to the result's type: floats and 64-bit integers (which wrap) keep
// theirs, small integers give float64.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/reduce.h"
#include "kernels/scan_lines.h"

#ifndef OFFLOOP_DIFF_PLAN
#define OFFLOOP_DIFF_PLAN
namespace offloop {
namespace {

// Results of a block, and how many of them are in the making at once, beside as many elements as the order is.
inline constexpr int64_t kDiffBlock = 16384;
inline constexpr int64_t kDiffPiece = 1024;
inline constexpr int64_t kDiffMostOrder = 256;
inline constexpr int64_t kDiffStreamBytes = int64_t{16} << 20;

struct DiffPlan {
  Lines lines;  // length: of a line of the result
  int64_t order;
  int64_t blocks;  // of a line
  int64_t lines_per_block;
  bool stream;
};

DiffPlan PlanDiff(const Arguments& arguments) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  DiffPlan plan;
  plan.lines = LinesOf(input, output);
  plan.lines.length = output.shape[output.rank - 1];
  plan.order = static_cast<int64_t>(arguments.scalars[0]);
  const int64_t n = plan.lines.length;
  plan.blocks = (n + kDiffBlock - 1) / kDiffBlock;
  plan.lines_per_block = n >= kDiffBlock ? 1 : kDiffBlock / (n > 0 ? n : 1);
  const int64_t bytes = plan.lines.count * n * DTypeSize(output.dtype);
  plan.stream = bytes >= kDiffStreamBytes && plan.lines.out_stride == 1 && n >= 512;
  return plan;
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_DIFF_PLAN

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/diff.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/scan_store.h"
#include "kernels/scan_group.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Differences are made in T: float16 in float64, where they are exact, and rounded after each.
template <typename T, typename R>
void DiffOf(const Arguments& arguments, const Block& block) {
  constexpr bool kIsHalf = __is_same(R, Half);
  const DiffPlan plan = PlanDiff(arguments);
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  const int64_t index = static_cast<int64_t>(block.index);
  const int64_t first_line = plan.blocks > 1 ? index / plan.blocks : index * plan.lines_per_block;
  const int64_t left = plan.lines.count - first_line;
  const int64_t lines = left < plan.lines_per_block ? left : plan.lines_per_block;
  const int64_t start = plan.blocks > 1 ? index % plan.blocks * kDiffBlock : 0;
  const int64_t end = plan.lines.length - start < kDiffBlock ? plan.lines.length : start + kDiffBlock;
  const int64_t out_stride = plan.lines.out_stride;
  alignas(64) T values[kDiffPiece + kDiffMostOrder];
  alignas(64) R results[kDiffPiece];
  for (int64_t line = first_line; line < first_line + lines; ++line) {
    const ScanLine x = ScanLineOf(input, line);
    R* y = static_cast<R*>(output.data) + LineOffset(output, line);
    for (int64_t i = start; i < end; i += kDiffPiece) {
      const int64_t count = end - i < kDiffPiece ? end - i : kDiffPiece;
      R* to = out_stride == 1 && !plan.stream ? y + i : results;
      const T* from = PieceOf(x, i, count + plan.order, values);
      if (plan.order == 1) {
        for (int64_t k = 0; k < count; ++k) StoreOne(to + k, from[k + 1] - from[k]);
      } else {
        for (int64_t k = 0; k < count + plan.order && from != values; ++k) values[k] = from[k];
        for (int64_t round = plan.order - 1; round >= 0; --round) {
          for (int64_t k = 0; k < count + round; ++k) {
            values[k] = values[k + 1] - values[k];
            if constexpr (kIsHalf) values[k] = DecodeFloat16(EncodeFloat16(values[k]));
          }
        }
        for (int64_t k = 0; k < count; ++k) StoreOne(to + k, values[k]);
      }
      if (out_stride == 1) {
        if (plan.stream) StreamOut(y + i, results, count * static_cast<int64_t>(sizeof(R)));
      } else {
        for (int64_t k = 0; k < count; ++k) y[(i + k) * out_stride] = results[k];
      }
    }
  }
  if (plan.stream) EndStream();
}

void DiffBlock(const Arguments& arguments, const Block& block) {
  ForScan(arguments.inputs[0].dtype, [&]<typename T, typename R>() { DiffOf<T, R>(arguments, block); });
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareDiff(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  if (!LinesFit(input, output)) return Status::kInvalidArgument;
  const double order = arguments.scalars[0];
  if (!(order >= 1 && order <= static_cast<double>(kDiffMostOrder))) return Status::kInvalidArgument;
  const DiffPlan plan = PlanDiff(arguments);
  if (plan.lines.length == 0 || plan.lines.count == 0) return Status::kOk;
  if (plan.lines.length + plan.order != input.shape[input.rank - 1]) return Status::kInvalidArgument;
  layout->phase_count = 1;
  layout->phases[0].blocks =
      static_cast<uint64_t>(plan.blocks > 1 ? plan.lines.count * plan.blocks
                                            : (plan.lines.count + plan.lines_per_block - 1) / plan.lines_per_block);
  return Status::kOk;
}

}  // namespace

extern const Kernel kDiffKernel;
const Kernel kDiffKernel = {
    .name = "diff",
    .version = 1,
    .prepare = PrepareDiff,
    .run_block = OFFLOOP_EACH_LEVEL(DiffBlock),
    .combine = nullptr,
    .finish = nullptr,
};

}  // namespace offloop
#endif
