// Conversions to float64 that kernels share (doubles.h).
#include <cstddef>
#include <cstdint>

#include "base/view.h"
#include "kernels/reduce.h"
#include "kernels/tally.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/doubles.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// What is brought together at once, in elements.
inline constexpr int64_t kConvertPiece = 512;

typedef uint8_t ByteVector __attribute__((vector_size(OFFLOOP_VECTOR_BYTES), aligned(1), may_alias));

template <typename T>
OFFLOOP_INLINE void Convert(const T* x, int64_t count, double* to) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    PrefetchLines(x + i);
#pragma GCC unroll 4
    for (int v = 0; v < kLanes; v += F64Lanes) Store(to + i + v, LoadF64(x + i + v));
  }
  for (; i + F64Lanes <= count; i += F64Lanes) Store(to + i, LoadF64(x + i));
  for (; i < count; ++i) to[i] = ToDouble(x[i]);
}

template <typename Word>
OFFLOOP_INLINE void GatherWords(const void* from, int64_t stride, int64_t count, void* to) {
  for (int64_t i = 0; i < count; ++i) static_cast<Word*>(to)[i] = static_cast<const Word*>(from)[i * stride];
}

template <typename Word>
OFFLOOP_INLINE void GatherView(const View& view, int64_t first, int64_t count, void* to) {
  GatherElements(view, first, count, static_cast<Word*>(to));
}

// Calls work<Word>() for words as large as an element.
template <typename Work>
OFFLOOP_INLINE void ForWord(DType dtype, const Work& work) {
  switch (DTypeSize(dtype)) {
    case 1:
      return work.template operator()<uint8_t>();
    case 2:
      return work.template operator()<uint16_t>();
    case 4:
      return work.template operator()<uint32_t>();
    default:
      return work.template operator()<uint64_t>();
  }
}

void ConvertAll(DType dtype, const void* from, int64_t count, double* to) {
  ForElement(dtype, [&]<typename T>() { Convert(static_cast<const T*>(from), count, to); });
}

}  // namespace

void ToDoubles(DType dtype, const void* from, int64_t stride, int64_t count, double* to) {
  if (stride == 1) return ConvertAll(dtype, from, count, to);
  alignas(64) std::byte words[kConvertPiece * 8];
  const int64_t step = stride * static_cast<int64_t>(DTypeSize(dtype));
  for (int64_t i = 0; i < count; i += kConvertPiece) {
    const int64_t size = count - i < kConvertPiece ? count - i : kConvertPiece;
    const std::byte* piece = static_cast<const std::byte*>(from) + i * step;
    ForWord(dtype, [&]<typename Word>() { GatherWords<Word>(piece, stride, size, words); });
    ConvertAll(dtype, words, size, to + i);
  }
}

void ReadDoubles(const View& view, int64_t first, int64_t count, double* to) {
  const auto bytes = static_cast<int64_t>(DTypeSize(view.dtype));
  if (view.IsContiguous()) {
    return ConvertAll(view.dtype, static_cast<const std::byte*>(view.data) + first * bytes, count, to);
  }
  alignas(64) std::byte words[kConvertPiece * 8];
  for (int64_t i = 0; i < count; i += kConvertPiece) {
    const int64_t size = count - i < kConvertPiece ? count - i : kConvertPiece;
    ReadElements(view, first + i, size, words);
    ConvertAll(view.dtype, words, size, to + i);
  }
}

// Another thread may be writing there, and what is compared must be what is used, whatever the compiler thinks of
// reading it again. By vectors: memcpy() of as many bytes is `rep movs`, which neither fetches ahead nor overlaps with
// the work on the elements before.
void ReadElements(const View& view, int64_t first, int64_t count, void* to) {
  if (!view.IsContiguous()) {
    return ForWord(view.dtype, [&]<typename Word>() { GatherView<Word>(view, first, count, to); });
  }
  const auto size = static_cast<int64_t>(DTypeSize(view.dtype));
  const std::byte* from = static_cast<const std::byte*>(view.data) + first * size;
  std::byte* out = static_cast<std::byte*>(to);
  int64_t i = 0;
  for (; i + OFFLOOP_VECTOR_BYTES <= count * size; i += OFFLOOP_VECTOR_BYTES) {
    *reinterpret_cast<ByteVector*>(out + i) = *reinterpret_cast<const ByteVector*>(from + i);
  }
  for (; i < count * size; ++i) out[i] = from[i];
}

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
