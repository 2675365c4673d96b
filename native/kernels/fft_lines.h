// One transform's numbers where the caller has them: how rows are read from a line of complex or real numbers and
// written to one. Included again for every level.
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

enum class FftParts : uint8_t {
  kComplex,
  kReal,       // no imaginary parts: they read as zero and are not written
  kHermitian,  // read only: numbers past the middle are the conjugates of those before it
};

// Number i has its real part at data[i * step] and its imaginary part `part` further. `swap` takes each for the other,
// which turns a transform into its inverse.
template <typename T>
struct FftLine {
  T* data;
  int64_t step;
  int64_t part;
  int64_t count;  // numbers there are; none is read or written from here on
  FftParts parts;
  bool swap;
  T scale;  // of what is written

  // kFftLanes numbers from `first` on, and as many every `row` numbers after them.
  FftPacked<T> Packed(int64_t first, int64_t row, int64_t ahead) const {
    return {data + 2 * first, 2 * row, swap, scale, ahead};
  }
  bool IsPacked() const { return step == 2 && part == 1 && parts == FftParts::kComplex; }
};

template <typename T>
OFFLOOP_FFT_INLINE void SetFftLane(T* row, int64_t lane, T re, T im) {
  row[lane] = re;
  row[kFftLanes<T> + lane] = im;
}

// kFftLanes interleaved numbers, as a row.
template <typename T>
OFFLOOP_FFT_INLINE void LoadPackedRow(const T* from, bool swap, T* row) {
  for (int v = 0; v < kFftVectors; ++v) StoreFft(row, LoadPacked(from, swap, v), v);
}

template <typename T>
OFFLOOP_FFT_INLINE void StorePackedRow(T* to, bool swap, T scale, const T* row) {
  for (int v = 0; v < kFftVectors; ++v) StorePacked(to, swap, scale, LoadFft(row, v), v);
}

template <typename T>
static inline void LoadFftNumber(const FftLine<T>& line, int64_t i, T* row, int64_t lane) {
  T re = 0;
  T im = 0;
  if (line.parts == FftParts::kComplex) {
    re = line.data[i * line.step];
    im = line.data[i * line.step + line.part];
  } else if (line.parts == FftParts::kReal) {
    re = line.data[i * line.step];
  } else {
    const bool past = i > line.count / 2;
    const T* at = line.data + (past ? line.count - i : i) * line.step;
    re = at[0];
    if (i > 0) im = past ? -at[line.part] : at[line.part];
  }
  if (line.swap) {
    SetFftLane(row, lane, im, re);
  } else {
    SetFftLane(row, lane, re, im);
  }
}

template <typename T>
static inline void StoreFftNumber(const FftLine<T>& line, int64_t i, const T* row, int64_t lane) {
  const T re = row[line.swap ? kFftLanes<T> + lane : lane] * line.scale;
  const T im = row[line.swap ? lane : kFftLanes<T> + lane] * line.scale;
  line.data[i * line.step] = re;
  if (line.parts == FftParts::kComplex) line.data[i * line.step + line.part] = im;
}

// Numbers from `first` on, at most `most` of them, into a row; the lanes left over are zero.
template <typename T>
static inline void LoadFftRow(const FftLine<T>& line, int64_t first, int64_t most, T* row) {
  const int64_t lanes = FftLanesLeft(line.count, first, most);
  if (lanes == kFftLanes<T> && line.IsPacked()) {
    LoadPackedRow(line.data + 2 * first, line.swap, row);
    return;
  }
  for (int64_t lane = 0; lane < lanes; ++lane) LoadFftNumber(line, first + lane, row, lane);
  for (int64_t lane = lanes; lane < kFftLanes<T>; ++lane) SetFftLane<T>(row, lane, 0, 0);
}

template <typename T>
static inline void StoreFftRow(const FftLine<T>& line, int64_t first, int64_t most, const T* row) {
  const int64_t lanes = FftLanesLeft(line.count, first, most);
  if (lanes == kFftLanes<T> && line.IsPacked()) {
    StorePackedRow(line.data + 2 * first, line.swap, line.scale, row);
    return;
  }
  for (int64_t lane = 0; lane < lanes; ++lane) StoreFftNumber(line, first + lane, row, lane);
}

// Real and imaginary parts of n rows change places.
template <typename T>
static void SwapRows(int64_t n, T* rows) {
  for (int64_t i = 0; i < n; ++i, rows += 2 * kFftLanes<T>) {
    for (int v = 0; v < kFftVectors; ++v) {
      const FftComplex<T> value = LoadFft<T>(rows, v);
      StoreFft(rows, FftComplex<T>{value.im, value.re}, v);
    }
  }
}

// Many lines at once, a lane each: row i has number i of every line. `lanes` lines, the first of them `line`, the
// others at `offsets` from it. `tile` is a row for every lane.
template <typename T>
static void LoadFftLines(const FftLine<T>& line, const int64_t* offsets, int64_t lanes, T* rows, T* tile) {
  using V = typename FftVectorOf<T>::Type;
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  constexpr int kWidth = kFftWidth<T>;
  int64_t done = 0;
  if (lanes == kFftLanes<T> && line.IsPacked()) {
    for (; done + kFftLanes<T> <= line.count; done += kFftLanes<T>) {
      for (int64_t lane = 0; lane < lanes; ++lane) {
        LoadPackedRow(line.data + offsets[lane] + 2 * done, line.swap, tile + lane * kRow);
      }
      for (int64_t i = 0; i < kFftLanes<T>; i += kWidth) {
        for (int64_t lane = 0; lane < 2 * kFftLanes<T>; lane += kWidth) {
          // Lanes of real parts, then lanes of imaginary ones.
          const int64_t half = lane < kFftLanes<T> ? 0 : kFftLanes<T>;
          alignas(OFFLOOP_VECTOR_BYTES) V square[kWidth];
          LoadSquare<0>(tile + (lane - half) * kRow + half + i, kRow, square);
          TurnSquare<kWidth>(square);
          StoreSquare<0>(rows + (done + i) * kRow + lane, kRow, square);
        }
      }
    }
  }
  bool adjacent = lanes == kFftLanes<T> && line.part == 1 && line.parts == FftParts::kComplex;
  for (int64_t lane = 0; lane < lanes; ++lane) adjacent = adjacent && offsets[lane] == 2 * lane;
  for (; done < line.count; ++done) {
    T* row = rows + done * kRow;
    if (adjacent) {
      LoadPackedRow(line.data + done * line.step, line.swap, row);
      continue;
    }
    FftLine<T> each = line;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      each.data = line.data + offsets[lane];
      LoadFftNumber(each, done, row, lane);
    }
    for (int64_t lane = lanes; lane < kFftLanes<T>; ++lane) SetFftLane<T>(row, lane, 0, 0);
  }
}

template <typename T>
static void StoreFftLines(const FftLine<T>& line, const int64_t* offsets, int64_t lanes, const T* rows, T* tile) {
  using V = typename FftVectorOf<T>::Type;
  constexpr int64_t kRow = 2 * kFftLanes<T>;
  constexpr int kWidth = kFftWidth<T>;
  int64_t done = 0;
  if (lanes == kFftLanes<T> && line.IsPacked()) {
    for (; done + kFftLanes<T> <= line.count; done += kFftLanes<T>) {
      for (int64_t i = 0; i < kFftLanes<T>; i += kWidth) {
        for (int64_t lane = 0; lane < 2 * kFftLanes<T>; lane += kWidth) {
          const int64_t half = lane < kFftLanes<T> ? 0 : kFftLanes<T>;
          alignas(OFFLOOP_VECTOR_BYTES) V square[kWidth];
          LoadSquare<0>(rows + (done + i) * kRow + lane, kRow, square);
          TurnSquare<kWidth>(square);
          StoreSquare<0>(tile + (lane - half) * kRow + half + i, kRow, square);
        }
      }
      for (int64_t lane = 0; lane < lanes; ++lane) {
        StorePackedRow(line.data + offsets[lane] + 2 * done, line.swap, line.scale, tile + lane * kRow);
      }
    }
  }
  bool adjacent = lanes == kFftLanes<T> && line.part == 1 && line.parts == FftParts::kComplex;
  for (int64_t lane = 0; lane < lanes; ++lane) adjacent = adjacent && offsets[lane] == 2 * lane;
  for (; done < line.count; ++done) {
    const T* row = rows + done * kRow;
    if (adjacent) {
      StorePackedRow(line.data + done * line.step, line.swap, line.scale, row);
      continue;
    }
    FftLine<T> each = line;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      each.data = line.data + offsets[lane];
      StoreFftNumber(each, done, row, lane);
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
