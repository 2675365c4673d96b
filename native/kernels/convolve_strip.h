// The register kernel of convolutions: kRows rows of results by kVectors vectors stay in registers while the columns of
// kHeight rows of weights go by. A vector of x is loaded once for all the rows that it counts in. Included once a
// level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

#if OFFLOOP_VECTOR_BYTES == 64 || defined(__aarch64__)
static constexpr int kMostRows = 8;
#else
static constexpr int kMostRows = 4;
#endif

template <int kRows>
static constexpr int kStripVectors = kRows == 1   ? 8
                                     : kRows == 2 ? 4
                                                  : 2;

// Row kRow of x, weighed by row `kRow - r` of the weights, goes into row r of the sums.
template <int kRow, int kRowOfX, int kHeight, typename V, int kRows, int kVectors>
static inline __attribute__((always_inline)) void AddToRows(V (&sums)[kRows][kVectors], const V (&weights)[kHeight],
                                                            V value, int vector) {
  if constexpr (kRowOfX - kRow >= 0 && kRowOfX - kRow < kHeight) {
    sums[kRow][vector] = MulAdd(weights[kRowOfX - kRow], value, sums[kRow][vector]);
  }
  if constexpr (kRow + 1 < kRows) AddToRows<kRow + 1, kRowOfX, kHeight>(sums, weights, value, vector);
}

template <int kRowOfX, int kHeight, typename T, typename V, int kRows, int kVectors>
static inline __attribute__((always_inline)) void AddRowsOfX(V (&sums)[kRows][kVectors], const V (&weights)[kHeight],
                                                             const T* x, int64_t x_row) {
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    AddToRows<0, kRowOfX, kHeight>(sums, weights, LoadAny<V>(x + v * kLanesOf<T>), v);
  }
  if constexpr (kRowOfX + 1 < kRows + kHeight - 1) {
    AddRowsOfX<kRowOfX + 1, kHeight>(sums, weights, x + x_row, x_row);
  }
}

template <typename T>
struct StripTask {
  const T* x;  // where the first weight of the first result falls
  int64_t x_row;
  const T* weights;  // column by column, kHeight of each
  int64_t columns;
  T* out;
  int64_t out_row;
  int64_t width;  // of results, a multiple of the strip's
  bool add;
};

template <typename T, int kHeight, int kRows>
static void ConvolveStrips(const StripTask<T>& task) {
  using V = typename VectorOf<T>::Type;
  constexpr int kVectors = kStripVectors<kRows>;
  constexpr int kLanes = kLanesOf<T>;
  for (int64_t at = 0; at < task.width; at += kVectors * kLanes) {
    V sums[kRows][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sums[r][v] = task.add ? LoadAny<V>(task.out + r * task.out_row + at + v * kLanes) : V{};
      }
    }
    const T* x = task.x + at;
    const T* weight = task.weights;
    for (int64_t j = 0; j < task.columns; ++j) {
      V weights[kHeight];
#pragma GCC unroll 8
      for (int u = 0; u < kHeight; ++u) weights[u] = Broadcast<V>(weight[u]);
      AddRowsOfX<0, kHeight>(sums, weights, x, task.x_row);
      ++x;
      weight += kHeight;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) StoreAny(task.out + r * task.out_row + at + v * kLanes, sums[r][v]);
    }
  }
}

template <typename T>
using StripFunction = void (*)(const StripTask<T>& task);

template <typename T, int kHeight>
static StripFunction<T> StripOfHeight(int64_t rows) {
  if constexpr (kMostRows == 8) {
    if (rows == 8) return ConvolveStrips<T, kHeight, 8>;
  }
  if (rows == 4) return ConvolveStrips<T, kHeight, 4>;
  if (rows == 2) return ConvolveStrips<T, kHeight, 2>;
  return ConvolveStrips<T, kHeight, 1>;
}

template <typename T>
static StripFunction<T> ChooseStrip(int64_t height, int64_t rows) {
  switch (height) {
    case 1:
      return StripOfHeight<T, 1>(rows);
    case 2:
      return StripOfHeight<T, 2>(rows);
    case 3:
      return StripOfHeight<T, 3>(rows);
    case 4:
      return StripOfHeight<T, 4>(rows);
    default:
      return StripOfHeight<T, 5>(rows);
  }
}

// Columns of results that a strip of so many rows makes at once.
template <typename T>
static int64_t StripWidth(int64_t rows) {
  return kLanesOf<T> * (rows == 1 ? 8 : rows == 2 ? 4 : 2);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
