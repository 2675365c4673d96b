// Vectors of float32 and float64 for the linear algebra and convolution kernels: any address, parts of a vector, fused
// multiply-add, and stores that go past the caches. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
struct VectorOf;
template <>
struct VectorOf<double> {
  using Type = F64;
};
template <>
struct VectorOf<float> {
  using Type = F32;
};

template <typename T>
static constexpr int kLanesOf = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(T));

// Vectors at any address. A vector type loses its typedef's alignment as a template argument, so it is put back here.
template <typename V>
static inline __attribute__((always_inline)) V LoadAny(const void* from) {
  typedef V Any __attribute__((aligned(1), may_alias));
  return *static_cast<const Any*>(from);
}

template <typename V>
static inline __attribute__((always_inline)) void StoreAny(void* to, V value) {
  typedef V Any __attribute__((aligned(1), may_alias));
  *static_cast<Any*>(to) = value;
}

// a * b + c, rounded once where the level can.
#if OFFLOOP_VECTOR_BYTES == 64
static inline __attribute__((always_inline)) F64 MulAdd(F64 a, F64 b, F64 c) {
  return static_cast<F64>(_mm512_fmadd_pd(a, b, c));
}
static inline __attribute__((always_inline)) F32 MulAdd(F32 a, F32 b, F32 c) {
  return static_cast<F32>(_mm512_fmadd_ps(a, b, c));
}
#elif OFFLOOP_VECTOR_BYTES == 32
static inline __attribute__((always_inline)) F64 MulAdd(F64 a, F64 b, F64 c) {
  return static_cast<F64>(_mm256_fmadd_pd(a, b, c));
}
static inline __attribute__((always_inline)) F32 MulAdd(F32 a, F32 b, F32 c) {
  return static_cast<F32>(_mm256_fmadd_ps(a, b, c));
}
#elif defined(__aarch64__)
static inline __attribute__((always_inline)) F64 MulAdd(F64 a, F64 b, F64 c) {
  return static_cast<F64>(vfmaq_f64(c, a, b));
}
static inline __attribute__((always_inline)) F32 MulAdd(F32 a, F32 b, F32 c) {
  return static_cast<F32>(vfmaq_f32(c, a, b));
}
#else
static inline __attribute__((always_inline)) F64 MulAdd(F64 a, F64 b, F64 c) { return a * b + c; }
static inline __attribute__((always_inline)) F32 MulAdd(F32 a, F32 b, F32 c) { return a * b + c; }
#endif

// The first lanes of a vector: elements that are left out are neither read nor written.
template <typename T>
struct Part {
#if OFFLOOP_VECTOR_BYTES == 64
  static inline __attribute__((always_inline)) F64 Load(const double* from, int64_t count) {
    return static_cast<F64>(_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1), from));
  }
  static inline __attribute__((always_inline)) F32 Load(const float* from, int64_t count) {
    return static_cast<F32>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from));
  }
  static inline __attribute__((always_inline)) void Store(double* to, F64 value, int64_t count) {
    _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << count) - 1), value);
  }
  static inline __attribute__((always_inline)) void Store(float* to, F32 value, int64_t count) {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), value);
  }
#elif OFFLOOP_VECTOR_BYTES == 32
  static inline __attribute__((always_inline)) __m256i Lanes(int64_t count) {
    const I64 index = {0, 1, 2, 3};
    if constexpr (sizeof(T) == 8) return (__m256i)(index < I64{} + count);
    const I32 narrow = {0, 1, 2, 3, 4, 5, 6, 7};
    return (__m256i)(narrow < I32{} + static_cast<int32_t>(count));
  }
  static inline __attribute__((always_inline)) F64 Load(const double* from, int64_t count) {
    return static_cast<F64>(_mm256_maskload_pd(from, Lanes(count)));
  }
  static inline __attribute__((always_inline)) F32 Load(const float* from, int64_t count) {
    return static_cast<F32>(_mm256_maskload_ps(from, Lanes(count)));
  }
  static inline __attribute__((always_inline)) void Store(double* to, F64 value, int64_t count) {
    _mm256_maskstore_pd(to, Lanes(count), value);
  }
  static inline __attribute__((always_inline)) void Store(float* to, F32 value, int64_t count) {
    _mm256_maskstore_ps(to, Lanes(count), value);
  }
#else
  using V = typename VectorOf<T>::Type;
  static inline __attribute__((always_inline)) V Load(const T* from, int64_t count) {
    V value = {};
    for (int i = 0; i < kLanesOf<T>; ++i) {
      if (i < count) value[i] = from[i];
    }
    return value;
  }
  static inline __attribute__((always_inline)) void Store(T* to, V value, int64_t count) {
    for (int i = 0; i < kLanesOf<T>; ++i) {
      if (i < count) to[i] = value[i];
    }
  }
#endif
};

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
