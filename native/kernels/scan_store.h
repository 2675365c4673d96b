// Stores of what a line kernel computes: element types, and results that go around the cache. Included again for
// every level, after simd/vec.h, kernels/lanes.h and kernels/scan_lines.h.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

typedef float F32Narrow __attribute__((vector_size(OFFLOOP_VECTOR_BYTES / 2), aligned(4), may_alias));

OFFLOOP_INLINE void StoreVector(double* to, F64 value) { Store(to, value); }
OFFLOOP_INLINE void StoreVector(uint64_t* to, U64 value) { Store(to, value); }
OFFLOOP_INLINE void StoreVector(float* to, F64 value) {
  const F32Narrow narrow = __builtin_convertvector(value, F32Narrow);
  __builtin_memcpy(to, &narrow, sizeof(narrow));
}
OFFLOOP_INLINE void StoreVector(Half* to, F64 value) {
  for (int lane = 0; lane < F64Lanes; ++lane) to[lane].bits = EncodeFloat16(value[lane]);
}

OFFLOOP_INLINE void StoreOne(double* to, double value) { *to = value; }
OFFLOOP_INLINE void StoreOne(uint64_t* to, uint64_t value) { *to = value; }
OFFLOOP_INLINE void StoreOne(float* to, double value) { *to = static_cast<float>(value); }
OFFLOOP_INLINE void StoreOne(Half* to, double value) { to->bits = EncodeFloat16(value); }

// Copies without reading the lines that are written, and without keeping them: for results beyond the cache. Bytes are
// a multiple of the element size, to which both sides are aligned.
OFFLOOP_INLINE void StreamOut(void* to, const void* from, int64_t bytes) {
  char* out = static_cast<char*>(to);
  const char* in = static_cast<const char*>(from);
#if OFFLOOP_X64
  int64_t head = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(out) & 63);
  if (head > bytes) head = bytes;
  __builtin_memcpy(out, in, static_cast<size_t>(head));
  int64_t i = head;
  for (; i + 64 <= bytes; i += 64) {
#if OFFLOOP_VECTOR_BYTES == 64
    _mm512_stream_si512(reinterpret_cast<__m512i*>(out + i), _mm512_loadu_si512(in + i));
#elif OFFLOOP_VECTOR_BYTES == 32
    for (int part = 0; part < 64; part += 32) {
      _mm256_stream_si256(reinterpret_cast<__m256i*>(out + i + part),
                          _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(in + i + part)));
    }
#else
    for (int part = 0; part < 64; part += 16) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(out + i + part),
                       _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(in + i + part)));
    }
#endif
  }
  __builtin_memcpy(out + i, in + i, static_cast<size_t>(bytes - i));
#else
  __builtin_memcpy(out, in, static_cast<size_t>(bytes));
#endif
}

// After the last StreamOut() of a block: what it wrote becomes visible before the block counts as done.
OFFLOOP_INLINE void EndStream() {
#if OFFLOOP_X64
  _mm_sfence();
#endif
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
