// A view: typed memory with a shape and strides, as kernels see it. It owns nothing.
#pragma once
#include <cstddef>
#include <cstdint>

namespace offloop {

// The order is that of `dtypes` in src/types.ts; the number crosses the seam.
enum class DType : uint8_t {
  kInt8 = 0,
  kUint8 = 1,
  kUint8Clamped = 2,
  kInt16 = 3,
  kUint16 = 4,
  kInt32 = 5,
  kUint32 = 6,
  kFloat32 = 7,
  kFloat64 = 8,
  kBigInt64 = 9,
  kBigUint64 = 10,
  kFloat16 = 11,
};

inline constexpr uint32_t kDTypeCount = 12;

inline constexpr uint32_t DTypeSize(DType dtype) {
  constexpr uint8_t kSizes[kDTypeCount] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 2};
  return kSizes[static_cast<uint8_t>(dtype)];
}

// Shapes of more axes are refused in JavaScript, after axes that can be merged have been merged.
inline constexpr uint32_t kMaxRank = 16;

// `data` points at element [0, 0, ...]; strides are in elements and may be zero or negative. The addon has
// checked that every element that shape and strides can reach lies inside memory it holds. `data` is aligned
// to nothing: JavaScript aligns typed arrays to their element size, and no further.
struct View {
  void* data = nullptr;
  DType dtype = DType::kFloat64;
  uint32_t rank = 0;
  // The first `rank` of them mean something; the others are not even cleared, as every call makes views.
  int64_t shape[kMaxRank];
  int64_t strides[kMaxRank];

  int64_t Size() const {
    int64_t size = 1;
    for (uint32_t axis = 0; axis < rank; ++axis) size *= shape[axis];
    return size;
  }

  // Row-major without gaps, so that Size() elements follow one another from `data`. No elements always do.
  bool IsContiguous() const {
    if (Size() == 0) return true;
    int64_t expected = 1;
    for (uint32_t axis = rank; axis-- > 0;) {
      if (shape[axis] != 1 && strides[axis] != expected) return false;
      expected *= shape[axis];
    }
    return true;
  }
};

}  // namespace offloop
