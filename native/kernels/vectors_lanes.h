// Sums of the lanes of vectors, always in the same order. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The lower half of a vector's lanes plus the upper, down to 16 bytes.
template <typename V>
static inline __attribute__((always_inline)) auto FoldLanes(V v) {
  if constexpr (sizeof(V) == 64) {
    typedef __typeof__(v[0] + v[0]) Half __attribute__((vector_size(32)));
    struct Halves {
      Half low, high;
    };
    const Halves halves = __builtin_bit_cast(Halves, v);
    return FoldLanes(halves.low + halves.high);
  } else if constexpr (sizeof(V) == 32) {
    typedef __typeof__(v[0] + v[0]) Half __attribute__((vector_size(16)));
    struct Halves {
      Half low, high;
    };
    const Halves halves = __builtin_bit_cast(Halves, v);
    return halves.low + halves.high;
  } else {
    return v;
  }
}

// raw[i] = the sum of the lanes of v[i]. Always in the same order, whatever kRows.
template <int kRows, typename V, typename T>
static inline __attribute__((always_inline)) void SumLanes(const V (&v)[kRows], T* raw) {
  if constexpr (kRows == 4 && sizeof(T) == 4) {
    const auto a = FoldLanes(v[0]), b = FoldLanes(v[1]), c = FoldLanes(v[2]), d = FoldLanes(v[3]);
    const auto ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const auto cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const auto sums = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    for (int i = 0; i < 4; ++i) raw[i] = sums[i];
  } else {
    for (int i = 0; i < kRows; ++i) {
      const auto folded = FoldLanes(v[i]);
      if constexpr (sizeof(T) == 4)
        raw[i] = (folded[0] + folded[2]) + (folded[1] + folded[3]);
      else
        raw[i] = folded[0] + folded[1];
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
