// How lines that are brought to norm 1 are cut into blocks: a pure function of shapes, strides and scalars.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {
namespace {

enum class Norm : uint8_t { kL1 = 0, kL2 = 1, kMax = 2 };

// Lines that are worked on side by side, where neighbours lie next to each other.
constexpr int64_t kPanelLines = 64;
// Elements of a block.
constexpr int64_t kNormalizeElements = 1 << 15;

struct NormalizePlan {
  bool is_float;  // float32, else float64
  Norm norm;
  // Lines are worked on side by side, along `across`; else one by one.
  bool panels;
  const std::byte* in;
  std::byte* out;
  int64_t length;             // of a line
  int64_t in_step, out_step;  // along a line
  int64_t in_across, out_across;
  int64_t width;  // lines along `across`
  // The other axes.
  uint32_t rank;
  int64_t others;
  int64_t shape[kMaxRank], in_strides[kMaxRank], out_strides[kMaxRank];

  int64_t panel;   // lines of a panel
  int64_t across;  // panels that cover `width`
  int64_t count;   // panels in all
  // A block is `group` panels, or one of `chunks` parts of one.
  int64_t group, groups;
  int64_t chunk, chunks;

  int64_t ElementBytes() const { return is_float ? 4 : 8; }
};

inline int64_t NormalizeMin(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t NormalizeMax(int64_t a, int64_t b) { return a > b ? a : b; }

// Lines run along the last axis.
inline NormalizePlan PlanNormalize(const Arguments& arguments) {
  const View& in = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  const uint32_t last = out.rank - 1;
  NormalizePlan plan;
  plan.is_float = out.dtype == DType::kFloat32;
  plan.norm = static_cast<Norm>(static_cast<int>(arguments.scalars[0]));
  plan.in = static_cast<const std::byte*>(in.data);
  plan.out = static_cast<std::byte*>(out.data);
  plan.length = out.shape[last];
  plan.in_step = in.strides[last];
  plan.out_step = out.strides[last];
  uint32_t across = last;
  if (plan.in_step != 1 || plan.out_step != 1 || plan.length <= 4) {
    for (uint32_t axis = 0; axis < last; ++axis) {
      if (out.shape[axis] > 1 && in.strides[axis] == 1 && out.strides[axis] == 1) across = axis;
    }
  }
  plan.panels = across != last;
  plan.width = plan.panels ? out.shape[across] : 1;
  plan.in_across = plan.out_across = 1;
  plan.rank = 0;
  plan.others = 1;
  for (uint32_t axis = 0; axis < last; ++axis) {
    if (axis == across || out.shape[axis] == 1) continue;
    plan.shape[plan.rank] = out.shape[axis];
    plan.in_strides[plan.rank] = in.strides[axis];
    plan.out_strides[plan.rank] = out.strides[axis];
    plan.others *= out.shape[axis];
    ++plan.rank;
  }
  plan.panel = NormalizeMax(1, NormalizeMin(kPanelLines, plan.width));
  plan.across = (plan.width + plan.panel - 1) / plan.panel;
  plan.count = plan.others * plan.across;
  plan.group = 1;
  plan.chunks = 1;
  plan.chunk = plan.length;
  plan.groups = 0;
  if (plan.length == 0 || plan.count == 0) return plan;
  const int64_t most = NormalizeMax(1, kNormalizeElements / plan.panel);
  if (plan.length > 2 * most) {
    plan.chunks = (plan.length + most - 1) / most;
    plan.chunk = (plan.length + plan.chunks - 1) / plan.chunks;
    plan.chunk = (plan.chunk + 15) / 16 * 16;
    plan.chunks = (plan.length + plan.chunk - 1) / plan.chunk;
  } else {
    plan.group = NormalizeMin(plan.count, NormalizeMax(1, kNormalizeElements / (plan.panel * plan.length)));
  }
  plan.groups = (plan.count + plan.group - 1) / plan.group;
  return plan;
}

// The norm of part of a line before the root: scale * sum, or scale^2 * sum of squares. The scale is a power of two; 1
// but where the sum would leave the range of doubles otherwise.
struct LineSum {
  double scale, sum;
};

inline void AddLineSum(Norm norm, LineSum* into, const LineSum& from) {
  if (norm == Norm::kMax) {
    // NaN stays.
    if (!(from.sum <= into->sum) && into->sum == into->sum) into->sum = from.sum;
    return;
  }
  if (into->scale == from.scale || from.sum == 0) {
    into->sum += from.sum;
    return;
  }
  const LineSum low = into->scale < from.scale ? *into : from;
  LineSum high = into->scale < from.scale ? from : *into;
  if (into->sum == 0) {
    *into = from;
    return;
  }
  const double ratio = low.scale / high.scale;
  high.sum += norm == Norm::kL2 ? low.sum * ratio * ratio : low.sum * ratio;
  *into = high;
}

}  // namespace
}  // namespace offloop
