// normalize: out = in / norm(in) for every line along the last axis; scalars[0]: 0 sum of magnitudes, 1 root of the sum
// of squares, 2 greatest magnitude. input and output of one shape, rank >= 1, float32 or float64, any strides; `out`
// may be the input itself. Lines of zeros stay. Norms are kept in float64, and where squares would leave its range, of
// lines brought near to 1 by a power of two. Long lines are summed in chunks and folded along a fixed tree: the same
// bits for any number of threads.
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/normalize_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/normalize.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/floats.h"

#include "kernels/normalize_line.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Lines side by side, or one line.
template <typename T>
struct Panel {
  const T* in;
  T* out;
  int64_t lines;
  int64_t length;
};

template <typename T>
static Panel<T> PanelAt(const NormalizePlan& plan, int64_t index, int64_t first, int64_t last) {
  const int64_t line = index % plan.across * plan.panel;
  Panel<T> panel;
  panel.in = reinterpret_cast<const T*>(plan.in) + line * plan.in_across + first * plan.in_step;
  panel.out = reinterpret_cast<T*>(plan.out) + line * plan.out_across + first * plan.out_step;
  panel.lines = NormalizeMin(plan.panel, plan.width - line);
  panel.length = last - first;
  int64_t rest = index / plan.across;
  for (uint32_t axis = plan.rank; axis-- > 0;) {
    const int64_t at = rest % plan.shape[axis];
    rest /= plan.shape[axis];
    panel.in += at * plan.in_strides[axis];
    panel.out += at * plan.out_strides[axis];
  }
  return panel;
}

template <typename T, Norm kNorm>
static void SumPanel(const NormalizePlan& plan, const Panel<T>& panel, LineSum* sums) {
  if (!plan.panels) {
    sums[0] = CheckSum<T, kNorm>(panel.in, plan.in_step, panel.length,
                                 SumLine<T, kNorm>(panel.in, plan.in_step, panel.length, 1));
    return;
  }
  constexpr int kLanes = F64Lanes;
  alignas(64) double totals[kPanelLines] = {};
  for (int64_t i = 0; i < panel.length; ++i) {
    const T* row = panel.in + i * plan.in_step;
    int64_t line = 0;
    for (; line + kLanes <= panel.lines; line += kLanes) {
      StoreAny(totals + line, AddToNorm<kNorm>(LoadAny<F64>(totals + line), Widen(row + line)));
    }
    for (; line < panel.lines; ++line) totals[line] = AddToNorm<kNorm>(totals[line], static_cast<double>(row[line]));
  }
  for (int64_t line = 0; line < panel.lines; ++line) {
    sums[line] = CheckSum<T, kNorm>(panel.in + line, plan.in_step, panel.length, totals[line]);
  }
}

template <typename T>
static void DividePanel(const NormalizePlan& plan, const Panel<T>& panel, const LineSum* sums) {
  if (!plan.panels) {
    DivideLine<T>(panel.in, plan.in_step, panel.out, plan.out_step, panel.length, Divisor(plan.norm, sums[0]));
    return;
  }
  constexpr int kLanes = F64Lanes;
  alignas(64) double divisors[kPanelLines];
  LineSum by[kPanelLines];
  bool plain = true;
  for (int64_t line = 0; line < panel.lines; ++line) {
    by[line] = Divisor(plan.norm, sums[line]);
    plain = plain && by[line].scale == 1;
    divisors[line] = sizeof(T) == 4 ? 1 / by[line].sum : by[line].sum;
  }
  if (!plain) {
    for (int64_t line = 0; line < panel.lines; ++line) {
      DivideLine<T>(panel.in + line, plan.in_step, panel.out + line, plan.out_step, panel.length, by[line]);
    }
    return;
  }
  for (int64_t i = 0; i < panel.length; ++i) {
    const T* from = panel.in + i * plan.in_step;
    T* to = panel.out + i * plan.out_step;
    int64_t line = 0;
    for (; line + kLanes <= panel.lines; line += kLanes) {
      const F64 value = Widen(from + line);
      const F64 divisor = LoadAny<F64>(divisors + line);
      Narrow(to + line, sizeof(T) == 4 ? value * divisor : value / divisor);
    }
    for (; line < panel.lines; ++line) {
      const double value = static_cast<double>(from[line]);
      to[line] = static_cast<T>(sizeof(T) == 4 ? value * divisors[line] : value / divisors[line]);
    }
  }
}

template <typename T>
static void SumPanelOf(const NormalizePlan& plan, const Panel<T>& panel, LineSum* sums) {
  switch (plan.norm) {
    case Norm::kL1:
      return SumPanel<T, Norm::kL1>(plan, panel, sums);
    case Norm::kL2:
      return SumPanel<T, Norm::kL2>(plan, panel, sums);
    case Norm::kMax:
      return SumPanel<T, Norm::kMax>(plan, panel, sums);
  }
}

template <typename T>
static void RunNormalize(const NormalizePlan& plan, const Arguments& arguments, const Block& block) {
  const int64_t index = static_cast<int64_t>(block.index);
  if (plan.chunks == 1) {
    LineSum sums[kPanelLines];
    const int64_t last = NormalizeMin(plan.count, (index + 1) * plan.group);
    for (int64_t at = index * plan.group; at < last; ++at) {
      const Panel<T> panel = PanelAt<T>(plan, at, 0, plan.length);
      SumPanelOf<T>(plan, panel, sums);
      DividePanel<T>(plan, panel, sums);
    }
    return;
  }
  const int64_t at = index / plan.chunks;
  const int64_t first = index % plan.chunks * plan.chunk;
  const Panel<T> panel = PanelAt<T>(plan, at, first, NormalizeMin(plan.length, first + plan.chunk));
  if (block.phase == 0) {
    LineSum* sums = reinterpret_cast<LineSum*>(block.partial);
    for (int64_t line = panel.lines; line < plan.panel; ++line) sums[line] = {1, 0};
    SumPanelOf<T>(plan, panel, sums);
  } else {
    const std::byte* folded =
        arguments.partials + at * plan.chunks * plan.panel * static_cast<int64_t>(sizeof(LineSum));
    DividePanel<T>(plan, panel, reinterpret_cast<const LineSum*>(folded));
  }
}

}  // namespace

static void NormalizeBlock(const Arguments& arguments, const Block& block) {
  const NormalizePlan plan = PlanNormalize(arguments);
  if (plan.is_float)
    RunNormalize<float>(plan, arguments, block);
  else
    RunNormalize<double>(plan, arguments, block);
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareNormalize(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 1 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& in = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  if (in.dtype != out.dtype || in.rank != out.rank || in.rank == 0) return Status::kInvalidArgument;
  if (out.dtype != DType::kFloat32 && out.dtype != DType::kFloat64) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis < in.rank; ++axis) {
    if (in.shape[axis] != out.shape[axis]) return Status::kInvalidArgument;
  }
  if (!(arguments.scalars[0] >= 0 && arguments.scalars[0] <= 2)) return Status::kInvalidArgument;
  const NormalizePlan plan = PlanNormalize(arguments);
  if (plan.groups == 0) return Status::kOk;
  layout->phases[0].blocks = static_cast<uint64_t>(plan.groups * plan.chunks);
  layout->phase_count = 1;
  if (plan.chunks > 1) {
    layout->phases[0].partial_bytes = static_cast<uint32_t>(plan.panel * static_cast<int64_t>(sizeof(LineSum)));
    layout->phases[0].group = static_cast<uint64_t>(plan.chunks);
    layout->phases[1].blocks = layout->phases[0].blocks;
    layout->phase_count = 2;
  }
  return Status::kOk;
}

static void CombineNormalize(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const NormalizePlan plan = PlanNormalize(arguments);
  LineSum* sums = reinterpret_cast<LineSum*>(into);
  const LineSum* others = reinterpret_cast<const LineSum*>(from);
  for (int64_t line = 0; line < plan.panel; ++line) AddLineSum(plan.norm, sums + line, others[line]);
}

extern const Kernel kNormalizeKernel;
const Kernel kNormalizeKernel = {
    "normalize", 1, PrepareNormalize, OFFLOOP_EACH_LEVEL(NormalizeBlock), CombineNormalize, nullptr,
};

#endif

}  // namespace offloop
