// From sums to what a metric says: similarity for cosine and dot, distance otherwise. `Aside` is what a metric wants to
// know of a row alone: one over its length, its square, or its number of bits. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <Metric kMetric>
static constexpr bool kIsSimilarity = kMetric == Metric::kCosine || kMetric == Metric::kDot;

// One over the length of a row. Zero for a row of zeros, which is thereby as unlike as a right angle to all others.
template <typename T, typename Raw>
static inline T OneOverLength(Raw square) {
  return square > 0 ? static_cast<T>(1 / __builtin_sqrt(static_cast<double>(square))) : T{0};
}

static inline float Root(float x) { return __builtin_sqrtf(x); }
static inline double Root(double x) { return __builtin_sqrt(x); }

template <typename T, Metric kMetric>
struct FloatScore {
  static constexpr bool kIsSquare = kMetric == Metric::kL2sq || kMetric == Metric::kL2;
  static constexpr bool kNeedsSelf = kMetric == Metric::kCosine;
  static constexpr Metric kOf = kMetric;
  using SelfOp = Products<T>;
  template <bool kSquare, typename = void>
  struct Choose {
    using Type = Products<T>;
  };
  template <typename Unused>
  struct Choose<true, Unused> {
    using Type = Squares<T>;
  };
  using Op = typename Choose<kIsSquare>::Type;
  using Raw = T;
  using Aside = T;
  using Value = T;

  static inline Aside Aside1(Raw self) { return OneOverLength<T>(self); }
  static inline __attribute__((always_inline)) Value Of(Raw raw, Aside row, Aside column) {
    if constexpr (kMetric == Metric::kCosine)
      return raw * (row * column);
    else if constexpr (kMetric == Metric::kL2)
      return Root(raw);
    else
      return raw;
  }
};

template <Metric kMetric>
struct Int8Score {
  static constexpr bool kNeedsSelf = kMetric != Metric::kDot;
  static constexpr Metric kOf = kMetric;
  using Op = Int8Products;
  using SelfOp = Int8Products;
  using Raw = int32_t;
  using Aside = float;  // of four bytes, as an unsigned integer for squared distances
  using Value = float;

  static inline float Aside1(int32_t self) {
    if constexpr (kMetric == Metric::kCosine) return OneOverLength<float>(self);
    float bits;
    __builtin_memcpy(&bits, &self, 4);
    return bits;
  }
  static inline __attribute__((always_inline)) float Of(int32_t raw, float row, float column) {
    if constexpr (kMetric == Metric::kCosine) return static_cast<float>(raw) * (row * column);
    if constexpr (kMetric == Metric::kDot) return static_cast<float>(raw);
    uint32_t a, b;
    __builtin_memcpy(&a, &row, 4);
    __builtin_memcpy(&b, &column, 4);
    const float square = static_cast<float>(a + b - 2 * static_cast<uint32_t>(raw));
    return kMetric == Metric::kL2 ? Root(square) : square;
  }
};

template <Metric kMetric>
struct BitScore {
  static constexpr bool kNeedsSelf = true;
  static constexpr Metric kOf = kMetric;
  using Op = CommonBits;
  using SelfOp = CommonBits;
  using Raw = uint64_t;
  using Aside = uint32_t;
  using Value = float;

  static inline uint32_t Aside1(uint64_t self) { return static_cast<uint32_t>(self); }
  static inline __attribute__((always_inline)) float Of(uint64_t raw, uint32_t row, uint32_t column) {
    const uint32_t common = static_cast<uint32_t>(raw);
    if constexpr (kMetric == Metric::kHamming) return static_cast<float>(row + column - 2 * common);
    const uint32_t either = row + column - common;
    return either == 0 ? 0.0f : static_cast<float>(either - common) / static_cast<float>(either);
  }
};

// What rows want known of themselves, `count` of them.
template <typename Score>
static void FindAsides(const Rows& rows, int64_t steps, int64_t count, typename Score::Aside* asides) {
  typename Score::Raw self[64];
  for (int64_t done = 0; done < count; done += 64) {
    const int64_t now = VectorsMin(64, count - done);
    SumLines<typename Score::SelfOp, false, true>(steps, rows.at + done * rows.row, rows.row, now, nullptr, self, self);
    for (int64_t i = 0; i < now; ++i) asides[done + i] = Score::Aside1(self[i]);
  }
}

// Calls Body<Score>::Run(arguments...) for a dtype and a metric that go together (Compares()).
template <template <typename> class Body, typename... Rest>
static inline void ForScore(DType dtype, Metric metric, Rest&... rest) {
  const bool wide = dtype == DType::kFloat64;
  const bool small = dtype == DType::kInt8;
  switch (metric) {
    case Metric::kCosine:
      if (small) return Body<Int8Score<Metric::kCosine>>::Run(rest...);
      if (wide) return Body<FloatScore<double, Metric::kCosine>>::Run(rest...);
      return Body<FloatScore<float, Metric::kCosine>>::Run(rest...);
    case Metric::kDot:
      if (small) return Body<Int8Score<Metric::kDot>>::Run(rest...);
      if (wide) return Body<FloatScore<double, Metric::kDot>>::Run(rest...);
      return Body<FloatScore<float, Metric::kDot>>::Run(rest...);
    case Metric::kL2sq:
      if (small) return Body<Int8Score<Metric::kL2sq>>::Run(rest...);
      if (wide) return Body<FloatScore<double, Metric::kL2sq>>::Run(rest...);
      return Body<FloatScore<float, Metric::kL2sq>>::Run(rest...);
    case Metric::kL2:
      if (small) return Body<Int8Score<Metric::kL2>>::Run(rest...);
      if (wide) return Body<FloatScore<double, Metric::kL2>>::Run(rest...);
      return Body<FloatScore<float, Metric::kL2>>::Run(rest...);
    case Metric::kHamming:
      return Body<BitScore<Metric::kHamming>>::Run(rest...);
    case Metric::kJaccard:
      return Body<BitScore<Metric::kJaccard>>::Run(rest...);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
