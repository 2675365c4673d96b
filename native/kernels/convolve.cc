// convolve: out[r, c] = sum over i, j of x[r + scalars[0] + i, c + scalars[1] + j] w[i, j], with zeros around x;
// float32 or float64. inputs: x [m, n] and w [h, k], both with at least one element; output [p, q]; any strides. What
// is called convolution is this with `w` read backwards. `out` overlaps neither input. Sums run over rows of w in
// groups of five, within a group column by column: the same bits for any number of threads. CPU levels may differ, as
// the higher ones fuse multiply and add.
#include <cstddef>
#include <cstdint>

#include "kernels/convolve_plan.h"
#include "kernels/kernel.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/convolve.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/floats.h"
#include "kernels/stream.h"

#include "kernels/convolve_strip.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Groups of kWeightRows rows of weights one after another; within a group column by column.
template <typename T>
static void PackWeights(const ConvolvePlan& plan, int64_t first_col, int64_t last_col, T* to) {
  const T* from = reinterpret_cast<const T*>(plan.w);
  for (int64_t row = 0; row < plan.w_rows; row += kWeightRows) {
    const int64_t height = ConvolveMin(kWeightRows, plan.w_rows - row);
    T* group = to + row * plan.w_cols;
    for (int64_t j = first_col; j < last_col; ++j) {
      for (int64_t u = 0; u < height; ++u) group[j * height + u] = from[(row + u) * plan.w_row + j * plan.w_col];
    }
  }
}

template <typename T>
struct Workspace {
  const T* weights;
  T* results;   // kConvolveRows rows of plan.BufferWidth()
  T* patch;     // plan.PatchRows() rows of plan.PatchWidth()
  bool finite;  // all weights are, so that weighing the zeros around x adds nothing
};

template <typename T>
static bool AreFinite(const T* weights, int64_t count) {
  T sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += weights[i] * 0;
  return sum == 0;
}

// `rows` rows of results from x at element (0, 0) of their windows, `width` a multiple of the strip's.
template <typename T>
static void WeighRows(const ConvolvePlan& plan, const T* weights, const T* x, int64_t x_row, int64_t rows, T* out,
                      int64_t out_row, int64_t width) {
  for (int64_t row = 0; row < plan.w_rows; row += kWeightRows) {
    const int64_t height = ConvolveMin(kWeightRows, plan.w_rows - row);
    const StripTask<T> task = {x + row * x_row, x_row,  weights + row * plan.w_cols, plan.w_cols, out, out_row,
                               width,           row > 0};
    ChooseStrip<T>(height, rows)(task);
  }
}

// Copies what the windows of `rows` x `width` results from (row, col) reach, zeros where that is outside of x.
template <typename T>
static void CopyPatch(const ConvolvePlan& plan, int64_t row, int64_t col, int64_t rows, int64_t width, T* patch) {
  const T* x = reinterpret_cast<const T*>(plan.x);
  const int64_t wide = width + plan.w_cols - 1;
  const int64_t left = col + plan.first_col;
  const int64_t from = ConvolveMin(wide, ConvolveMax(0, -left));
  const int64_t to = ConvolveMax(from, ConvolveMin(wide, plan.x_cols - left));
  for (int64_t i = 0; i < rows + plan.w_rows - 1; ++i) {
    T* line = patch + i * plan.PatchWidth();
    const int64_t at = row + plan.first_row + i;
    if (at < 0 || at >= plan.x_rows) {
      __builtin_memset(line, 0, static_cast<size_t>(wide) * sizeof(T));
      continue;
    }
    const T* source = x + at * plan.x_row + left * plan.x_col;
    __builtin_memset(line, 0, static_cast<size_t>(from) * sizeof(T));
    if (plan.x_col == 1) {
      __builtin_memcpy(line + from, source + from, static_cast<size_t>(to - from) * sizeof(T));
    } else {
      for (int64_t j = from; j < to; ++j) line[j] = source[j * plan.x_col];
    }
    __builtin_memset(line + to, 0, static_cast<size_t>(wide - to) * sizeof(T));
  }
}

// The same sums, of what lies inside x alone.
template <typename T>
static void WeighInside(const ConvolvePlan& plan, const T* weights, int64_t row, int64_t col, int64_t rows,
                        int64_t width, T* results) {
  const T* x = reinterpret_cast<const T*>(plan.x);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < width; ++c) {
      T sum = 0;
      for (int64_t i = 0; i < plan.w_rows; ++i) {
        const int64_t first = i / kWeightRows * kWeightRows;
        const int64_t height = ConvolveMin(kWeightRows, plan.w_rows - first);
        const int64_t at = row + r + plan.first_row + i;
        if (at < 0 || at >= plan.x_rows) continue;
        const int64_t left = col + c + plan.first_col;
        const int64_t end = ConvolveMin(plan.w_cols, plan.x_cols - left);
        for (int64_t j = ConvolveMax(0, -left); j < end; ++j) {
          const T weight = weights[first * plan.w_cols + j * height + i - first];
          sum += weight * x[at * plan.x_row + (left + j) * plan.x_col];
        }
      }
      results[r * plan.BufferWidth() + c] = sum;
    }
  }
}

// Moves `width` columns of results out of the workspace.
template <typename T>
static void WriteRows(const ConvolvePlan& plan, const T* results, int64_t rows, int64_t width, T* out, bool stream) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* from = results + r * plan.BufferWidth();
    T* to = out + r * plan.out_row;
    if (plan.out_col != 1) {
      for (int64_t c = 0; c < width; ++c) to[c * plan.out_col] = from[c];
    } else if (stream) {
      StreamBytes(to, from, width * static_cast<int64_t>(sizeof(T)));
    } else {
      __builtin_memcpy(to, from, static_cast<size_t>(width) * sizeof(T));
    }
  }
}

// Rows [row, row + rows) and columns [col, end) of the result; `rows` is 1, 2, 4 or 8.
template <typename T>
static void ConvolveRange(const ConvolvePlan& plan, const Workspace<T>& work, int64_t row, int64_t rows, int64_t col,
                          int64_t end) {
  const int64_t strip = StripWidth<T>(rows);
  const bool stream = plan.out_rows * plan.out_cols * static_cast<int64_t>(sizeof(T)) >= kStreamBytes;
  const bool direct = plan.out_col == 1 && !stream;
  T* out = reinterpret_cast<T*>(plan.out) + row * plan.out_row;
  // Columns whose windows lie inside x need no patch.
  int64_t first = end, last = end;
  const int64_t top = row + plan.first_row;
  if (plan.x_col == 1 && top >= 0 && top + rows + plan.w_rows - 1 <= plan.x_rows) {
    first = ConvolveMin(end, ConvolveMax(col, -plan.first_col));
    last = ConvolveMax(first, ConvolveMin(end, plan.x_cols - plan.first_col - plan.w_cols + 1));
    last = first + (last - first) / strip * strip;
  }
  const auto patched = [&](int64_t from, int64_t to) {
    if (from == to) return;
    const int64_t width = (to - from + strip - 1) / strip * strip;
    T* results = work.results + (direct ? 0 : from - col);
    if (work.finite) {
      CopyPatch<T>(plan, row, from, rows, width, work.patch);
      WeighRows<T>(plan, work.weights, work.patch, plan.PatchWidth(), rows, results, plan.BufferWidth(), width);
    } else {
      WeighInside<T>(plan, work.weights, row, from, rows, to - from, results);
    }
    if (direct) WriteRows<T>(plan, results, rows, to - from, out + from, false);
  };
  patched(col, first);
  if (first < last) {
    const T* x = reinterpret_cast<const T*>(plan.x) + top * plan.x_row + first + plan.first_col;
    T* results = direct ? out + first : work.results + (first - col);
    WeighRows<T>(plan, work.weights, x, plan.x_row, rows, results, direct ? plan.out_row : plan.BufferWidth(),
                 last - first);
  }
  patched(last, end);
  if (!direct) WriteRows<T>(plan, work.results, rows, end - col, out + col * plan.out_col, stream);
}

template <typename T>
static void ConvolveTile(const ConvolvePlan& plan, const Arguments& arguments, const Block& block) {
  T* local = reinterpret_cast<T*>(block.local);
  Workspace<T> work;
  work.weights = reinterpret_cast<const T*>(arguments.scratch);
  if (!plan.packs) {
    PackWeights<T>(plan, 0, plan.w_cols, local);
    work.weights = local;
    local += plan.Weights();
  }
  work.finite = AreFinite(work.weights, plan.Weights());
  work.results = local;
  work.patch = local + kConvolveRows * plan.BufferWidth();
  const int64_t index = static_cast<int64_t>(block.index);
  const int64_t col = index % plan.col_tiles * plan.col_tile;
  const int64_t end = ConvolveMin(plan.out_cols, col + plan.col_tile);
  int64_t row = index / plan.col_tiles * plan.row_tile;
  const int64_t last = ConvolveMin(plan.out_rows, row + plan.row_tile);
  while (row < last) {
    // One row of weights joins no rows of results.
    int64_t rows = plan.w_rows == 1 ? 1 : kMostRows;
    while (rows > last - row) rows /= 2;
    ConvolveRange<T>(plan, work, row, rows, col, end);
    row += rows;
  }
  EndStream();
}

template <typename T>
static void RunConvolve(const ConvolvePlan& plan, const Arguments& arguments, const Block& block) {
  if (plan.packs && block.phase == 0) {
    const int64_t first = static_cast<int64_t>(block.index) * kFewWeights;
    PackWeights<T>(plan, first, ConvolveMin(plan.w_cols, first + kFewWeights), reinterpret_cast<T*>(arguments.scratch));
  } else {
    ConvolveTile<T>(plan, arguments, block);
  }
}

// Rows of complex numbers times the one row `w`, element by element.
template <typename T>
static void MultiplySpectra(const Arguments& arguments, const Block& block) {
  const View& x = arguments.inputs[0];
  const View& out = arguments.outputs[0];
  const int64_t numbers = x.shape[1] / 2;
  const int64_t pieces = SpectrumPieces(numbers);
  const int64_t index = static_cast<int64_t>(block.index);
  const int64_t row = index / pieces;
  const int64_t first = index % pieces * kSpectrumPiece;
  const int64_t last = ConvolveMin(numbers, first + kSpectrumPiece);
  const T* from = static_cast<const T*>(x.data) + row * x.strides[0];
  const T* by = static_cast<const T*>(arguments.inputs[1].data);
  T* to = static_cast<T*>(out.data) + row * out.strides[0];
  for (int64_t i = first; i < last; ++i) {
    const T re = from[2 * i] * by[2 * i] - from[2 * i + 1] * by[2 * i + 1];
    const T im = from[2 * i] * by[2 * i + 1] + from[2 * i + 1] * by[2 * i];
    to[2 * i] = re;
    to[2 * i + 1] = im;
  }
}

}  // namespace

static void ConvolveBlock(const Arguments& arguments, const Block& block) {
  if (arguments.scalars[2] == 1) {
    if (arguments.outputs[0].dtype == DType::kFloat32)
      MultiplySpectra<float>(arguments, block);
    else
      MultiplySpectra<double>(arguments, block);
    return;
  }
  const ConvolvePlan plan = PlanConvolve(arguments);
  if (plan.is_float)
    RunConvolve<float>(plan, arguments, block);
  else
    RunConvolve<double>(plan, arguments, block);
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareConvolve(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 2 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& x = arguments.inputs[0];
  const View& w = arguments.inputs[1];
  const View& out = arguments.outputs[0];
  if (x.rank != 2 || w.rank != 2 || out.rank != 2) return Status::kInvalidArgument;
  if (x.dtype != out.dtype || w.dtype != out.dtype) return Status::kInvalidArgument;
  if (out.dtype != DType::kFloat32 && out.dtype != DType::kFloat64) return Status::kInvalidArgument;
  if (arguments.scalars[2] == 1) {
    if (x.shape[0] != out.shape[0] || x.shape[1] != out.shape[1] || w.shape[0] != 1 || w.shape[1] != x.shape[1] ||
        x.shape[1] % 2 != 0 || x.strides[1] != 1 || w.strides[1] != 1 || out.strides[1] != 1) {
      return Status::kInvalidArgument;
    }
    layout->phases[0].blocks = static_cast<uint64_t>(x.shape[0] * SpectrumPieces(x.shape[1] / 2));
    layout->phase_count = layout->phases[0].blocks == 0 ? 0 : 1;
    return Status::kOk;
  }
  for (uint32_t axis = 0; axis < 2; ++axis) {
    // Windows that start so far outside of x that a sum of positions could overflow.
    const double limit = static_cast<double>(int64_t{1} << 53);
    if (!(arguments.scalars[axis] >= -limit && arguments.scalars[axis] <= limit)) return Status::kInvalidArgument;
  }
  const ConvolvePlan plan = PlanConvolve(arguments);
  const uint64_t tiles = static_cast<uint64_t>(plan.row_tiles * plan.col_tiles);
  if (tiles == 0) return Status::kOk;
  if (plan.packs) {
    layout->phases[layout->phase_count++].blocks = static_cast<uint64_t>((plan.w_cols + kFewWeights - 1) / kFewWeights);
    layout->scratch_bytes = static_cast<uint64_t>(plan.Weights() * plan.ElementBytes());
  }
  layout->phases[layout->phase_count++].blocks = tiles;
  layout->local_bytes = static_cast<uint64_t>(ConvolveLocalElements(plan) * plan.ElementBytes());
  return Status::kOk;
}

extern const Kernel kConvolveKernel;
const Kernel kConvolveKernel = {
    "convolve", 1, PrepareConvolve, OFFLOOP_EACH_LEVEL(ConvolveBlock), nullptr, nullptr,
};

#endif

}  // namespace offloop
