// searchsorted: where each element of inputs[1] belongs in inputs[0], a row in ascending order of the same dtype, into
// outputs[0], uint32 of the shape of inputs[1]: before all that equal it, or after them when scalars[0] != 0.
// -0 equals +0, NaN is above all and equals itself. Branchless binary searches, many side by side, so that their
// cache misses overlap; every step stays inside the row, whatever its elements are.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/searchsorted.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/order_keys.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr uint64_t kSearchChunk = 4096;

// The searches of n values, of which `keys` has the keys, in the row `sorted`.
template <typename Element, typename Key>
static inline void SearchKeys(const Element* sorted, int64_t stride, uint64_t length, const Coding<Key>& coding_in,
                              bool merges_zeros, bool after, const int64_t* keys, size_t n, uint64_t* to) {
  const Coding<Key> coding = coding_in;
  const Key zero_from = merges_zeros ? -1 : 0;
  for (size_t i = 0; i < n; ++i) to[i] = 0;
  uint64_t rest = length;
  while (rest > 1) {
    const uint64_t half = rest / 2;
    for (size_t i = 0; i < n; ++i) {
      const Key element = Encode(static_cast<Key>(sorted[static_cast<int64_t>(to[i] + half - 1) * stride]), coding);
      const int64_t key = element == zero_from ? 0 : element;
      const bool below = after ? key <= keys[i] : key < keys[i];
      // By a mask: GCC makes a branch of a choice, for some types of element, and it is mispredicted half of the time.
      to[i] += half & (uint64_t{0} - (below ? 1 : 0));
    }
    rest -= half;
  }
  if (length == 0) return;
  for (size_t i = 0; i < n; ++i) {
    const Key element = Encode(static_cast<Key>(sorted[static_cast<int64_t>(to[i]) * stride]), coding);
    const int64_t key = element == zero_from ? 0 : element;
    to[i] += (after ? key <= keys[i] : key < keys[i]) ? 1 : 0;
  }
}

static void SearchIn(const KeyReader& sorted, uint64_t length, bool after, const int64_t* keys, size_t n,
                     uint64_t* to) {
  const auto search = [&](auto* elements, const auto& coding) {
    SearchKeys(elements, sorted.stride, length, coding, sorted.merges_zeros, after, keys, n, to);
  };
  switch (sorted.dtype) {
    case DType::kInt8:
      return search(static_cast<const int8_t*>(sorted.data), sorted.narrow);
    case DType::kUint8:
    case DType::kUint8Clamped:
      return search(static_cast<const uint8_t*>(sorted.data), sorted.narrow);
    case DType::kUint16:
      return search(static_cast<const uint16_t*>(sorted.data), sorted.narrow);
    case DType::kInt16:
    case DType::kFloat16:
      return search(static_cast<const int16_t*>(sorted.data), sorted.narrow);
    case DType::kInt32:
    case DType::kUint32:
    case DType::kFloat32:
      return search(static_cast<const int32_t*>(sorted.data), sorted.narrow);
    default:
      return search(static_cast<const int64_t*>(sorted.data), sorted.wide);
  }
}

static void SearchsortedBlock(const Arguments& arguments, const Block& block) {
  const View& values = arguments.inputs[1];
  const View& output = arguments.outputs[0];
  const KeyReader sorted = MakeKeyReader(arguments.inputs[0], false, true);
  const uint64_t length = static_cast<uint64_t>(arguments.inputs[0].shape[0]);
  KeyReader reader = MakeKeyReader(values, false, true);
  const uint64_t line = static_cast<uint64_t>(values.shape[values.rank - 1]);
  const uint64_t chunks = (line + kSearchChunk - 1) / kSearchChunk;
  const uint64_t row = block.index / chunks;
  const uint64_t first = block.index % chunks * kSearchChunk;
  const uint64_t last = line - first < kSearchChunk ? line : first + kSearchChunk;
  GoToRow(&reader, values, row);
  uint32_t* to = static_cast<uint32_t*>(RowOf(output, row));
  const int64_t stride = SortStride(output);
  constexpr size_t kStep = 64;
  int64_t keys[kStep];
  uint64_t places[kStep];
  for (uint64_t at = first; at < last; at += kStep) {
    const size_t count = last - at < kStep ? last - at : kStep;
    ReadKeys(reader, at, count, keys);
    SearchIn(sorted, length, arguments.scalars[0] != 0, keys, count, places);
    for (size_t i = 0; i < count; ++i) {
      to[static_cast<int64_t>(at + i) * stride] = static_cast<uint32_t>(places[i]);
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

using baseline::kSearchChunk;

Status PrepareSearchsorted(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 2 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& sorted = arguments.inputs[0];
  const View& values = arguments.inputs[1];
  const View& output = arguments.outputs[0];
  if (sorted.rank != 1 || sorted.dtype != values.dtype || output.dtype != DType::kUint32) {
    return Status::kInvalidArgument;
  }
  if (values.rank == 0 || values.rank != output.rank) return Status::kInvalidArgument;
  for (uint32_t axis = 0; axis < values.rank; ++axis) {
    if (values.shape[axis] != output.shape[axis]) return Status::kInvalidArgument;
  }
  if (values.Size() == 0) return Status::kOk;
  const uint64_t line = static_cast<uint64_t>(values.shape[values.rank - 1]);
  layout->phase_count = 1;
  layout->phases[0].blocks = static_cast<uint64_t>(values.Size()) / line * ((line + kSearchChunk - 1) / kSearchChunk);
  return Status::kOk;
}

}  // namespace

extern const Kernel kSearchsortedKernel;
const Kernel kSearchsortedKernel = {
    .name = "searchsorted",
    .version = 1,
    .prepare = PrepareSearchsorted,
    .run_block = OFFLOOP_EACH_LEVEL(SearchsortedBlock),
    .combine = nullptr,
    .finish = nullptr,
};

}  // namespace offloop
#endif
