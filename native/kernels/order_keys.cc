// Rows to keys and back, compiled once a CPU level for all kernels that put keys in order.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/view.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/order_keys.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/order_keys.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename Element>
static inline void ReadNarrow(const KeyReader& reader, uint64_t first, size_t n, int64_t* __restrict to) {
  constexpr size_t kStep = 256;
  alignas(64) int32_t keys[kStep];
  const Element* from = static_cast<const Element*>(reader.data) + static_cast<int64_t>(first) * reader.stride;
  for (size_t i = 0; i < n; i += kStep) {
    const size_t count = n - i < kStep ? n - i : kStep;
    EncodeHere(from + static_cast<int64_t>(i) * reader.stride, reader.stride, count, keys, reader.narrow);
    for (size_t k = 0; k < count; ++k) to[i + k] = keys[k];
  }
}

template <typename Element>
static inline void WriteNarrow(const KeyReader& reader, const int64_t* __restrict from, size_t n,
                               Element* __restrict to, int64_t stride) {
  const Coding<int32_t> coding = reader.narrow;
  if (stride == 1) {
    for (size_t i = 0; i < n; ++i) to[i] = static_cast<Element>(Decode(static_cast<int32_t>(from[i]), coding));
  } else {
    for (size_t i = 0; i < n; ++i) {
      to[static_cast<int64_t>(i) * stride] = static_cast<Element>(Decode(static_cast<int32_t>(from[i]), coding));
    }
  }
}

}  // namespace

void ReadKeys(const KeyReader& reader, uint64_t first, size_t n, int64_t* __restrict to) {
  switch (reader.dtype) {
    case DType::kInt8:
      ReadNarrow<int8_t>(reader, first, n, to);
      break;
    case DType::kUint8:
    case DType::kUint8Clamped:
      ReadNarrow<uint8_t>(reader, first, n, to);
      break;
    case DType::kUint16:
      ReadNarrow<uint16_t>(reader, first, n, to);
      break;
    case DType::kInt16:
    case DType::kFloat16:
      ReadNarrow<int16_t>(reader, first, n, to);
      break;
    case DType::kInt32:
    case DType::kUint32:
    case DType::kFloat32:
      ReadNarrow<int32_t>(reader, first, n, to);
      break;
    default:
      EncodeHere(static_cast<const int64_t*>(reader.data) + static_cast<int64_t>(first) * reader.stride, reader.stride,
                 n, to, reader.wide);
  }
  if (reader.merges_zeros) {
    for (size_t i = 0; i < n; ++i) to[i] = to[i] == -1 ? 0 : to[i];
  }
}

void WriteElements(const KeyReader& reader, const int64_t* from, size_t n, void* row, int64_t stride, uint64_t at) {
  const int64_t offset = static_cast<int64_t>(at) * stride;
  switch (DTypeSize(reader.dtype)) {
    case 1:
      return WriteNarrow(reader, from, n, static_cast<uint8_t*>(row) + offset, stride);
    case 2:
      return WriteNarrow(reader, from, n, static_cast<uint16_t*>(row) + offset, stride);
    case 4:
      return WriteNarrow(reader, from, n, static_cast<uint32_t*>(row) + offset, stride);
    default:
      return DecodeKeys(from, n, static_cast<int64_t*>(row) + offset, stride, reader.wide);
  }
}

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
