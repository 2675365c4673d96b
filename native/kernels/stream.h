// Stores that go past the caches, for results that no cache could hold: the memory bus is then spared the read of what
// is overwritten. Included once a CPU level.
#include "kernels/lines.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static inline int64_t BytesToLine(const void* at) {
  return static_cast<int64_t>(-reinterpret_cast<uintptr_t>(at) & (kLineBytes - 1));
}

// One cache line from any address to a line's address.
static inline __attribute__((always_inline)) void StreamLine(void* to, const void* from) {
#if OFFLOOP_VECTOR_BYTES == 64
  _mm512_stream_si512(static_cast<__m512i*>(to), _mm512_loadu_si512(from));
#elif OFFLOOP_VECTOR_BYTES == 32
  for (int i = 0; i < 2; ++i) {
    _mm256_stream_si256(static_cast<__m256i*>(to) + i, _mm256_loadu_si256(static_cast<const __m256i*>(from) + i));
  }
#elif OFFLOOP_X64
  for (int i = 0; i < 4; ++i) {
    _mm_stream_si128(static_cast<__m128i*>(to) + i, _mm_loadu_si128(static_cast<const __m128i*>(from) + i));
  }
#else
  __builtin_memcpy(to, from, kLineBytes);
#endif
}

// Parts of lines at the ends are stored the usual way.
static inline void StreamBytes(void* to, const void* from, int64_t bytes) {
  char* target = static_cast<char*>(to);
  const char* source = static_cast<const char*>(from);
  int64_t head = BytesToLine(to);
  if (head > bytes) head = bytes;
  __builtin_memcpy(target, source, static_cast<size_t>(head));
  int64_t at = head;
  for (; at + kLineBytes <= bytes; at += kLineBytes) StreamLine(target + at, source + at);
  __builtin_memcpy(target + at, source + at, static_cast<size_t>(bytes - at));
}

// Before other threads may read what was streamed.
static inline void EndStream() {
#if OFFLOOP_X64
  _mm_sfence();
#endif
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
