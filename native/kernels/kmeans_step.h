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
  PackPanels<Products<T>>(rows, plan.length, first, count, plan.clusters,
                          KmeansAt<char>(arguments, plan.panels_at));
}

// The first of `count` columns at which raw - half is greatest; 0 where none is a number. `count` is of whole vectors.
template <typename T>
static inline uint32_t BestColumn(T* raw, const T* halves, int64_t count) {
  using V = typename LanesFor<T>::Type;
  constexpr int kLanes = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(T));
  V best = Broadcast<V>(static_cast<T>(-__builtin_inf()));
  for (int64_t j = 0; j < count; j += kLanes) {
    const V value = Load<V>(raw + j) - Load<V>(halves + j);
    Store(raw + j, value);
    best = value > best ? value : best;
  }
  T lanes[kLanes];
  Store(lanes, best);
  T most = lanes[0];
  for (int i = 1; i < kLanes; ++i) most = lanes[i] > most ? lanes[i] : most;
  const V wanted = Broadcast<V>(most);
  for (int64_t j = 0; j < count; j += kLanes) {
    const auto equal = Load<V>(raw + j) == wanted;
#if OFFLOOP_VECTOR_BYTES == 64
    uint32_t mask;
    if constexpr (sizeof(T) == 4)
      mask = _mm512_movepi32_mask((__m512i)equal);
    else
      mask = _mm512_movepi64_mask((__m512i)equal);
    if (mask != 0) return static_cast<uint32_t>(j + __builtin_ctz(mask));
#elif OFFLOOP_VECTOR_BYTES == 32
    const int mask = sizeof(T) == 4 ? _mm256_movemask_ps((__m256)equal) : _mm256_movemask_pd((__m256d)equal);
    if (mask != 0) return static_cast<uint32_t>(j + __builtin_ctz(static_cast<unsigned>(mask)));
#else
    for (int i = 0; i < kLanes; ++i) {
      if (equal[i] != 0) return static_cast<uint32_t>(j + i);
    }
#endif
  }
  return 0;
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
    for (int64_t i = 0; i < count; i += kTileRows) {
      const int64_t here = VectorsMin(kTileRows, count - i);
      for (int64_t strip = 0; strip < strips.count; ++strip) {
        const int64_t at = strips.First(strip);
        SumStrip<Op>(strips.First(strip + 1) - at, plan.length, rows.at + i * rows.row, rows.row, here,
                     panels + at * plan.length * OFFLOOP_VECTOR_BYTES, raw + at * kStepLanes<Op>, width);
      }
      for (int64_t r = 0; r < here; ++r) {
        const uint32_t best = BestColumn<T>(raw + r * width, halves, width);
        labels[first + i + r] = best < plan.clusters ? best : 0;
      }
    }
  }
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
      for (; j + F64Lanes <= width; j += F64Lanes) {
        typedef T Narrow __attribute__((vector_size(F64Lanes * sizeof(T))));
        Store(to + j, Load<F64>(to + j) + __builtin_convertvector(Load<Narrow>(row + j), F64));
      }
#endif
      for (; j < width; ++j) to[j] += static_cast<double>(Load<T>(row + j));
      if (column == 0) counts[labels[first + i]] += 1;
      if (squares) {
        for (int64_t p = 0; p < width; ++p) {
          const double value = static_cast<double>(Load<T>(row + p));
          square += value * value;
        }
      }
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
  if (still && state->empty > 0 && shift == 0) state->done = state->done || arguments.results[3].integer == state->empty;
  arguments.results[3].integer = state->empty;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
