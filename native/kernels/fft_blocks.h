// The blocks of the FFT's phases: tables, and a block of short transforms, of whole ones, or of a part of a long one.
// Included again for every level.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename T>
struct FftJob {
  const FftPlan& plan;
  const Arguments& arguments;
  std::byte* local;

  T* Scratch(int64_t offset) const { return reinterpret_cast<T*>(arguments.scratch + offset); }
  T* Rows(int64_t buffer) const { return reinterpret_cast<T*>(local + buffer * plan.rows * kFftRowBytes); }
  const T* Roots() const { return plan.kind == FftKind::kShared ? nullptr : Scratch(plan.roots_table); }
  // Local memory after the three buffers of rows: a group's table, for chirps two more; of kLocal the middle and a
  // line.
  T* GroupTable(int64_t which = 0) const {
    const int64_t table = plan.first_groups * kFftLanes<T> * 2 * static_cast<int64_t>(sizeof(T));
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(Rows(3)) + which * FftRoundUp(table, kFftRowBytes));
  }
  T* LocalMiddle() const { return GroupTable(plan.chirp ? 3 : 1); }
  T* LocalLinear() const {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(LocalMiddle()) + plan.middle_bytes);
  }

  FftColumns<T> Columns() const {
    return {&plan.first, &plan.second, Scratch(plan.first_table), Scratch(plan.second_table),
            Scratch(plan.lanes_table)};
  }

  FftChirpTables<T> ChirpTables() const { return {Scratch(plan.chirp_lanes), Scratch(plan.chirp_turns)}; }
  FftCircle Circle() const { return {plan.n, plan.folded ? 2 * plan.m : plan.m, plan.folded, plan.half == 1}; }

  bool Inverse() const { return plan.mode == FftMode::kInverse || plan.mode == FftMode::kRealInverse; }

  // The complex numbers that the transform starts from and ends with, where they are the caller's.
  FftLine<T> Input(int64_t line) const { return Side(arguments.inputs[0], line, true); }
  FftLine<T> Output(int64_t line) const {
    FftLine<T> side = Side(arguments.outputs[0], line, false);
    if (Inverse()) side.scale = 1 / static_cast<T>(plan.n);
    return side;
  }

  // Numbers in between, which are neither swapped nor scaled.
  FftLine<T> Linear(T* data) const { return {data, 2, 1, plan.n, FftParts::kComplex, false, 1}; }
  // Half the spectrum of real numbers.
  FftLine<T> Spectrum(FftLine<T> side) const {
    side.count = plan.n + 1;
    side.swap = false;
    side.scale = 1;
    return side;
  }
  bool Packs() const { return plan.halved && Inverse(); }
  bool Unpacks() const { return plan.halved && !Inverse(); }

 private:
  FftLine<T> Side(const View& view, int64_t line, bool input) const {
    const bool real = FftIsReal(plan, input);
    const uint32_t inner = real ? 1 : 2;
    T* data = static_cast<T*>(view.data) + FftLineOffset(view, inner, line);
    const int64_t last = view.strides[view.rank - 1];
    FftLine<T> side{data, last, 0, plan.n, FftParts::kReal, Inverse(), 1};
    if (real && plan.halved) {
      side.step = 2 * last;
      side.part = last;
      side.parts = FftParts::kComplex;
    } else if (!real) {
      side.step = view.strides[view.rank - 2];
      side.part = last;
      side.parts = FftParts::kComplex;
      if (!plan.halved && plan.mode == FftMode::kRealForward) side.count = plan.length / 2 + 1;
      if (!plan.halved && plan.mode == FftMode::kRealInverse) side.parts = FftParts::kHermitian;
    }
    return side;
  }
};

template <typename T>
static void FillFftTables(const FftPlan& plan, const FftJob<T>& job) {
  if (plan.kind == FftKind::kLines) {
    FillFftPasses(plan.whole, job.Scratch(plan.first_table));
  } else {
    FillFftPasses(plan.first, job.Scratch(plan.first_table));
    FillFftPasses(plan.second, job.Scratch(plan.second_table));
    FillFftLanes<T>(plan.m, plan.first.n, job.Scratch(plan.lanes_table));
    if (plan.chirp) {
      FillChirpTables(job.Columns(), plan.n, job.Scratch(plan.chirp_lanes), job.Scratch(plan.chirp_turns));
    }
  }
  if (plan.kind == FftKind::kShared) return;
  if (plan.halved) FillFftRoots<T>(plan.length, 1, plan.n / 2 + 1, job.Scratch(plan.roots_table));
  if (plan.kind == FftKind::kLines) return;
  const int64_t numbers = 2 * plan.first_groups * kFftLanes<T>;
  for (int64_t group = 0; group < plan.second_groups; ++group) {
    FillFftGroup(job.Columns(), group, job.Scratch(plan.group_tables) + group * numbers);
  }
}

// kFftLanes transforms at once, or as many as there are.
template <typename T>
static void TransformLines(const FftJob<T>& job, int64_t first, int64_t end) {
  const FftPlan& plan = job.plan;
  T* a = job.Rows(0);
  T* b = job.Rows(1);
  T* tile = job.Rows(2);
  const T* table = job.Scratch(plan.first_table);
  const View& input = job.arguments.inputs[0];
  const View& output = job.arguments.outputs[0];
  for (int64_t line = first; line < end; line += kFftLanes<T>) {
    const int64_t lanes = FftLanesLeft(end, line, kFftLanes<T>);
    int64_t in[kFftLanes<T>], out[kFftLanes<T>];
    FftLine<T> from = job.Input(line);
    FftLine<T> to = job.Output(line);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      in[lane] = FftLineOffset(input, FftIsReal(plan, true) ? 1 : 2, line + lane);
      out[lane] = FftLineOffset(output, FftIsReal(plan, false) ? 1 : 2, line + lane);
    }
    for (int64_t lane = lanes; lane-- > 0;) {
      in[lane] -= in[0];
      out[lane] -= out[0];
    }
    if (job.Packs()) from = job.Spectrum(from);
    if (job.Unpacks()) to = job.Spectrum(to);
    const T* done;
    if (job.Packs()) {
      LoadFftLines(from, in, lanes, a, tile);
      SplitRows<T, true>(plan.n, a, b, job.Roots());
      SwapRows(plan.n, b);
      done = FftRows(plan.whole, b, a, b, table);
    } else {
      LoadFftLines(from, in, lanes, a, tile);
      done = FftRows(plan.whole, a, b, a, table);
    }
    if (job.Unpacks()) {
      T* split = done == a ? b : a;
      SplitRows<T, false>(plan.n, done, split, job.Roots());
      done = split;
    }
    StoreFftLines(to, out, lanes, done, tile);
  }
}

// Group g of columns of one transform: from `from` to `middle`. `ahead` is where the same will be read next, from here,
// or 0.
template <typename T>
static void TransformColumns(const FftJob<T>& job, const FftLine<T>& from, int64_t group, const T* group_table,
                             T* middle, int64_t ahead) {
  const FftPlan& plan = job.plan;
  const int64_t n1 = plan.first.n;
  const int64_t n2 = plan.second.n;
  const int64_t column = group * kFftLanes<T>;
  const int64_t columns = FftLanesLeft(n2, column, kFftLanes<T>);
  T* rows = job.Rows(0);
  if (from.IsPacked() && columns == kFftLanes<T> && !plan.chirp && FftReadsPacked(plan.first)) {
    const FftPacked<T> in = from.Packed(column, n2, ahead != 0 ? ahead : 2 * n2 * kFftRowsAhead);
    FftColumnGroup(job.Columns(), group, rows, job.Rows(1), group_table, middle, 0, plan.first_groups, &in);
    return;
  }
  FftChirp<T> chirp;
  if (plan.chirp) {
    FillChirp<T, false, false>(job.Circle(), job.Columns(), job.ChirpTables(), column, job.GroupTable(1), &chirp);
  }
  for (int64_t j1 = 0; j1 < n1; ++j1) {
    T* row = rows + j1 * 2 * kFftLanes<T>;
    if (plan.chirp) {
      if (from.IsPacked()) FetchRow(from.data + 2 * ((j1 + kFftRowsAhead) * n2 + column));
      LoadChirpedRow(from, chirp, j1, j1 * n2 + column, row);
    } else {
      LoadFftRow(from, j1 * n2 + column, columns, row);
    }
  }
  FftColumnGroup(job.Columns(), group, rows, job.Rows(1), group_table, middle, 0, plan.first_groups);
}

// Of groups first .. end - 1 of k1.
template <typename T>
static void TransformFilterColumns(const FftJob<T>& job, int64_t group, const T* group_table, T* middle, int64_t first,
                                   int64_t end) {
  const FftPlan& plan = job.plan;
  T* rows = job.Rows(0);
  const int64_t column = group * kFftLanes<T>;
  const FftCircle circle = job.Circle();
  FftChirp<T> up, down;
  FillChirp<T, false, true>(circle, job.Columns(), job.ChirpTables(), column, job.GroupTable(1), &up);
  FillChirp<T, true, true>(circle, job.Columns(), job.ChirpTables(), column, job.GroupTable(2), &down);
  for (int64_t j1 = 0; j1 < plan.first.n; ++j1) {
    LoadFilterRow(circle, up, down, j1, j1 * plan.second.n + column, rows + j1 * 2 * kFftLanes<T>);
  }
  FftColumnGroup(job.Columns(), group, rows, job.Rows(1), group_table, middle, first, end);
}

// Group h of rows: from `middle` to `to`.
template <typename T>
static void TransformRows(const FftJob<T>& job, const FftLine<T>& to, int64_t group, const T* middle, int64_t ahead) {
  const FftPlan& plan = job.plan;
  const int64_t n1 = plan.first.n;
  const int64_t k1 = group * kFftLanes<T>;
  const int64_t lanes = FftLanesLeft(n1, k1, kFftLanes<T>);
  if (to.IsPacked() && to.count == plan.n && lanes == kFftLanes<T> && FftWritesPacked(plan.second)) {
    const FftPacked<T> out = to.Packed(k1, n1, ahead != 0 ? ahead : 2 * n1 * kFftRowsAhead);
    FftRowGroup(job.Columns(), group, middle, job.Rows(0), job.Rows(1), &out);
    return;
  }
  const T* done = FftRowGroup(job.Columns(), group, middle, job.Rows(0), job.Rows(1));
  for (int64_t k2 = 0; k2 < plan.second.n; ++k2) {
    StoreFftRow(to, k2 * n1 + k1, lanes, done + k2 * 2 * kFftLanes<T>);
  }
}

// Group g of columns on the way back, for chirps.
template <typename T>
static void TransformBack(const FftJob<T>& job, const FftLine<T>& to, const FftLine<T>& even, int64_t group,
                          const T* group_table, const T* middle) {
  const T* done = FftInverseColumnGroup(job.Columns(), group, middle, group_table, job.Rows(0), job.Rows(1));
  FftChirp<T> chirp;
  FillChirp<T, false, true>(job.Circle(), job.Columns(), job.ChirpTables(), group * kFftLanes<T>, job.GroupTable(1),
                            &chirp);
  StoreChirpedGroup(job.Columns(), job.Circle(), &chirp, to, even, group, done);
}

// The filter's spectrum, once for all transforms of kLocal.
template <typename T>
static void FillFilter(const FftJob<T>& job) {
  const FftPlan& plan = job.plan;
  const int64_t numbers = 2 * plan.first_groups * kFftLanes<T>;
  T* middle = job.LocalMiddle();
  T* filter = job.Scratch(plan.filter);
  for (int64_t group = 0; group < plan.second_groups; ++group) {
    TransformFilterColumns(job, group, job.Scratch(plan.group_tables) + group * numbers, middle, 0, plan.first_groups);
  }
  const int64_t size = plan.second.n * 2 * kFftLanes<T>;
  for (int64_t group = 0; group < plan.first_groups; ++group) {
    const T* done = FftRowGroup(job.Columns(), group, middle, job.Rows(0), job.Rows(1));
    for (int64_t i = 0; i < size; ++i) filter[group * size + i] = done[i];
  }
}

template <typename T>
static void TransformLocal(const FftJob<T>& job, int64_t line) {
  const FftPlan& plan = job.plan;
  const int64_t numbers = 2 * plan.first_groups * kFftLanes<T>;
  const T* tables = job.Scratch(plan.group_tables);
  T* middle = job.LocalMiddle();
  const FftLine<T> linear = job.Linear(job.LocalLinear());
  FftLine<T> from = job.Input(line);
  FftLine<T> to = job.Output(line);
  if (job.Packs()) {
    SplitLine<T, true>(plan.n, job.Spectrum(from), linear, job.Roots(), 0, plan.n / 2 + 1);
    from = linear;
    from.swap = true;
  }
  FftLine<T> result = job.Unpacks() ? linear : to;
  if (plan.streamed) result.data = linear.data;
  // The next transform, or this one again.
  const int64_t next = line + 1 < plan.lines ? line + 1 : line;
  const int64_t ahead_in = job.Packs() ? 1 : job.Input(next).data - from.data + 1;
  const int64_t ahead_out = job.Unpacks() || plan.streamed ? 1 : job.Output(next).data - to.data + 1;
  for (int64_t group = 0; group < plan.second_groups; ++group) {
    TransformColumns(job, from, group, tables + group * numbers, middle, ahead_in);
  }
  if (plan.chirp) {
    const T* filter = job.Scratch(plan.filter);
    const int64_t size = plan.second.n * 2 * kFftLanes<T>;
    for (int64_t group = 0; group < plan.first_groups; ++group) {
      ConvolveRowGroup(job.Columns(), group, filter + group * size, middle, job.Rows(0), job.Rows(1));
    }
    for (int64_t group = 0; group < plan.second_groups; ++group) {
      TransformBack(job, result, result, group, tables + group * numbers, middle);
    }
  } else {
    for (int64_t group = 0; group < plan.first_groups; ++group) TransformRows(job, result, group, middle, ahead_out);
  }
  if (job.Unpacks()) {
    SplitLine<T, false>(plan.n, linear, job.Spectrum(to), job.Roots(), 0, plan.n / 2 + 1);
  } else if (plan.streamed) {
    const int64_t numbers = to.count * (to.parts == FftParts::kReal ? 1 : 2);
    StreamNumbers(linear.data, numbers, to.data);
  }
}

// A block of a long transform. Transforms of one chunk are in scratch side by side.
template <typename T>
static void TransformShared(const FftJob<T>& job, uint32_t phase, int64_t index) {
  const FftPlan& plan = job.plan;
  int64_t blocks = plan.second_groups;
  if (phase == kFftRows) blocks = plan.first_groups;
  if (phase == kFftPack || phase == kFftUnpack) blocks = (plan.n / 2 + kFftPairs) / kFftPairs;
  const int64_t filter_first = plan.part * FftPartGroups(plan);
  const int64_t filter_groups = FftLanesLeft(plan.first_groups, filter_first, FftPartGroups(plan));
  if (phase == kFftColumns && plan.chirp) {
    if (index < blocks) {
      FillFftGroup(job.Columns(), index, job.GroupTable());
      TransformFilterColumns(job, index, job.GroupTable(), job.Scratch(plan.filter), filter_first,
                             filter_first + filter_groups);
      return;
    }
    if (plan.part > 0) return;
    index -= blocks;
  }
  const int64_t at = index / blocks;
  const int64_t line = plan.done + at;
  const int64_t group = index % blocks;
  if (line >= plan.lines) return;
  T* middle = job.Scratch(plan.middle + at * plan.middle_bytes);
  const FftLine<T> linear = job.Linear(job.Scratch(plan.linear + at * plan.linear_bytes));
  FftLine<T> from = job.Input(line);
  const FftLine<T> to = job.Output(line);
  FftLine<T> result = to;
  FftLine<T> even;
  if (job.Unpacks()) result = plan.linear_bytes > 0 ? linear : job.Linear(to.data);
  const int64_t first_pair = group * kFftPairs;
  const int64_t pairs = plan.n / 2 + 1 - first_pair;
  const int64_t last_pair = first_pair + (pairs < kFftPairs ? pairs : kFftPairs);
  switch (phase) {
    case kFftPack:
      SplitLine<T, true>(plan.n, job.Spectrum(from), linear, nullptr, first_pair, last_pair);
      return;
    case kFftColumns:
      if (job.Packs()) {
        from = linear;
        from.swap = true;
      }
      FillFftGroup(job.Columns(), group, job.GroupTable());
      TransformColumns(job, from, group, job.GroupTable(), middle, 0);
      return;
    case kFftRows:
      if (plan.chirp) {
        const int64_t at_filter = group - filter_first;
        if (at_filter < 0 || at_filter >= filter_groups) return;
        const T* spectrum = FftRowGroup(job.Columns(), at_filter, job.Scratch(plan.filter), job.Rows(0), job.Rows(1));
        T* spare = spectrum == job.Rows(0) ? job.Rows(1) : job.Rows(0);
        ConvolveRowGroup(job.Columns(), group, spectrum, middle, spare, job.Rows(2));
      } else {
        TransformRows(job, result, group, middle, 0);
      }
      return;
    case kFftBack:
      FillFftGroup(job.Columns(), group, job.GroupTable());
      even = !plan.halved && plan.linear_bytes > 0 ? linear : result;
      even.scale = 1;
      TransformBack(job, plan.half == 0 ? even : result, even, group, job.GroupTable(), middle);
      return;
    default:
      SplitLine<T, false>(plan.n, result, job.Spectrum(to), nullptr, first_pair, last_pair);
      return;
  }
}

template <typename T>
static void FftBlockOf(const Arguments& arguments, const Block& block) {
  FftPlan* kept = reinterpret_cast<FftPlan*>(arguments.scratch);
  if (block.phase == kFftTables) {
    PlanFft(arguments, kept);
    FillFftTables(*kept, FftJob<T>{*kept, arguments, block.local});
    return;
  }
  const FftJob<T> job{*kept, arguments, block.local};
  const FftPlan& plan = job.plan;
  const int64_t index = static_cast<int64_t>(block.index);
  if (plan.kind == FftKind::kShared) return TransformShared(job, block.phase, index);
  if (block.phase == kFftPack) return FillFilter(job);
  const int64_t first = index * plan.lines_per_block;
  const int64_t left = plan.lines - first;
  const int64_t end = first + (left < plan.lines_per_block ? left : plan.lines_per_block);
  if (plan.kind == FftKind::kLines) return TransformLines(job, first, end);
  for (int64_t line = first; line < end; ++line) TransformLocal(job, line);
  if (plan.streamed) FenceStream();
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
