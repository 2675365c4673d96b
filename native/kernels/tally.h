// What histogram and bincount share: elements become numbers of bins, and bins count them or add up their weights.
// Few bins: every block has a table of its own, and the driver adds the tables up along its fixed tree. Many: tables
// for every block would not fit, and blocks follow one another, a phase each, in the result itself. So do few elements,
// which are counted sooner than a table is cleared and read.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"

namespace offloop {

// Bins of a table that every block may have.
inline constexpr int64_t kTallyFewBins = 65536;
// Elements of a block, part of what sums of weights are: the JavaScript reference has the same.
inline constexpr int64_t kTallyBlock = 131072;
// Counts go to several tables in turn, so that equal elements don't wait for each other.
inline constexpr int64_t kTallyTables = 4;
inline constexpr int64_t kTallyManyTablesBins = 2048;
// For a bin; up to these a table costs more than elements that wait for each other.
inline constexpr int64_t kTallyFewElements = 8;
// Elements that are brought into local memory at once.
inline constexpr int64_t kTallyPiece = 512;

struct TallyPlan {
  int64_t elements;
  int64_t bins;
  int64_t blocks;
  int64_t tables;
  bool serial;
  bool weighted;
};

inline TallyPlan PlanTally(const View& x, int64_t bins, bool weighted) {
  TallyPlan plan;
  plan.elements = x.Size();
  plan.bins = bins;
  plan.blocks = (plan.elements + kTallyBlock - 1) / kTallyBlock;
  plan.tables = bins <= kTallyManyTablesBins ? kTallyTables : 1;
  // Bytes are counted by value, which has no need of that.
  const bool bytes = DTypeSize(x.dtype) == 1 && !weighted;
  const bool few = !bytes && plan.elements <= kTallyBlock && plan.elements <= bins * kTallyFewElements;
  plan.serial = bins > kTallyFewBins || few;
  plan.weighted = weighted;
  return plan;
}

inline void LayOutTally(const TallyPlan& plan, Layout* layout) {
  if (plan.elements == 0) return;
  const uint64_t blocks = static_cast<uint64_t>(plan.blocks);
  const uint64_t bins = static_cast<uint64_t>(plan.bins);
  layout->phase_count = 1;
  layout->phases[0].blocks = plan.serial ? 1 : blocks;
  layout->blocks_most = blocks;
  if (plan.serial) return;
  layout->phases[0].partial_bytes = static_cast<uint32_t>((bins + 1) / 2 * 16);
  // One bin more, for elements that belong nowhere. Bytes have 256 counts in each table, whatever the bins.
  const uint64_t slots = bins + 1 > 256 ? bins + 1 : 256;
  layout->local_bytes = slots * sizeof(double) * static_cast<uint64_t>(plan.tables);
}

// Whether there is another block, where these follow one another; results[0] counts them.
inline uint32_t NextTally(const Arguments& arguments, const TallyPlan& plan, uint32_t phase) {
  if (!plan.serial) return phase + 1;
  return ++arguments.results[0].integer < plan.blocks ? 0 : 1;
}

inline void CombineTally(const TallyPlan& plan, std::byte* into, const std::byte* from) {
  double* a = reinterpret_cast<double*>(into);
  const double* b = reinterpret_cast<const double*>(from);
  for (int64_t bin = 0; bin < plan.bins; ++bin) a[bin] += b[bin];
}

// The elements [first, first + count) of a view in row-major order, wherever they lie.
template <typename T>
inline __attribute__((always_inline)) void GatherElements(const View& view, int64_t first, int64_t count, T* to) {
  const T* data = static_cast<const T*>(view.data);
  int64_t index[kMaxRank];
  int64_t at = 0;
  int64_t rest = first;
  for (uint32_t axis = view.rank; axis-- > 0;) {
    index[axis] = rest % view.shape[axis];
    rest /= view.shape[axis];
    at += index[axis] * view.strides[axis];
  }
  for (int64_t i = 0; i < count; ++i) {
    to[i] = data[at];
    for (uint32_t axis = view.rank; axis-- > 0;) {
      at += view.strides[axis];
      if (++index[axis] < view.shape[axis]) break;
      at -= view.strides[axis] * view.shape[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace offloop
