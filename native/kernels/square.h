// Squares of elements that are transposed in registers: log2(side) rounds of perfect shuffles of row i with row
// i + side / 2 do it, as each moves one bit of an element's index across. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Rows of a square fill a vector of the level, but for those of one and two bytes: 16 bytes.
template <typename T>
static constexpr int kSquareSide = (sizeof(T) < 4 ? 16 : OFFLOOP_VECTOR_BYTES) / static_cast<int>(sizeof(T));

template <typename T, int kSide>
struct SquareRow {
  typedef T Type __attribute__((vector_size(kSide * sizeof(T))));
};

// Elements of the lower halves of a and b in turn.
template <typename V>
static inline __attribute__((always_inline)) V ZipLower(V a, V b) {
  constexpr int lanes = sizeof(V) / sizeof(a[0]);
  if constexpr (lanes == 2)
    return __builtin_shufflevector(a, b, 0, 2);
  else if constexpr (lanes == 4)
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
  else if constexpr (lanes == 8)
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  else
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// Elements of the upper halves.
template <typename V>
static inline __attribute__((always_inline)) V ZipUpper(V a, V b) {
  constexpr int lanes = sizeof(V) / sizeof(a[0]);
  if constexpr (lanes == 2)
    return __builtin_shufflevector(a, b, 1, 3);
  else if constexpr (lanes == 4)
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
  else if constexpr (lanes == 8)
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  else
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// to[j * out + i] = from[i * in + j] for i, j below kSide.
template <typename T, int kSide>
static inline __attribute__((always_inline)) void TransposeSquare(const T* from, int64_t in, T* to, int64_t out) {
  using V = typename SquareRow<T, kSide>::Type;
  V rows[kSide], next[kSide];
#pragma GCC unroll 16
  for (int i = 0; i < kSide; ++i) rows[i] = LoadAny<V>(from + i * in);
#pragma GCC unroll 4
  for (int round = 1; round < kSide; round *= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < kSide / 2; ++i) {
      next[2 * i] = ZipLower(rows[i], rows[i + kSide / 2]);
      next[2 * i + 1] = ZipUpper(rows[i], rows[i + kSide / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kSide; ++i) rows[i] = next[i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < kSide; ++i) StoreAny(to + i * out, rows[i]);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
