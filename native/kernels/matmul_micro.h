// The register kernel: kRows x kVectors vectors of C stay in registers while k runs. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// As many accumulators as the registers hold beside a strip of B and one value of A.
#if OFFLOOP_VECTOR_BYTES == 64 || defined(__aarch64__)
static constexpr int kMicroRows = 8;
static constexpr int kMicroVectors = 3;
#elif OFFLOOP_VECTOR_BYTES == 32
static constexpr int kMicroRows = 4;
static constexpr int kMicroVectors = 3;
#else
static constexpr int kMicroRows = 4;
static constexpr int kMicroVectors = 2;
#endif

// Whether parts of a vector are loaded and stored by themselves.
static constexpr bool kHasParts = OFFLOOP_VECTOR_BYTES > 16;

template <typename T>
static constexpr int kMicroCols = kMicroVectors* kLanesOf<T>;

// The steps over accumulators are recursive templates, not loops: GCC 12 takes an array apart into registers only
// where every index is a constant before it unrolls.
template <int kRow, typename V, int kRows, int kVectors>
static inline __attribute__((always_inline)) void ClearSums(V (&sums)[kRows][kVectors]) {
  sums[kRow][0] = V{};
  if constexpr (kVectors > 1) sums[kRow][1] = V{};
  if constexpr (kVectors > 2) sums[kRow][2] = V{};
  if constexpr (kRow + 1 < kRows) ClearSums<kRow + 1>(sums);
}

// Rows in two groups of four: two pointers, a stride and three times it reach all of them by x86's addressing.
template <int kRow, typename T, typename V, int kRows, int kVectors>
static inline __attribute__((always_inline)) void AddRowProducts(V (&sums)[kRows][kVectors], const char* upper,
                                                                 const char* lower, int64_t row, int64_t row3,
                                                                 const V (&strip)[kVectors]) {
  const char* group = kRow < 4 ? upper : lower;
  const V value = Broadcast<V>(LoadAny<T>(kRow % 4 == 3 ? group + row3 : group + kRow % 4 * row));
  sums[kRow][0] = MulAdd(value, strip[0], sums[kRow][0]);
  if constexpr (kVectors > 1) sums[kRow][1] = MulAdd(value, strip[1], sums[kRow][1]);
  if constexpr (kVectors > 2) sums[kRow][2] = MulAdd(value, strip[2], sums[kRow][2]);
  if constexpr (kRow + 1 < kRows) AddRowProducts<kRow + 1, T>(sums, upper, lower, row, row3, strip);
}

// A vector that may be the last of a strip, of which `last` elements count.
template <typename T, bool kPart>
static inline __attribute__((always_inline)) typename VectorOf<T>::Type LoadEnd(const T* from, int64_t last) {
  if constexpr (kPart)
    return Part<T>::Load(from, last);
  else
    return LoadAny<typename VectorOf<T>::Type>(from);
}

template <typename T, bool kAdd, bool kPart, typename V>
static inline __attribute__((always_inline)) void StoreEnd(T* c, V sum, int64_t last) {
  if constexpr (kAdd) sum = LoadEnd<T, kPart>(c, last) + sum;
  if constexpr (kPart)
    Part<T>::Store(c, sum, last);
  else
    StoreAny(c, sum);
}

template <int kRow, bool kAdd, bool kPart, typename T, typename V, int kRows, int kVectors>
static inline __attribute__((always_inline)) void StoreSums(const V (&sums)[kRows][kVectors], T* c, int64_t c_row,
                                                            int64_t last) {
  constexpr int kLanes = kLanesOf<T>;
  StoreEnd<T, kAdd, kPart && kVectors == 1>(c, sums[kRow][0], last);
  if constexpr (kVectors > 1) StoreEnd<T, kAdd, kPart && kVectors == 2>(c + kLanes, sums[kRow][1], last);
  if constexpr (kVectors > 2) StoreEnd<T, kAdd, kPart && kVectors == 3>(c + 2 * kLanes, sums[kRow][2], last);
  if constexpr (kRow + 1 < kRows) StoreSums<kRow + 1, kAdd, kPart>(sums, c + c_row, c_row, last);
}

// C (+)= A B for kRows rows and kVectors vectors of columns, of the last of which `last` elements count where it is a
// part. Element (i, p) of A is a[i * a_row + p * a_step], rows of B and C are contiguous. Every element of C is summed
// in the order of p, whatever the shape of the register tile.
template <typename T, int kRows, int kVectors, bool kPart>
static void Micro(int64_t k, const T* a, int64_t a_row, int64_t a_step, const T* b, int64_t b_step, T* c, int64_t c_row,
                  bool add, int64_t last) {
  using V = typename VectorOf<T>::Type;
  constexpr int64_t kBytes = sizeof(T);
  constexpr int kLanes = kLanesOf<T>;
  for (int i = 0; i < kRows; ++i) {
    __builtin_prefetch(c + i * c_row, 1);
    __builtin_prefetch(c + i * c_row + kVectors * kLanes - 1, 1);
  }
  alignas(sizeof(V)) V sums[kRows][kVectors];
  ClearSums<0>(sums);
  const int64_t row = a_row * kBytes;
  const char* upper = reinterpret_cast<const char*>(a);
  const char* lower = upper + row * 4;
  const int64_t a_bytes = a_step * kBytes;
  for (int64_t p = 0; p < k; ++p) {
    alignas(sizeof(V)) V strip[kVectors];
    strip[0] = LoadEnd < T, kPart && kVectors == 1 > (b, last);
    if constexpr (kVectors > 1) strip[1] = LoadEnd < T, kPart && kVectors == 2 > (b + kLanes, last);
    if constexpr (kVectors > 2) strip[2] = LoadEnd < T, kPart && kVectors == 3 > (b + 2 * kLanes, last);
    AddRowProducts<0, T>(sums, upper, lower, row, 3 * row, strip);
    upper += a_bytes;
    lower += a_bytes;
    b += b_step;
  }
  if (add)
    StoreSums<0, true, kPart>(sums, c, c_row, last);
  else
    StoreSums<0, false, kPart>(sums, c, c_row, last);
}

template <typename T>
using MicroFunction = void (*)(int64_t k, const T* a, int64_t a_row, int64_t a_step, const T* b, int64_t b_step, T* c,
                               int64_t c_row, bool add, int64_t last);

template <typename T>
struct MicroTable {
  MicroFunction<T> by_size[kMicroRows][kMicroVectors][2];  // the second for parts of a vector
};

template <typename T, int kRows, int kVectors>
static constexpr void FillMicro(MicroTable<T>& table) {
  table.by_size[kRows - 1][kVectors - 1][0] = Micro<T, kRows, kVectors, false>;
  table.by_size[kRows - 1][kVectors - 1][1] = Micro<T, kRows, kVectors, kHasParts>;
  if constexpr (kVectors > 1)
    FillMicro<T, kRows, kVectors - 1>(table);
  else if constexpr (kRows > 1)
    FillMicro<T, kRows - 1, kMicroVectors>(table);
}

template <typename T>
static constexpr MicroTable<T> MakeMicroTable() {
  MicroTable<T> table{};
  FillMicro<T, kMicroRows, kMicroVectors>(table);
  return table;
}

template <typename T>
static constexpr MicroTable<T> kMicroTable = MakeMicroTable<T>();

// Where the register kernel can't write C itself: part of a vector, or columns apart.
template <typename T>
static void MoveTile(const T* from, int64_t rows, int64_t cols, T* c, int64_t c_row, int64_t c_col, bool add) {
  using V = typename VectorOf<T>::Type;
  for (int64_t i = 0; i < rows; ++i) {
    int64_t j = 0;
    if (c_col == 1) {
      for (; j + kLanesOf<T> <= cols; j += kLanesOf<T>) {
        const V sums = LoadAny<V>(from + i * kMicroCols<T> + j);
        StoreAny(c + i * c_row + j, add ? LoadAny<V>(c + i * c_row + j) + sums : sums);
      }
    }
    for (; j < cols; ++j) {
      T* to = c + i * c_row + j * c_col;
      const T sum = from[i * kMicroCols<T> + j];
      *to = add ? *to + sum : sum;
    }
  }
}

// A strip of `cols` columns, at most kMicroCols, under `rows` rows. Without kHasParts `b` is read to a whole vector.
template <typename T>
static inline void MicroRows(int64_t k, const T* a, int64_t a_row, int64_t a_step, const T* b, int64_t b_step,
                             int64_t rows, int64_t cols, T* c, int64_t c_row, int64_t c_col, bool add) {
  const int64_t vectors = (cols + kLanesOf<T> - 1) / kLanesOf<T>;
  const int64_t last = cols - (vectors - 1) * kLanesOf<T>;
  const bool part = last < kLanesOf<T>;
  if (c_col == 1 && (kHasParts || !part)) {
    kMicroTable<T>.by_size[rows - 1][vectors - 1][part](k, a, a_row, a_step, b, b_step, c, c_row, add, last);
    return;
  }
  alignas(64) T tile[kMicroRows * kMicroCols<T>];
  kMicroTable<T>.by_size[rows - 1][vectors - 1][part](k, a, a_row, a_step, b, b_step, tile, kMicroCols<T>, false, last);
  MoveTile(tile, rows, cols, c, c_row, c_col, add);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
