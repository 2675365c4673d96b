// What is done with the steps of rows and columns, and the functions that do it, compiled once a CPU level for all
// kernels over rows of vectors: vectors_sums.cc, vectors_lines.cc,
// vectors_stage.cc. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {

template <typename Step>
struct LanesFor;
template <>
struct LanesFor<float> {
  using Type = F32;
};
template <>
struct LanesFor<double> {
  using Type = F64;
};
template <>
struct LanesFor<int32_t> {
  using Type = I32;
};
template <>
struct LanesFor<uint64_t> {
  using Type = U64;
};

// Sums run at most kRun steps where that is not 0; kSpare registers go to what is neither a sum nor a column.
template <typename T>
struct Products {
  using Step = T;
  using Raw = T;
  static constexpr int64_t kRun = 0;
  static constexpr int kSpare = 1;
};

// Squares of differences: exact for near rows, where |a|² + |b|² - 2ab would have cancelled.
template <typename T>
struct Squares {
  using Step = T;
  using Raw = T;
  static constexpr int64_t kRun = 0;
  static constexpr int kSpare = 2;
};

struct Int8Products {
  using Step = int32_t;
  using Raw = int32_t;
  static constexpr int64_t kRun = 0;
  static constexpr int kSpare = 2;
};

// Bits that both have. A byte of a sum holds the counts of 31 steps.
struct CommonBits {
  using Step = uint64_t;
  using Raw = uint64_t;
  static constexpr int64_t kRun = 31;
  static constexpr int kSpare = 4;
};

template <typename Op>
using LanesOf = typename LanesFor<typename Op::Step>::Type;
template <typename Op>
static constexpr int kStepLanes = OFFLOOP_VECTOR_BYTES / static_cast<int>(sizeof(typename Op::Step));

// As many sums as the registers hold beside a strip of columns and what the operation needs to spare.
#if OFFLOOP_VECTOR_BYTES == 64 || defined(__aarch64__)
static constexpr int kTileRows = 8;
template <typename Op>
static constexpr int kTileVectors = Op::kSpare > 2 ? 2 : 3;
#else
static constexpr int kTileRows = 4;
template <typename Op>
static constexpr int kTileVectors = Op::kSpare > 1 || OFFLOOP_VECTOR_BYTES == 16 ? 2 : 3;
#endif
// The widest strip of columns of any operation.
static constexpr int64_t kMostStrip = 3 * OFFLOOP_VECTOR_BYTES / 4;

struct Rows {
  const char* at;
  int64_t row;  // bytes from one to the next
};

// Rows first .. first + count - 1 of a view [rows, length], where they lie or in `local`.
Rows StageRows(const View& view, const Steps& steps, int64_t first, int64_t count, char* local);

// Columns first .. first + count - 1 of a tile of `columns`, of which staged rows are given, into its panels; lanes
// that have no column are zero. `first` is a multiple of kColumnGroup.
template <typename Op>
void PackPanels(const Rows& rows, int64_t steps, int64_t first, int64_t count, int64_t columns, char* tile);

// The same, in lines where the columns are few.
template <typename Op>
void PackColumns(const Rows& rows, int64_t steps, int64_t first, int64_t count, int64_t columns, char* tile);

// One row as a line of whole vectors.
template <typename Op>
void PackLine(const char* row, int64_t steps, char* line);

// One strip of columns under up to kTileRows rows, `row` bytes apart: raw[i * width + j] gets the sum of row i and
// column j, over steps in order, whatever the shape of the tile.
template <typename Op>
void SumStrip(int64_t vectors, int64_t steps, const char* rows, int64_t row, int64_t count, const char* panel,
              typename Op::Raw* raw, int64_t width);

// raw[i] and self[i] for `count` rows, with one line and with themselves; either may be left out.
template <typename Op, bool kLine, bool kSelf>
void SumLines(int64_t steps, const char* rows, int64_t row, int64_t count, const char* line, typename Op::Raw* raw,
              typename Op::Raw* self);

namespace {

// How the columns of a tile are dealt to panels: vectors of columns in strips, as wide as registers allow and as even
// as can be.
template <typename Op>
struct Strips {
  int64_t vectors, count;

  explicit Strips(int64_t columns)
      : vectors((columns + kStepLanes<Op> - 1) / kStepLanes<Op>),
        count((vectors + kTileVectors<Op> - 1) / kTileVectors<Op>) {}

  // Vectors before strip `index`.
  int64_t First(int64_t index) const {
    const int64_t wide = vectors % count;
    return index * (vectors / count) + (index < wide ? index : wide);
  }
};

// Steps that a line takes: whole vectors, and one of the rest.
template <typename Op>
static inline int64_t LineSteps(int64_t steps) {
  return (steps + kStepLanes<Op> - 1) / kStepLanes<Op> * kStepLanes<Op>;
}

// Whether so few columns go in lines: they would leave most lanes of a vector empty.
template <typename Op>
static inline bool AreFew(int64_t columns) {
  return 2 * columns <= kStepLanes<Op>;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
