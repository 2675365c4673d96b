// pairwise: output [m, n] of how each row of a [m, d] compares with each row of b [n, d] by the metric scalars[0].
// inputs: a, b (which may be the same rows), of one dtype (float32, float64, float16, int8; uint8 for bits), any
// strides. Output: float64 for float64, else float32, any strides, apart from the inputs in memory.
// Every sum runs over the steps in one order, the same for a pair and for its mirror image: what a has with itself is
// exactly symmetric. The same bits for any number of threads; CPU levels may differ.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "kernels/pairwise_plan.h"
#include "kernels/vectors_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/pairwise.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/vectors_ops.h"
#include "kernels/vectors_score.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename Score>
struct PackRight {
  static void Run(const PairwisePlan& plan, const Arguments& arguments, const Block& block) {
    const int64_t first = static_cast<int64_t>(block.index) * kColumnGroup;
    const int64_t tile = first / plan.tile;
    const int64_t count = VectorsMin(kColumnGroup, plan.columns - first);
    const Rows rows = StageRows(arguments.inputs[1], plan.steps, first, count, reinterpret_cast<char*>(block.local));
    auto* asides = reinterpret_cast<typename Score::Aside*>(arguments.scratch) + first;
    if constexpr (Score::kNeedsSelf) FindAsides<Score>(rows, plan.steps.count, count, asides);
    for (int64_t i = Score::kNeedsSelf ? count : 0; i < count; ++i) asides[i] = typename Score::Aside{};
    char* panels = reinterpret_cast<char*>(arguments.scratch) + plan.panels_at + tile * plan.tile_bytes;
    PackColumns<typename Score::Op>(rows, plan.steps.count, first - tile * plan.tile, count, plan.ColumnsOf(tile),
                                    panels);
  }
};

// Values to where they belong: past the caches where `stream` is on and a vector has a place of its own.
template <typename Value>
static void WriteRow(const Value* from, int64_t count, Value* to, int64_t step, bool stream) {
  if (step != 1) {
    for (int64_t j = 0; j < count; ++j) to[j * step] = from[j];
    return;
  }
  int64_t j = 0;
#if OFFLOOP_X64
  if (stream && reinterpret_cast<uintptr_t>(to) % sizeof(Value) == 0) {
    while (j < count && reinterpret_cast<uintptr_t>(to + j) % OFFLOOP_VECTOR_BYTES != 0) {
      to[j] = from[j];
      ++j;
    }
    constexpr int64_t kLanes = OFFLOOP_VECTOR_BYTES / sizeof(Value);
    for (; j + kLanes <= count; j += kLanes) {
#if OFFLOOP_VECTOR_BYTES == 64
      _mm512_stream_si512(reinterpret_cast<__m512i*>(to + j), (__m512i)Load<U8>(from + j));
#elif OFFLOOP_VECTOR_BYTES == 32
      _mm256_stream_si256(reinterpret_cast<__m256i*>(to + j), (__m256i)Load<U8>(from + j));
#else
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + j), (__m128i)Load<U8>(from + j));
#endif
    }
  }
#else
  (void)stream;
#endif
  for (; j < count; ++j) to[j] = from[j];
}

template <typename Score>
struct CompareBlock {
  using Op = typename Score::Op;
  using Raw = typename Score::Raw;
  using Aside = typename Score::Aside;
  using Value = typename Score::Value;

  // raw[r * tile + j] for rows of one group and all columns of the tile.
  static void SumGroup(const PairwisePlan& plan, const Rows& rows, int64_t count, const char* panels, int64_t columns,
                       Raw* raw) {
    const int64_t steps = plan.steps.count;
    if (AreFew<Op>(columns)) {
      const int64_t line = LineSteps<Op>(steps) * static_cast<int64_t>(sizeof(typename Op::Step));
      Raw sums[kRowGroup];
      for (int64_t j = 0; j < columns; ++j) {
        SumLines<Op, true, false>(steps, rows.at, rows.row, count, panels + j * line, sums, sums);
        for (int64_t r = 0; r < count; ++r) raw[r * plan.tile + j] = sums[r];
      }
      return;
    }
    const Strips<Op> strips(columns);
    for (int64_t strip = 0; strip < strips.count; ++strip) {
      const int64_t start = strips.First(strip);
      const int64_t vectors = strips.First(strip + 1) - start;
      const char* panel = panels + start * steps * OFFLOOP_VECTOR_BYTES;
      for (int64_t i = 0; i < count; i += kTileRows) {
        SumStrip<Op>(vectors, steps, rows.at + i * rows.row, rows.row, VectorsMin(kTileRows, count - i), panel,
                     raw + i * plan.tile + start * kStepLanes<Op>, plan.tile);
      }
    }
  }

  static void Run(const PairwisePlan& plan, const Arguments& arguments, const Block& block) {
    const View& out = arguments.outputs[0];
    const int64_t index = static_cast<int64_t>(block.index);
    const int64_t tile = index % plan.tiles;
    const int64_t chunk = index / plan.tiles;
    const int64_t column = tile * plan.tile;
    const int64_t columns = plan.ColumnsOf(tile);
    const char* panels = reinterpret_cast<const char*>(arguments.scratch) + plan.panels_at + tile * plan.tile_bytes;
    const Aside* of_columns = reinterpret_cast<const Aside*>(arguments.scratch) + column;
    char* local = reinterpret_cast<char*>(block.local);
    Raw* raw = reinterpret_cast<Raw*>(local + plan.raw_at);
    const bool stream = plan.rows * plan.columns * static_cast<int64_t>(sizeof(Value)) >= kStreamBytes;

    const int64_t last = VectorsMin(plan.rows, (chunk + 1) * plan.chunk);
    const int64_t at_once = RowsAtOnce(plan.steps);
    for (int64_t first = chunk * plan.chunk; first < last; first += at_once) {
      const int64_t count = VectorsMin(at_once, last - first);
      const Rows rows = StageRows(arguments.inputs[0], plan.steps, first, count, local);
      Aside asides[64] = {};
      if constexpr (Score::kNeedsSelf) FindAsides<Score>(rows, plan.steps.count, count, asides);
      for (int64_t i = 0; i < count; i += kRowGroup) {
        const int64_t here = VectorsMin(kRowGroup, count - i);
        SumGroup(plan, {rows.at + i * rows.row, rows.row}, here, panels, columns, raw);
        for (int64_t r = 0; r < here; ++r) {
          alignas(64) Value values[240 + 64];
          const Raw* sums = raw + r * plan.tile;
          for (int64_t j = 0; j < columns; ++j) values[j] = Score::Of(sums[j], asides[i + r], of_columns[j]);
          Value* to = static_cast<Value*>(out.data) + (first + i + r) * out.strides[0] + column * out.strides[1];
          WriteRow(values, columns, to, out.strides[1], stream);
        }
      }
    }
#if OFFLOOP_X64
    if (stream) _mm_sfence();
#endif
  }
};

}  // namespace

static void PairwiseBlock(const Arguments& arguments, const Block& block) {
  const PairwisePlan plan = PlanPairwise(arguments);
  const DType dtype = arguments.inputs[0].dtype;
  if (block.phase == 0)
    ForScore<PackRight>(dtype, plan.metric, plan, arguments, block);
  else
    ForScore<CompareBlock>(dtype, plan.metric, plan, arguments, block);
}

}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PreparePairwise(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 2 || arguments.output_count != 1) return Status::kInvalidArgument;
  const View& a = arguments.inputs[0];
  const View& b = arguments.inputs[1];
  const View& out = arguments.outputs[0];
  const double metric = arguments.scalars[0];
  if (!(metric >= 0 && metric < kMetricCount)) return Status::kInvalidArgument;
  if (a.rank != 2 || b.rank != 2 || out.rank != 2 || a.dtype != b.dtype) return Status::kInvalidArgument;
  if (!Compares(static_cast<Metric>(static_cast<int>(metric)), a.dtype)) return Status::kInvalidArgument;
  if (out.dtype != (a.dtype == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32)) return Status::kInvalidArgument;
  if (a.shape[1] != b.shape[1] || out.shape[0] != a.shape[0] || out.shape[1] != b.shape[0])
    return Status::kInvalidArgument;
  if (a.dtype == DType::kInt8 && a.shape[1] > kMostInt8) return Status::kInvalidArgument;
  if (out.Size() == 0) return Status::kOk;

  const PairwisePlan plan = PlanPairwise(arguments);
  layout->phases[0].blocks = static_cast<uint64_t>(VectorsCeil(plan.columns, kColumnGroup));
  layout->phases[1].blocks = static_cast<uint64_t>(plan.tiles * plan.chunks);
  layout->phase_count = 2;
  layout->scratch_bytes = static_cast<uint64_t>(plan.scratch_bytes);
  layout->local_bytes = static_cast<uint64_t>(plan.local_bytes);
  return Status::kOk;
}

extern const Kernel kPairwiseKernel;
const Kernel kPairwiseKernel = {
    .name = "pairwise",
    .version = 1,
    .prepare = PreparePairwise,
    .run_block = OFFLOOP_EACH_LEVEL(PairwiseBlock),
    .combine = nullptr,
    .finish = nullptr,
};

#endif

}  // namespace offloop
