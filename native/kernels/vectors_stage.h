// Staging: rows of any view as rows of steps that follow one another, in working memory. And packing rows as columns.
// Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// An IEEE half as a float. Shifted into place, a half's exponent is 112 too small, which a product puts right, for
// denormal numbers as well.
static inline float FromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  uint32_t bits = static_cast<uint32_t>(half & 0x7fff) << 13;
  float value;
  if ((half & 0x7c00) == 0x7c00) {
    bits |= 0x7f800000;
    __builtin_memcpy(&value, &bits, 4);
  } else {
    __builtin_memcpy(&value, &bits, 4);
    value *= 0x1p112f;
  }
  __builtin_memcpy(&bits, &value, 4);
  bits |= sign;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

static inline void StageHalves(const char* from, int64_t stride, int64_t length, float* to) {
  int64_t i = 0;
#if OFFLOOP_VECTOR_BYTES == 64
  if (stride == 1) {
    for (; i + 16 <= length; i += 16) {
      Store(to + i,
            (F32)_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 2 * i))));
    }
  }
#elif OFFLOOP_VECTOR_BYTES == 32
  if (stride == 1) {
    for (; i + 8 <= length; i += 8) {
      Store(to + i, (F32)_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 2 * i))));
    }
  }
#endif
  for (; i < length; ++i) to[i] = FromHalf(Load<uint16_t>(from + 2 * i * stride));
}

template <typename T>
static inline void StageNumbers(const char* from, int64_t stride, int64_t length, T* to) {
  constexpr int64_t kBytes = sizeof(T);
  for (int64_t i = 0; i < length; ++i) to[i] = Load<T>(from + i * stride * kBytes);
}

// int8 as int16, an even number of them.
static inline void StageInt8(const char* from, int64_t stride, int64_t length, int16_t* to) {
  const int8_t* bytes = reinterpret_cast<const int8_t*>(from);
  if (stride == 1) {
    for (int64_t i = 0; i < length; ++i) to[i] = bytes[i];
  } else {
    for (int64_t i = 0; i < length; ++i) to[i] = bytes[i * stride];
  }
  if (length % 2 != 0) to[length] = 0;
}

// Bytes, and zeros up to a multiple of eight.
static inline void StageBits(const char* from, int64_t stride, int64_t length, char* to) {
  if (stride == 1) {
    int64_t i = 0;
    for (; i + 8 <= length; i += 8) Store(to + i, Load<uint64_t>(from + i));
    for (; i < length; ++i) to[i] = from[i];
  } else {
    for (int64_t i = 0; i < length; ++i) to[i] = from[i * stride];
  }
  for (int64_t i = length; i % 8 != 0; ++i) to[i] = 0;
}

struct Rows {
  const char* at;
  int64_t row;  // bytes from one to the next
};

// Rows first .. first + count - 1 of a view [rows, length], where they lie or in `local`.
static inline Rows StageRows(const View& view, const Steps& steps, int64_t first, int64_t count, char* local) {
  const int64_t bytes = DTypeSize(view.dtype);
  const char* from = static_cast<const char*>(view.data) + first * view.strides[0] * bytes;
  const int64_t row = view.strides[0] * bytes;
  if (AreInPlace(view)) return {from, row};
  const int64_t length = view.shape[1];
  const int64_t stride = view.strides[1];
  for (int64_t i = 0; i < count; ++i) {
    const char* line = from + i * row;
    char* to = local + i * steps.RowBytes();
    switch (view.dtype) {
      case DType::kFloat16:
        StageHalves(line, stride, length, reinterpret_cast<float*>(to));
        break;
      case DType::kFloat64:
        StageNumbers<double>(line, stride, length, reinterpret_cast<double*>(to));
        break;
      case DType::kInt8:
        StageInt8(line, stride, length, reinterpret_cast<int16_t*>(to));
        break;
      case DType::kUint8:
        StageBits(line, stride, length, to);
        break;
      default:
        StageNumbers<float>(line, stride, length, reinterpret_cast<float*>(to));
    }
  }
  return {local, steps.RowBytes()};
}

// Whether so few columns go in lines: they would leave most lanes of a vector empty.
template <typename Op>
static inline bool AreFew(int64_t columns) {
  return 2 * columns <= kStepLanes<Op>;
}

// Columns first .. first + count - 1 of a tile of `columns`, of which staged rows are given, into its panels; lanes
// that have no column are zero. `first` is a multiple of kColumnGroup.
template <typename Op>
static void PackPanels(const Rows& rows, int64_t steps, int64_t first, int64_t count, int64_t columns, char* tile) {
  using T = typename Op::Step;
  constexpr int64_t kLanes = kStepLanes<Op>;
  constexpr int64_t kBytes = sizeof(T);
  const Strips<Op> strips(columns);
  const int64_t padded = VectorsMin(first + VectorsRound(count, kLanes), strips.vectors * kLanes);
  int64_t strip = 0;
  for (int64_t column = first; column < padded; ++column) {
    while (strip + 1 < strips.count && strips.First(strip + 1) * kLanes <= column) ++strip;
    const int64_t start = strips.First(strip) * kLanes;
    const int64_t width = strips.First(strip + 1) * kLanes - start;
    T* to = reinterpret_cast<T*>(tile) + start * steps + column - start;
    if (column - first < count) {
      const char* from = rows.at + (column - first) * rows.row;
      for (int64_t p = 0; p < steps; ++p) to[p * width] = Load<T>(from + p * kBytes);
    } else {
      for (int64_t p = 0; p < steps; ++p) to[p * width] = T{0};
    }
  }
}

// The same, in lines where the columns are few.
template <typename Op>
static void PackColumns(const Rows& rows, int64_t steps, int64_t first, int64_t count, int64_t columns, char* tile) {
  if (!AreFew<Op>(columns)) return PackPanels<Op>(rows, steps, first, count, columns, tile);
  const int64_t line = LineSteps<Op>(steps) * static_cast<int64_t>(sizeof(typename Op::Step));
  for (int64_t i = 0; i < count; ++i) PackLine<Op>(rows.at + i * rows.row, steps, tile + (first + i) * line);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
