// The start of kmeans: k-means++ (Arthur and Vassilvitskii 2007), a centroid at a time, each a row drawn with a chance
// in proportion to its squared distance from the centroids before it. And its remedy for empty clusters, which looks
// for far rows as well. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
static inline T* KmeansAt(const Arguments& arguments, int64_t offset) {
  return reinterpret_cast<T*>(arguments.scratch + offset);
}

template <typename T>
static inline T* CentroidAt(const Arguments& arguments, int64_t index) {
  const View& out = arguments.outputs[0];
  return static_cast<T*>(out.data) + index * out.shape[1];
}

// Row `index` of a view becomes a centroid.
template <typename T>
static void CopyToCentroid(const Arguments& arguments, const View& view, int64_t index, int64_t centroid) {
  const T* from = static_cast<const T*>(view.data) + index * view.strides[0];
  T* to = CentroidAt<T>(arguments, centroid);
  for (int64_t j = 0; j < view.shape[1]; ++j) to[j] = Load<T>(from + j * view.strides[1]);
}

// A distance as a chance. What is no number, or infinite, is never drawn.
static inline double Weight(double distance) { return distance < __builtin_inf() ? distance : 0; }

// The row at which the running sum of weights passes `share` of their total; -1 where all are zero.
template <typename T>
static int64_t DrawRow(const KmeansPlan& plan, const Arguments& arguments, double share) {
  const double* sums = KmeansAt<double>(arguments, plan.row_sums_at);
  const T* distances = KmeansAt<T>(arguments, plan.distances_at);
  double total = 0;
  for (int64_t i = 0; i < plan.row_blocks; ++i) total += sums[i];
  double left = total * share;
  int64_t drawn = -1;
  for (int64_t i = 0; i < plan.row_blocks; ++i) {
    if (!(sums[i] > 0)) continue;
    if (left >= sums[i]) {
      left -= sums[i];
      // Rounding may leave a little at the end: then it is the last row that has a weight.
      if (i + 1 < plan.row_blocks) continue;
    }
    const int64_t last = VectorsMin(plan.rows, (i + 1) * plan.row_block);
    for (int64_t row = i * plan.row_block; row < last; ++row) {
      const double weight = Weight(static_cast<double>(distances[row]));
      if (!(weight > 0)) continue;
      drawn = row;
      left -= weight;
      if (left < 0) return row;
    }
    left = 0;
  }
  return drawn;
}

template <typename T>
static void PickCentroid(const KmeansPlan& plan, const Arguments& arguments) {
  KmeansState* state = KmeansAt<KmeansState>(arguments, 0);
  if (plan.given) {
    *state = {};
    for (int64_t i = 0; i < plan.clusters; ++i) CopyToCentroid<T>(arguments, arguments.inputs[1], i, i);
    state->picked = plan.clusters;
    return;
  }
  const uint64_t seed = static_cast<uint64_t>(arguments.scalars[2]);
  // The first block of all sees memory that nobody has written: a scalar of ours can't tell, the phase before can.
  const int64_t picked = arguments.results[2].integer;
  if (picked == 0) *state = {};
  const double share = static_cast<double>(KmeansBits(seed, static_cast<uint64_t>(picked)) >> 11) * 0x1p-53;
  int64_t row = picked == 0 ? -1 : DrawRow<T>(plan, arguments, share);
  if (row < 0) row = VectorsMin(plan.rows - 1, static_cast<int64_t>(share * static_cast<double>(plan.rows)));
  CopyToCentroid<T>(arguments, arguments.inputs[0], row, picked);
  state->picked = picked + 1;
  arguments.results[2].integer = picked + 1;
}

// Distances of a block's rows to the centroid that was picked last, where that is less than to those before.
template <typename T>
static void MinDistances(const KmeansPlan& plan, const Arguments& arguments, const Block& block) {
  using Op = Squares<T>;
  const int64_t picked = KmeansAt<KmeansState>(arguments, 0)->picked;
  T* distances = KmeansAt<T>(arguments, plan.distances_at);
  char* local = reinterpret_cast<char*>(block.local);
  char* line = local + plan.raw_at;
  PackLine<Op>(reinterpret_cast<const char*>(CentroidAt<T>(arguments, picked - 1)), plan.length, line);
  const int64_t start = static_cast<int64_t>(block.index) * plan.row_block;
  const int64_t last = VectorsMin(plan.rows, start + plan.row_block);
  const int64_t at_once = RowsAtOnce(plan.steps);
  double sum = 0;
  for (int64_t first = start; first < last; first += at_once) {
    const int64_t count = VectorsMin(at_once, last - first);
    const Rows rows = StageRows(arguments.inputs[0], plan.steps, first, count, local);
    T raw[64];
    SumLines<Op, true, false>(plan.length, rows.at, rows.row, count, line, raw, raw);
    for (int64_t i = 0; i < count; ++i) {
      T& distance = distances[first + i];
      if (picked == 1 || raw[i] < distance) distance = raw[i];
      sum += Weight(static_cast<double>(distance));
    }
  }
  KmeansAt<double>(arguments, plan.row_sums_at)[block.index] = sum;
}

// Squared distances of a block's rows to their own centroids: kept by row, and their sum, or the greatest of them.
template <typename T>
static void OwnDistances(const KmeansPlan& plan, const Arguments& arguments, const Block& block, bool greatest) {
  T* distances = KmeansAt<T>(arguments, plan.distances_at);
  const uint32_t* labels = static_cast<const uint32_t*>(arguments.outputs[1].data);
  const int64_t start = static_cast<int64_t>(block.index) * plan.row_block;
  const int64_t last = VectorsMin(plan.rows, start + plan.row_block);
  const int64_t at_once = RowsAtOnce(plan.steps);
  char* local = reinterpret_cast<char*>(block.local);
  double sum = 0;
  double most = -1;
  for (int64_t first = start; first < last; first += at_once) {
    const int64_t count = VectorsMin(at_once, last - first);
    const Rows rows = StageRows(arguments.inputs[0], plan.steps, first, count, local);
    for (int64_t i = 0; i < count; ++i) {
      const T* row = reinterpret_cast<const T*>(rows.at + i * rows.row);
      const T* centroid = CentroidAt<T>(arguments, labels[first + i]);
      double parts[8] = {};
      int64_t j = 0;
      for (; j + 8 <= plan.length; j += 8) {
        for (int p = 0; p < 8; ++p) {
          const double difference = static_cast<double>(Load<T>(row + j + p)) - static_cast<double>(centroid[j + p]);
          parts[p] += difference * difference;
        }
      }
      for (; j < plan.length; ++j) {
        const double difference = static_cast<double>(Load<T>(row + j)) - static_cast<double>(centroid[j]);
        parts[0] += difference * difference;
      }
      const double square =
          ((parts[0] + parts[4]) + (parts[1] + parts[5])) + ((parts[2] + parts[6]) + (parts[3] + parts[7]));
      distances[first + i] = static_cast<T>(square);
      sum += square;
      const double weight = Weight(static_cast<double>(distances[first + i]));
      most = weight > most ? weight : most;
    }
  }
  KmeansAt<double>(arguments, plan.row_sums_at)[block.index] = greatest ? most : sum;
}

// Each empty cluster, in order, goes to the row that is farthest from its centroid; never two to one row, and none to a
// row that has no distance.
template <typename T>
static void MoveEmpty(const KmeansPlan& plan, const Arguments& arguments) {
  const double* sizes = KmeansAt<double>(arguments, plan.sizes_at);
  double* most = KmeansAt<double>(arguments, plan.row_sums_at);
  T* distances = KmeansAt<T>(arguments, plan.distances_at);
  for (int64_t cluster = 0; cluster < plan.clusters; ++cluster) {
    if (sizes[cluster] > 0) continue;
    int64_t block = 0;
    for (int64_t i = 1; i < plan.row_blocks; ++i) {
      if (most[i] > most[block]) block = i;
    }
    if (!(most[block] > 0)) return;
    const int64_t last = VectorsMin(plan.rows, (block + 1) * plan.row_block);
    int64_t far = -1;
    double second = -1;
    for (int64_t row = block * plan.row_block; row < last; ++row) {
      const double weight = Weight(static_cast<double>(distances[row]));
      if (far < 0 && weight == most[block])
        far = row;
      else if (weight > second)
        second = weight;
    }
    if (far < 0) return;
    CopyToCentroid<T>(arguments, arguments.inputs[0], far, cluster);
    distances[far] = T{0};
    most[block] = second;
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
