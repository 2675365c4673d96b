// Staging: rows of any view as rows of steps that follow one another, in working memory. And packing rows as columns.
// Compiled once a CPU level.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "kernels/vectors_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/vectors_stage.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/vectors_ops.h"
#include "kernels/vectors_rest.h"

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
static inline void StageNumbers(const char* __restrict from, int64_t stride, int64_t length, T* __restrict to) {
  constexpr int64_t kBytes = sizeof(T);
  for (int64_t i = 0; i < length; ++i) to[i] = Load<T>(from + i * stride * kBytes);
}

// int8 as int16, an even number of them.
static inline void StageInt8(const char* __restrict from, int64_t stride, int64_t length, int16_t* __restrict to) {
  const int8_t* __restrict bytes = reinterpret_cast<const int8_t*>(from);
  if (stride == 1) {
    for (int64_t i = 0; i < length; ++i) to[i] = bytes[i];
  } else {
    for (int64_t i = 0; i < length; ++i) to[i] = bytes[i * stride];
  }
  if (length % 2 != 0) to[length] = 0;
}

// Bytes, and zeros up to a multiple of eight.
static inline void StageBits(const char* __restrict from, int64_t stride, int64_t length, char* __restrict to) {
  if (stride == 1) {
    int64_t i = 0;
    for (; i + 8 <= length; i += 8) Store(to + i, Load<uint64_t>(from + i));
    for (; i < length; ++i) to[i] = from[i];
  } else {
    for (int64_t i = 0; i < length; ++i) to[i] = from[i * stride];
  }
  for (int64_t i = length; i % 8 != 0; ++i) to[i] = 0;
}

}  // namespace

Rows StageRows(const View& view, const Steps& steps, int64_t first, int64_t count, char* local) {
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

template <typename Op>
void PackLine(const char* row, int64_t steps, char* line) {
  using V = LanesOf<Op>;
  constexpr int64_t kBytes = OFFLOOP_VECTOR_BYTES;
  const int64_t whole = steps / kStepLanes<Op>;
  for (int64_t i = 0; i < whole; ++i) Store(line + i * kBytes, Load<V>(row + i * kBytes));
  const int64_t rest = steps % kStepLanes<Op>;
  if (rest > 0) Store(line + whole * kBytes, LoadRest<Op>(row, steps, rest));
}

template <typename Op>
void PackPanels(const Rows& rows, int64_t steps, int64_t first, int64_t count, int64_t columns, char* tile) {
  using T = typename Op::Step;
  using V = LanesOf<Op>;
  constexpr int64_t kLanes = kStepLanes<Op>;
  constexpr int64_t kBytes = sizeof(T);
  const Strips<Op> strips(columns);
  const int64_t padded = VectorsMin(first + VectorsRound(count, kLanes), strips.vectors * kLanes);
  int64_t strip = 0;
  while (strip + 1 < strips.count && strips.First(strip + 1) * kLanes <= first) ++strip;
  for (int64_t column = first; column < padded; column += kLanes) {
    if (strip + 1 < strips.count && strips.First(strip + 1) * kLanes <= column) ++strip;
    const int64_t start = strips.First(strip) * kLanes;
    const int64_t width = strips.First(strip + 1) * kLanes - start;
    T* to = reinterpret_cast<T*>(tile) + start * steps + column - start;
    // A vector of columns at a time, so that a line of memory is written at once.
    const int64_t here = VectorsMin(count - (column - first), kLanes);
    const char* from = rows.at + (column - first) * rows.row;
    for (int64_t p = 0; p < steps; ++p) {
      T lanes[kLanes] = {};
      if (here == kLanes) {
        for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] = Load<T>(from + lane * rows.row + p * kBytes);
      } else {
        for (int64_t lane = 0; lane < here; ++lane) lanes[lane] = Load<T>(from + lane * rows.row + p * kBytes);
      }
      Store(to + p * width, Load<V>(lanes));
    }
  }
}

template <typename Op>
void PackColumns(const Rows& rows, int64_t steps, int64_t first, int64_t count, int64_t columns, char* tile) {
  if (!AreFew<Op>(columns)) return PackPanels<Op>(rows, steps, first, count, columns, tile);
  const int64_t line = LineSteps<Op>(steps) * static_cast<int64_t>(sizeof(typename Op::Step));
  for (int64_t i = 0; i < count; ++i) PackLine<Op>(rows.at + i * rows.row, steps, tile + (first + i) * line);
}

#define OFFLOOP_PACKS(op)                                                               \
  template void PackLine<op>(const char*, int64_t, char*);                              \
  template void PackPanels<op>(const Rows&, int64_t, int64_t, int64_t, int64_t, char*); \
  template void PackColumns<op>(const Rows&, int64_t, int64_t, int64_t, int64_t, char*);

OFFLOOP_PACKS(Products<float>)
OFFLOOP_PACKS(Products<double>)
OFFLOOP_PACKS(Squares<float>)
OFFLOOP_PACKS(Squares<double>)
OFFLOOP_PACKS(Int8Products)
OFFLOOP_PACKS(CommonBits)

#undef OFFLOOP_PACKS

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
