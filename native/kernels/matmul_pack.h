// Copies strips of a matrix into panels: panel j holds lines j * width and on, element (line, step) at
// [step * width + line], zeros where lines are missing. "Lines" are rows of A or columns of B, "steps" run along k.
// Included once a CPU level, inside no namespace.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Squares of kSide x kSide are transposed in registers.
template <typename T>
struct Square;
#if OFFLOOP_VECTOR_BYTES == 16
template <>
struct Square<double> {
  static constexpr int kSide = 2;
};
template <>
struct Square<float> {
  static constexpr int kSide = 4;
};
#else
template <typename T>
struct Square {
  static constexpr int kSide = OFFLOOP_VECTOR_BYTES / 8;
};
#endif

template <typename T, int kSide>
struct SideVector {
  typedef T Type __attribute__((vector_size(kSide * sizeof(T))));
};

// Elements of the lower halves of a and b in turn; then of the upper halves.
template <typename V>
static inline __attribute__((always_inline)) V ZipLower(V a, V b) {
  constexpr int lanes = sizeof(V) / sizeof(a[0]);
  if constexpr (lanes == 2)
    return __builtin_shufflevector(a, b, 0, 2);
  else if constexpr (lanes == 4)
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
  else
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

template <typename V>
static inline __attribute__((always_inline)) V ZipUpper(V a, V b) {
  constexpr int lanes = sizeof(V) / sizeof(a[0]);
  if constexpr (lanes == 2)
    return __builtin_shufflevector(a, b, 1, 3);
  else if constexpr (lanes == 4)
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
  else
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// log2(side) rounds of perfect shuffles of row i with row i + side / 2 transpose a square.
template <typename T>
static inline __attribute__((always_inline)) void TransposeSquare(const T* from, int64_t line, T* to, int64_t width) {
  constexpr int kSide = Square<T>::kSide;
  using V = typename SideVector<T, kSide>::Type;
  V rows[kSide], next[kSide];
#pragma GCC unroll 8
  for (int i = 0; i < kSide; ++i) rows[i] = LoadAny<V>(from + i * line);
#pragma GCC unroll 3
  for (int round = 1; round < kSide; round *= 2) {
#pragma GCC unroll 4
    for (int i = 0; i < kSide / 2; ++i) {
      next[2 * i] = ZipLower(rows[i], rows[i + kSide / 2]);
      next[2 * i + 1] = ZipUpper(rows[i], rows[i + kSide / 2]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kSide; ++i) rows[i] = next[i];
  }
#pragma GCC unroll 8
  for (int i = 0; i < kSide; ++i) StoreAny(to + i * width, rows[i]);
}

template <typename T>
static void PackPanelStepwise(const T* from, int64_t line, int64_t step, int64_t lines, int64_t first, int64_t steps,
                              T* to, int64_t width) {
  for (int64_t p = first; p < steps; ++p) {
    for (int64_t i = 0; i < lines; ++i) to[p * width + i] = from[i * line + p * step];
  }
}

// Lines follow one another in memory: rows of the panel are copied. Eight steps at a time over all panels, so that
// memory is read in long runs.
template <typename T, int kWidth>
static void PackContiguousLines(const T* from, int64_t step, int64_t lines, int64_t steps, T* to) {
  constexpr int kBytes = kWidth * sizeof(T) % OFFLOOP_VECTOR_BYTES == 0 ? OFFLOOP_VECTOR_BYTES : kWidth * sizeof(T);
  using V = typename SideVector<T, kBytes / sizeof(T)>::Type;
  constexpr int kLanes = kBytes / sizeof(T);
  for (int64_t first = 0; first < steps; first += 8) {
    const int64_t last = first + 8 < steps ? first + 8 : steps;
    for (int64_t i = 0; i < lines; i += kWidth) {
      T* panel = to + i * steps;
      if (i + kWidth <= lines) {
        for (int64_t p = first; p < last; ++p) {
#pragma GCC unroll 8
          for (int v = 0; v < kWidth; v += kLanes) {
            StoreAny(panel + p * kWidth + v, LoadAny<V>(from + p * step + i + v));
          }
        }
      } else {
        for (int64_t p = first; p < last; ++p) {
          for (int64_t l = 0; l < kWidth; ++l) panel[p * kWidth + l] = i + l < lines ? from[p * step + i + l] : T{0};
        }
      }
    }
  }
}

template <typename T, int kWidth>
static void PackPanels(const T* from, int64_t line, int64_t step, int64_t lines, int64_t steps, T* to) {
  constexpr int kSide = Square<T>::kSide;
  if (line == 1) return PackContiguousLines<T, kWidth>(from, step, lines, steps, to);
  for (int64_t i = 0; i < lines; i += kWidth) {
    T* panel = to + i * steps;
    const T* source = from + i * line;
    const int64_t here = lines - i < kWidth ? lines - i : kWidth;
    if (here < kWidth) {
      for (int64_t p = 0; p < steps; ++p) {
        for (int64_t l = here; l < kWidth; ++l) panel[p * kWidth + l] = T{0};
      }
    }
    if (step != 1) {
      PackPanelStepwise(source, line, step, here, 0, steps, panel, kWidth);
      continue;
    }
    const int64_t whole = here / kSide * kSide;
    const int64_t squares = steps / kSide * kSide;
    for (int64_t l = 0; l < whole; l += kSide) {
      for (int64_t p = 0; p < squares; p += kSide) {
        TransposeSquare(source + l * line + p, line, panel + p * kWidth + l, kWidth);
      }
    }
    PackPanelStepwise(source, line, step, whole, squares, steps, panel, kWidth);
    PackPanelStepwise(source + whole * line, line, step, here - whole, 0, steps, panel + whole, kWidth);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
