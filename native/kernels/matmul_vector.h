// Matrix times vector, both ways round. Bound by memory: the matrix is read once, in long runs. Included once a level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// How much of x or y stays in L1 meanwhile.
static constexpr int64_t kVectorSpan = 2048;

template <typename T>
static inline T SumLanes(typename VectorOf<T>::Type v) {
  constexpr int kLanes = kLanesOf<T>;
  T lanes[kLanes];
  StoreAny(lanes, v);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

// sums[i] += dot(row i, x) for kRows rows, contiguous, over `steps` elements.
template <typename T, int kRows>
static void DotSpan(const T* a, int64_t a_row, const T* x, int64_t steps, T* sums) {
  using V = typename VectorOf<T>::Type;
  constexpr int kLanes = kLanesOf<T>;
  constexpr int kParts = 8 / kRows;
  V parts[kRows][kParts] = {};
  int64_t p = 0;
  for (; p + kParts * kLanes <= steps; p += kParts * kLanes) {
#pragma GCC unroll 8
    for (int v = 0; v < kParts; ++v) {
      const V values = LoadAny<V>(x + p + v * kLanes);
#pragma GCC unroll 4
      for (int i = 0; i < kRows; ++i) {
        parts[i][v] = MulAdd(LoadAny<V>(a + i * a_row + p + v * kLanes), values, parts[i][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < kRows; ++i) {
    V sum = parts[i][0];
#pragma GCC unroll 7
    for (int v = 1; v < kParts; ++v) sum = sum + parts[i][v];
    T rest = T{0};
    for (int64_t q = p; q < steps; ++q) rest += a[i * a_row + q] * x[q];
    sums[i] += SumLanes<T>(sum) + rest;
  }
}

// y[i] (+)= dot(row i of A, x). x is copied to `local` where it is not contiguous.
template <typename T>
static void DotRows(const T* a, int64_t a_row, const T* x, int64_t x_step, int64_t rows, int64_t steps, T* y,
                    int64_t y_row, bool add, T* local) {
  T sums[4];
  int64_t done = 0;
  do {
    // The whole of a contiguous x in one span, so that rows are read from end to end.
    const int64_t span = x_step == 1 ? steps : MatmulMin(kVectorSpan, steps - done);
    const T* values = x + done;
    if (x_step != 1) {
      for (int64_t p = 0; p < span; ++p) local[p] = x[(done + p) * x_step];
      values = local;
    }
    for (int64_t i = 0; i < rows;) {
      const T* row = a + i * a_row + done;
      const int64_t count = rows - i >= 4 ? 4 : 1;
      for (int64_t r = 0; r < count; ++r) sums[r] = add || done > 0 ? y[(i + r) * y_row] : T{0};
      if (count == 4)
        DotSpan<T, 4>(row, a_row, values, span, sums);
      else
        DotSpan<T, 1>(row, a_row, values, span, sums);
      for (int64_t r = 0; r < count; ++r) y[(i + r) * y_row] = sums[r];
      i += count;
    }
    done += span;
  } while (done < steps);
}

// sums[j] += x[0] * row 0 [j] + ... for kRows rows, in order.
template <typename T, int kRows>
static void AddSpan(const T* x, int64_t x_step, const T* b, int64_t b_row, int64_t cols, T* sums) {
  using V = typename VectorOf<T>::Type;
  constexpr int kLanes = kLanesOf<T>;
  V scale[kRows];
  T single[kRows];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    single[i] = x[i * x_step];
    scale[i] = Broadcast<V>(single[i]);
  }
  int64_t j = 0;
  for (; j + kLanes <= cols; j += kLanes) {
    V sum = LoadAny<V>(sums + j);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) sum = MulAdd(scale[i], LoadAny<V>(b + i * b_row + j), sum);
    StoreAny(sums + j, sum);
  }
  for (; j < cols; ++j) {
    for (int i = 0; i < kRows; ++i) sums[j] += single[i] * b[i * b_row + j];
  }
}

// y[j] (+)= sum of x[p] * row p of B [j]; at most kVectorSpan * 8 bytes of columns, summed in `local`.
template <typename T>
static void AddRows(const T* x, int64_t x_step, const T* b, int64_t b_row, int64_t cols, int64_t steps, T* y,
                    int64_t y_step, bool add, T* local) {
  for (int64_t j = 0; j < cols; ++j) local[j] = T{0};
  int64_t p = 0;
  for (; p + 8 <= steps; p += 8) AddSpan<T, 8>(x + p * x_step, x_step, b + p * b_row, b_row, cols, local);
  for (; p < steps; ++p) AddSpan<T, 1>(x + p * x_step, x_step, b + p * b_row, b_row, cols, local);
  for (int64_t j = 0; j < cols; ++j) {
    T* to = y + j * y_step;
    *to = add ? *to + local[j] : local[j];
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
