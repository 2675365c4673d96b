// One iteration of Lloyd's algorithm: nearest centroids, sums of clusters, means. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// A group of centroids as columns, and half of each one's square: a row's nearest centroid is that of the greatest
// x·c - |c|²/2.
template <typename T>
static void PackCentroids(const KmeansPlan& plan, const Arguments& arguments, int64_t group) {
  const int64_t first = group * kColumnGroup;
  const int64_t count = VectorsMin(kColumnGroup, plan.clusters - first);
  const Rows rows = {reinterpret_cast<const char*>(CentroidAt<T>(arguments, first)), plan.steps.RowBytes()};
  T* halves = KmeansAt<T>(arguments, plan.halves_at) + first;
  T squares[kColumnGroup];
  SumLines<Products<T>, false, true>(plan.length, rows.at, rows.row, count, nullptr, squares, squares);
  for (int64_t i = 0; i < kColumnGroup; ++i) halves[i] = i < count ? squares[i] / 2 : static_cast<T>(__builtin_inf());
  PackPanels<Products<T>>(rows, plan.length, first, count, plan.clusters, KmeansAt<char>(arguments, plan.panels_at));
}

// The greatest lane; none of them is NaN.
template <typename V>
static inline __attribute__((always_inline)) auto GreatestLane(V v) {
  using T = __typeof__(v[0] + v[0]);
#if OFFLOOP_VECTOR_BYTES == 64
  if constexpr (sizeof(T) == 4)
    return _mm512_reduce_max_ps((__m512)v);
  else
    return _mm512_reduce_max_pd((__m512d)v);
#else
  constexpr int kLanes = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(T));
  T values[kLanes];
  Store(values, v);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) values[i] = values[i + width] > values[i] ? values[i + width] : values[i];
  }
  return values[0];
#endif
}

// A bit for each lane in which two vectors are equal.
template <typename V>
static inline __attribute__((always_inline)) uint64_t EqualLanes(V a, V b) {
  constexpr int kBytes = sizeof(a[0] + a[0]);
#if OFFLOOP_VECTOR_BYTES == 64
  if constexpr (kBytes == 4)
    return _mm512_cmpeq_ps_mask((__m512)a, (__m512)b);
  else
    return _mm512_cmpeq_pd_mask((__m512d)a, (__m512d)b);
#elif OFFLOOP_VECTOR_BYTES == 32
  if constexpr (kBytes == 4)
    return static_cast<uint32_t>(_mm256_movemask_ps((__m256)(a == b)));
  else
    return static_cast<uint32_t>(_mm256_movemask_pd((__m256d)(a == b)));
#elif OFFLOOP_X64
  if constexpr (kBytes == 4)
    return static_cast<uint32_t>(_mm_movemask_ps((__m128)(a == b)));
  else
    return static_cast<uint32_t>(_mm_movemask_pd((__m128d)(a == b)));
#else
  uint64_t equal = 0;
  for (int i = 0; i < OFFLOOP_VECTOR_BYTES / kBytes; ++i) equal |= uint64_t{a[i] == b[i]} << i;
  return equal;
#endif
}

// The first of `count` columns at which raw - half is greatest; where none is a number, `count`. `count` is of whole
// vectors. First the greatest, then where it is: a CPU does both of 64 columns without a branch that it could mistake.
template <typename T>
static inline __attribute__((always_inline)) int64_t BestColumn(const T* raw, const T* halves, int64_t count) {
  using V = typename LanesFor<T>::Type;
  constexpr int kLanes = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(T));
  V best = Broadcast<V>(static_cast<T>(-__builtin_inf()));
  for (int64_t j = 0; j < count; j += kLanes) {
    const V value = Load<V>(raw + j) - Load<V>(halves + j);
    best = value > best ? value : best;
  }
  const V most = Broadcast<V>(GreatestLane(best));
  for (int64_t first = 0; first < count; first += 64) {
    const int64_t end = VectorsMin(first + 64, count);
    uint64_t equal = 0;
    for (int64_t j = first; j < end; j += kLanes) {
      equal |= EqualLanes(Load<V>(raw + j) - Load<V>(halves + j), most) << (j - first);
    }
    if (equal != 0) return first + __builtin_ctzll(equal);
  }
  return count;
}

template <typename T>
static void AssignRows(const KmeansPlan& plan, const Arguments& arguments, const Block& block) {
  using Op = Products<T>;
  uint32_t* labels = static_cast<uint32_t*>(arguments.outputs[1].data);
  const T* halves = KmeansAt<T>(arguments, plan.halves_at);
  const char* panels = KmeansAt<char>(arguments, plan.panels_at);
  char* local = reinterpret_cast<char*>(block.local);
  T* raw = reinterpret_cast<T*>(local + plan.raw_at);
  const int64_t start = static_cast<int64_t>(block.index) * plan.assign_rows;
  const int64_t last = VectorsMin(plan.rows, start + plan.assign_rows);
  const int64_t at_once = RowsAtOnce(plan.steps);
  const Strips<Op> strips(plan.clusters);
  const int64_t width = strips.vectors * kStepLanes<Op>;
  for (int64_t first = start; first < last; first += at_once) {
    const int64_t count = VectorsMin(at_once, last - first);
    const Rows rows = StageRows(arguments.inputs[0], plan.steps, first, count, local);
    // The rows after these, if they are in place and in line, are fetched meanwhile.
    const bool ahead = rows.at != local && rows.row == plan.steps.RowBytes();
    for (int64_t i = 0; i < count; i += kTileRows) {
      const int64_t here = VectorsMin(kTileRows, count - i);
      if (ahead) {
        const char* next = rows.at + (i + at_once) * rows.row;
        for (int64_t line = 0; line < kTileRows * rows.row; line += 64) __builtin_prefetch(next + line);
      }
      for (int64_t strip = 0; strip < strips.count; ++strip) {
        const int64_t at = strips.First(strip);
        SumStrip<Op>(strips.First(strip + 1) - at, plan.length, rows.at + i * rows.row, rows.row, here,
                     panels + at * plan.length * OFFLOOP_VECTOR_BYTES, raw + at * kStepLanes<Op>, width);
      }
      for (int64_t r = 0; r < here; ++r) {
        const int64_t best = BestColumn<T>(raw + r * width, halves, width);
        labels[first + i + r] = best < plan.clusters ? static_cast<uint32_t>(best) : 0;
      }
    }
  }
}

#if OFFLOOP_VECTOR_BYTES > 16
// As many elements as a vector has of doubles.
template <typename T>
static inline __attribute__((always_inline)) F64 LoadWide(const T* from) {
  typedef T Narrow __attribute__((vector_size(F64Lanes * sizeof(T))));
  return __builtin_convertvector(Load<Narrow>(from), F64);
}
#endif

// The sum of squares of a row's elements.
template <typename T>
static inline double SumSquares(const T* row, int64_t length) {
  int64_t j = 0;
  double sum = 0;
#if OFFLOOP_VECTOR_BYTES > 16
  F64 lanes = F64{};
  for (; j + F64Lanes <= length; j += F64Lanes) {
    const F64 value = LoadWide(row + j);
    lanes = lanes + value * value;
  }
  const F64 all[1] = {lanes};
  SumLanes<1>(all, &sum);
#endif
  for (; j < length; ++j) {
    const double value = static_cast<double>(Load<T>(row + j));
    sum += value * value;
  }
  return sum;
}

// Sums and sizes of clusters over a chunk of rows and a slice of columns; in the first iteration the squares as well.
template <typename T>
static void SumClusters(const KmeansPlan& plan, const Arguments& arguments, const Block& block) {
  const int64_t index = static_cast<int64_t>(block.index);
  const int64_t chunk = index / plan.slices;
  const int64_t column = index % plan.slices * plan.slice;
  const int64_t width = VectorsMin(plan.slice, plan.length - column);
  const uint32_t* labels = static_cast<const uint32_t*>(arguments.outputs[1].data);
  double* sums = KmeansAt<double>(arguments, plan.sums_at) + chunk * plan.clusters * plan.length + column;
  double* counts = KmeansAt<double>(arguments, plan.counts_at) + chunk * plan.clusters;
  for (int64_t cluster = 0; cluster < plan.clusters; ++cluster) {
    for (int64_t j = 0; j < width; ++j) sums[cluster * plan.length + j] = 0;
    if (column == 0) counts[cluster] = 0;
  }
  View slice = arguments.inputs[0];
  slice.data = static_cast<T*>(slice.data) + column * slice.strides[1];
  slice.shape[1] = width;
  const Steps steps = StepsOf(slice.dtype, width);
  const bool squares = KmeansAt<KmeansState>(arguments, 0)->iterations == 0;
  double square = 0;
  const int64_t last = VectorsMin(plan.rows, (chunk + 1) * plan.chunk);
  const int64_t at_once = RowsAtOnce(plan.steps);
  for (int64_t first = chunk * plan.chunk; first < last; first += at_once) {
    const int64_t count = VectorsMin(at_once, last - first);
    const Rows rows = StageRows(slice, steps, first, count, reinterpret_cast<char*>(block.local));
    for (int64_t i = 0; i < count; ++i) {
      const T* row = reinterpret_cast<const T*>(rows.at + i * rows.row);
      double* to = sums + labels[first + i] * plan.length;
      int64_t j = 0;
#if OFFLOOP_VECTOR_BYTES > 16
      for (; j + F64Lanes <= width; j += F64Lanes) Store(to + j, Load<F64>(to + j) + LoadWide(row + j));
#endif
      for (; j < width; ++j) to[j] += static_cast<double>(Load<T>(row + j));
      if (column == 0) counts[labels[first + i]] += 1;
      if (squares) square += SumSquares(row, width);
    }
  }
  if (squares) KmeansAt<double>(arguments, plan.squares_at)[index] = square;
}

// A group of centroids becomes the means of their clusters, chunks added in order. Those of empty clusters stay.
template <typename T>
static void FoldMeans(const KmeansPlan& plan, const Arguments& arguments, int64_t group) {
  double* sums = KmeansAt<double>(arguments, plan.sums_at);
  const double* counts = KmeansAt<double>(arguments, plan.counts_at);
  const int64_t last = VectorsMin(plan.clusters, (group + 1) * kColumnGroup);
  for (int64_t cluster = group * kColumnGroup; cluster < last; ++cluster) {
    double* total = sums + cluster * plan.length;
    double size = counts[cluster];
    for (int64_t chunk = 1; chunk < plan.chunks; ++chunk) {
      const double* other = total + chunk * plan.clusters * plan.length;
      for (int64_t j = 0; j < plan.length; ++j) total[j] += other[j];
      size += counts[chunk * plan.clusters + cluster];
    }
    double shift = 0;
    if (size > 0) {
      T* centroid = CentroidAt<T>(arguments, cluster);
      for (int64_t j = 0; j < plan.length; ++j) {
        const T mean = static_cast<T>(total[j] / size);
        const double difference = static_cast<double>(mean) - static_cast<double>(centroid[j]);
        shift += difference * difference;
        centroid[j] = mean;
      }
    }
    KmeansAt<double>(arguments, plan.shifts_at)[cluster] = shift;
    KmeansAt<double>(arguments, plan.sizes_at)[cluster] = size;
  }
  PackCentroids<T>(plan, arguments, group);
}

// Converged when the centroids have moved, in all, by no more than the tolerance times the mean variance of a column.
static void CheckShift(const KmeansPlan& plan, const Arguments& arguments) {
  KmeansState* state = KmeansAt<KmeansState>(arguments, 0);
  const double* shifts = KmeansAt<double>(arguments, plan.shifts_at);
  const double* sizes = KmeansAt<double>(arguments, plan.sizes_at);
  if (state->iterations == 0) {
    const double* squares = KmeansAt<double>(arguments, plan.squares_at);
    const double n = static_cast<double>(plan.rows);
    double square = 0;
    for (int64_t i = 0; i < plan.chunks * plan.slices; ++i) square += squares[i];
    for (int64_t j = 0; j < plan.length; ++j) {
      double sum = 0;
      const double* sums = KmeansAt<double>(arguments, plan.sums_at) + j;
      for (int64_t cluster = 0; cluster < plan.clusters; ++cluster) sum += sums[cluster * plan.length];
      square -= sum / n * sum;
    }
    state->variance = square > 0 ? square / n / static_cast<double>(VectorsMax(plan.length, 1)) : 0;
  }
  state->iterations += 1;
  state->empty = 0;
  double shift = 0;
  for (int64_t cluster = 0; cluster < plan.clusters; ++cluster) {
    shift += shifts[cluster];
    if (!(sizes[cluster] > 0)) state->empty += 1;
  }
  const bool still = shift <= plan.tolerance * state->variance;
  state->done = static_cast<double>(state->iterations) >= plan.most_iterations || (still && state->empty == 0);
  // Empty clusters that found no row to go to would go on for ever.
  if (still && state->empty > 0 && shift == 0)
    state->done = state->done || arguments.results[3].integer == state->empty;
  arguments.results[3].integer = state->empty;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
