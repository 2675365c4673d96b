// Vectors of the level's own width, as GCC and Clang vector extensions. Included again for every level, so no
// include guard around the types: each level's live in its own namespace.
//
// The types are aligned to their element and may alias anything, because JavaScript promises no more. Never use a
// wider vector than these: GCC 12 spills it through memory. Operators are element-wise; `a * b + c` is never fused
// (the project is compiled with -ffp-contract=off); Fma() fuses where the level has it.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

#define OFFLOOP_VECTOR(name, type)                                                                         \
  typedef type name __attribute__((vector_size(OFFLOOP_VECTOR_BYTES), aligned(alignof(type)), may_alias)); \
  inline constexpr int name##Lanes = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(type));

OFFLOOP_VECTOR(F64, double)
OFFLOOP_VECTOR(F32, float)
OFFLOOP_VECTOR(I64, int64_t)
OFFLOOP_VECTOR(U64, uint64_t)
OFFLOOP_VECTOR(I32, int32_t)
OFFLOOP_VECTOR(U32, uint32_t)
OFFLOOP_VECTOR(I16, int16_t)
OFFLOOP_VECTOR(U16, uint16_t)
OFFLOOP_VECTOR(I8, int8_t)
OFFLOOP_VECTOR(U8, uint8_t)
#undef OFFLOOP_VECTOR

// By way of memcpy: a template argument loses the attributes of these types, so that a plain access by `V*` in a
// template would be an aligned one.
template <typename V>
static inline __attribute__((always_inline)) V Load(const void* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof(V));
  return value;
}

template <typename V>
static inline __attribute__((always_inline)) void Store(void* to, V value) {
  __builtin_memcpy(to, &value, sizeof(V));
}

// Asks for so many bytes a page after x: what the hardware fetches by itself ends with the page.
template <int bytes>
static inline __attribute__((always_inline)) void PrefetchPageAhead(const void* x) {
  const char* ahead = static_cast<const char*>(x) + 4096;
#pragma GCC unroll 8
  for (int line = 0; line < bytes; line += 64) __builtin_prefetch(ahead + line);
}

// x in every lane. `x - V{}` and not `V{} + x`: the sum would turn -0 into +0.
template <typename V, typename T>
static inline __attribute__((always_inline)) V Broadcast(T x) {
  return x - V{};
}

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
