#include "kernels/reduce.h"

#include <cstring>

namespace offloop {
namespace {

constexpr int64_t kStoresPerBlock = 4096;

int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t DivideUp(int64_t a, int64_t b) { return a / b + (a % b != 0); }
int64_t Magnitude(int64_t a) { return a < 0 ? -a : a; }

void AppendAxis(Axes* axes, uint32_t operands, int64_t length, const int64_t* strides) {
  if (length == 1) return;
  if (axes->count > 0) {
    const uint32_t last = axes->count - 1;
    bool merges = true;
    for (uint32_t i = 0; i < operands; ++i) merges = merges && axes->strides[i][last] == length * strides[i];
    if (merges) {
      axes->shape[last] *= length;
      for (uint32_t i = 0; i < operands; ++i) axes->strides[i][last] = strides[i];
      return;
    }
  }
  axes->shape[axes->count] = length;
  for (uint32_t i = 0; i < operands; ++i) axes->strides[i][axes->count] = strides[i];
  ++axes->count;
}

bool SameShape(const View& a, const View& b, uint32_t rank) {
  for (uint32_t axis = 0; axis < rank; ++axis) {
    if (a.shape[axis] != b.shape[axis]) return false;
  }
  return true;
}

// The product of lengths [first, last), or -1 when no int64 can hold it.
int64_t Product(const View& view, uint32_t first, uint32_t last) {
  int64_t product = 1;
  for (uint32_t axis = first; axis < last; ++axis) {
    if (view.shape[axis] < 0) return -1;
    if (view.shape[axis] == 0) return 0;
  }
  for (uint32_t axis = first; axis < last; ++axis) {
    if (__builtin_mul_overflow(product, view.shape[axis], &product)) return -1;
  }
  return product;
}

Access ChooseAccess(const Reduction& plan) {
  const Axes& reduced = plan.reduced;
  if (reduced.count == 0) return Access::kDirect;
  const uint32_t inner = reduced.count - 1;
  bool direct = reduced.count == 1;
  bool tile = plan.kept.count > 0;
  for (uint32_t i = 0; i < plan.inputs; ++i) {
    direct = direct && reduced.strides[i][inner] == 1;
    tile = tile && Magnitude(plan.kept.strides[i][plan.kept.count - 1]) < Magnitude(reduced.strides[i][inner]);
  }
  if (direct) return Access::kDirect;
  return tile ? Access::kTile : Access::kGather;
}

template <typename T>
void CopyStrided(const T* from, int64_t stride, int64_t count, T* to) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
    return;
  }
  for (int64_t i = 0; i < count; ++i) to[i] = from[i * stride];
}

// Where an element of the reduced axes is, walked in row-major order.
struct ReducedCursor {
  int64_t position[kMaxRank];
  int64_t offset;
};

void SeekElement(const Axes& axes, uint32_t input, int64_t element, ReducedCursor* cursor) {
  cursor->offset = 0;
  for (uint32_t axis = axes.count; axis-- > 0;) {
    cursor->position[axis] = axis == 0 ? element : element % axes.shape[axis];
    element /= axes.shape[axis];
    cursor->offset += cursor->position[axis] * axes.strides[input][axis];
  }
}

// Steps over `steps` elements, which must not go past the end of the innermost axis.
void SkipElements(const Axes& axes, uint32_t input, int64_t steps, ReducedCursor* cursor) {
  uint32_t axis = axes.count - 1;
  cursor->position[axis] += steps;
  cursor->offset += steps * axes.strides[input][axis];
  while (axis > 0 && cursor->position[axis] == axes.shape[axis]) {
    cursor->position[axis] = 0;
    cursor->offset -= axes.shape[axis] * axes.strides[input][axis];
    --axis;
    ++cursor->position[axis];
    cursor->offset += axes.strides[input][axis];
  }
}

template <typename T>
void Gather(const Reduction& plan, uint32_t input, int64_t offset, int64_t first, int64_t count, T* to) {
  const T* from = reinterpret_cast<const T*>(plan.data[input]) + offset;
  const Axes& axes = plan.reduced;
  const uint32_t inner = axes.count - 1;
  ReducedCursor cursor;
  SeekElement(axes, input, first, &cursor);
  for (int64_t done = 0; done < count;) {
    const int64_t run = Least(count - done, axes.shape[inner] - cursor.position[inner]);
    CopyStrided(from + cursor.offset, axes.strides[input][inner], run, to + done);
    SkipElements(axes, input, run, &cursor);
    done += run;
  }
}

// Sixteen rows at a time, so that what is read and what is written both stay in the first-level cache.
template <typename T>
void GatherTransposed(const Reduction& plan, uint32_t input, int64_t offset, int64_t first, int64_t count,
                      int64_t width, T* to) {
  constexpr int64_t kRows = 16;
  // Hardware doesn't see where rows that lie apart go on: they are fetched this many rows ahead.
  constexpr int64_t kRowsAhead = 64;
  const T* from = reinterpret_cast<const T*>(plan.data[input]) + offset;
  const Axes& axes = plan.reduced;
  const int64_t step = plan.kept.strides[input][plan.kept.count - 1];
  const int64_t row_bytes = Least(width * static_cast<int64_t>(sizeof(T)), 4 * 64);
  ReducedCursor cursor;
  SeekElement(axes, input, first, &cursor);
  const uintptr_t ahead = static_cast<uintptr_t>(kRowsAhead * axes.strides[input][axes.count - 1]) * sizeof(T);
  const T* rows[kRows];
  for (int64_t done = 0; done < count; done += kRows) {
    const int64_t height = Least(kRows, count - done);
    for (int64_t row = 0; row < height; ++row) {
      rows[row] = from + cursor.offset;
      const uintptr_t fetched = reinterpret_cast<uintptr_t>(rows[row]) + ahead;
      for (int64_t byte = 0; byte <= row_bytes; byte += 64) {
        __builtin_prefetch(reinterpret_cast<const void*>(fetched + static_cast<uintptr_t>(byte)));
      }
      SkipElements(axes, input, 1, &cursor);
    }
    if (height == kRows) {
      for (int64_t column = 0; column < width; ++column) {
        T* target = to + column * kTileStride + done;
#pragma GCC unroll 16
        for (int64_t row = 0; row < kRows; ++row) target[row] = rows[row][column * step];
      }
    } else {
      for (int64_t column = 0; column < width; ++column) {
        T* target = to + column * kTileStride + done;
        for (int64_t row = 0; row < height; ++row) target[row] = rows[row][column * step];
      }
    }
  }
}

int64_t TileWidth(uint32_t element_bytes) { return Least(kTileRowBytes / element_bytes, kMaxTileWidth); }

// A place among the outputs.
struct KeptCursor {
  int64_t position[kMaxRank];
  int64_t offsets[kMaxReduceOperands];
};

void SeekOutput(const Reduction& plan, int64_t output, KeptCursor* cursor) {
  const Axes& axes = plan.kept;
  for (int64_t& offset : cursor->offsets) offset = 0;
  for (uint32_t axis = axes.count; axis-- > 0;) {
    cursor->position[axis] = axis == 0 ? output : output % axes.shape[axis];
    output /= axes.shape[axis];
    for (uint32_t i = 0; i < plan.operands; ++i) {
      cursor->offsets[i] += cursor->position[axis] * axes.strides[i][axis];
    }
  }
}

void NextOutput(const Reduction& plan, KeptCursor* cursor) {
  const Axes& axes = plan.kept;
  for (uint32_t axis = axes.count; axis-- > 0;) {
    ++cursor->position[axis];
    for (uint32_t i = 0; i < plan.operands; ++i) cursor->offsets[i] += axes.strides[i][axis];
    if (axis == 0 || cursor->position[axis] < axes.shape[axis]) return;
    for (uint32_t i = 0; i < plan.operands; ++i) {
      cursor->offsets[i] -= axes.shape[axis] * axes.strides[i][axis];
    }
    cursor->position[axis] = 0;
  }
}

// Elements [first, first + count) of the sequence whose first element is `offset` into the input, copied to `to`.
void GatherSequence(const Reduction& plan, uint32_t input, int64_t offset, int64_t first, int64_t count,
                    std::byte* to) {
  switch (plan.element_bytes) {
    case 1:
      return Gather(plan, input, offset, first, count, reinterpret_cast<uint8_t*>(to));
    case 2:
      return Gather(plan, input, offset, first, count, reinterpret_cast<uint16_t*>(to));
    case 4:
      return Gather(plan, input, offset, first, count, reinterpret_cast<uint32_t*>(to));
    default:
      return Gather(plan, input, offset, first, count, reinterpret_cast<uint64_t*>(to));
  }
}

// The same for `width` neighbouring outputs: sequence j is copied to element j * kTileStride of `to`.
void GatherTile(const Reduction& plan, uint32_t input, int64_t offset, int64_t first, int64_t count, int64_t width,
                std::byte* to) {
  switch (plan.element_bytes) {
    case 1:
      return GatherTransposed(plan, input, offset, first, count, width, reinterpret_cast<uint8_t*>(to));
    case 2:
      return GatherTransposed(plan, input, offset, first, count, width, reinterpret_cast<uint16_t*>(to));
    case 4:
      return GatherTransposed(plan, input, offset, first, count, width, reinterpret_cast<uint32_t*>(to));
    default:
      return GatherTransposed(plan, input, offset, first, count, width, reinterpret_cast<uint64_t*>(to));
  }
}

// Block `index` of the second grid.
void StoreFoldedPartials(const Arguments& arguments, const Reduction& plan, uint64_t index, StorePartial store) {
  const int64_t first = static_cast<int64_t>(index) * kStoresPerBlock;
  const int64_t last = Least(first + kStoresPerBlock, plan.outputs);
  KeptCursor cursor;
  SeekOutput(plan, first, &cursor);
  for (int64_t output = first; output < last; ++output) {
    const int64_t slot = output / plan.width * plan.blocks * plan.width + output % plan.width;
    store(arguments, arguments.partials + slot * plan.partial_bytes, cursor.offsets + plan.inputs);
    NextOutput(plan, &cursor);
  }
}

void ReduceSequence(const Reduction& plan, const ReduceOperation& operation, const int64_t* offsets, int64_t first,
                    int64_t count, std::byte* local, std::byte* partial) {
  alignas(64) std::byte state[kReduceStateBytes];
  const void* x[kMaxReduceInputs];
  operation.begin(state);
  if (plan.access == Access::kDirect) {
    for (uint32_t i = 0; i < plan.inputs; ++i) x[i] = plan.data[i] + (offsets[i] + first) * plan.element_bytes;
    operation.add(state, x, count);
  } else {
    int64_t chunk;
    for (int64_t done = 0; done < count; done += chunk) {
      chunk = Least(count - done, kReduceChunk);
      for (uint32_t i = 0; i < plan.inputs; ++i) {
        std::byte* copy = local + i * kReduceChunk * plan.element_bytes;
        GatherSequence(plan, i, offsets[i], first + done, chunk, copy);
        x[i] = copy;
      }
      operation.add(state, x, chunk);
    }
  }
  operation.end(state, partial);
}

// `width` neighbouring outputs, whose partials go to consecutive places.
void ReduceTile(const Reduction& plan, const ReduceOperation& operation, const int64_t* offsets, int64_t first,
                int64_t count, int64_t width, std::byte* local, std::byte* partials) {
  std::byte* copies = local + kMaxTileWidth * kReduceStateBytes;
  const int64_t column_bytes = kTileStride * plan.element_bytes;
  const int64_t copy_bytes = TileWidth(plan.element_bytes) * column_bytes;
  for (int64_t column = 0; column < width; ++column) operation.begin(local + column * kReduceStateBytes);
  int64_t chunk;
  for (int64_t done = 0; done < count; done += chunk) {
    chunk = Least(count - done, kReduceChunk);
    for (uint32_t i = 0; i < plan.inputs; ++i) {
      GatherTile(plan, i, offsets[i], first + done, chunk, width, copies + i * copy_bytes);
    }
    for (int64_t column = 0; column < width; ++column) {
      const void* x[kMaxReduceInputs];
      for (uint32_t i = 0; i < plan.inputs; ++i) x[i] = copies + i * copy_bytes + column * column_bytes;
      operation.add(local + column * kReduceStateBytes, x, chunk);
    }
  }
  for (int64_t column = 0; column < width; ++column) {
    operation.end(local + column * kReduceStateBytes, partials + column * plan.partial_bytes);
  }
}

}  // namespace

Status PlanReduction(const Arguments& arguments, const ReductionShape& shape, Reduction* plan) {
  const uint32_t inputs = shape.inputs;
  if (arguments.input_count != inputs) return Status::kInvalidArgument;
  const View& view = arguments.inputs[0];
  const double kept_scalar = arguments.scalars[kKeptAxes];
  if (view.rank > kMaxRank || !(kept_scalar >= 0 && kept_scalar <= view.rank)) return Status::kInvalidArgument;
  const uint32_t kept = static_cast<uint32_t>(kept_scalar);
  const uint32_t stored = arguments.output_count;
  if (kept != kept_scalar || stored != (kept > 0 || stored > 0 ? shape.outputs : 0)) return Status::kInvalidArgument;

  plan->inputs = inputs;
  plan->operands = inputs + stored;
  plan->element_bytes = DTypeSize(view.dtype);
  plan->partial_bytes = shape.partial_bytes;
  plan->whole = stored == 0;
  for (uint32_t i = 0; i < inputs; ++i) {
    const View& input = arguments.inputs[i];
    if (input.dtype != view.dtype || input.rank != view.rank || !SameShape(input, view, view.rank)) {
      return Status::kInvalidArgument;
    }
    plan->data[i] = static_cast<const std::byte*>(input.data);
  }
  for (uint32_t i = 0; i < stored; ++i) {
    const View& output = arguments.outputs[i];
    const uint32_t fields = i == 0 ? shape.fields : 0;
    if (output.rank != kept + (fields > 0) || !SameShape(output, view, kept)) return Status::kInvalidArgument;
    if (fields > 0 && output.shape[kept] != fields) return Status::kInvalidArgument;
  }
  plan->outputs = Product(view, 0, kept);
  plan->length = Product(view, kept, view.rank);
  if (plan->outputs < 0 || plan->length < 0) return Status::kInvalidArgument;

  plan->kept.count = 0;
  plan->reduced.count = 0;
  int64_t strides[kMaxReduceOperands];
  if (plan->outputs > 0) {
    for (uint32_t axis = 0; axis < kept; ++axis) {
      for (uint32_t i = 0; i < inputs; ++i) strides[i] = arguments.inputs[i].strides[axis];
      for (uint32_t i = 0; i < stored; ++i) strides[inputs + i] = arguments.outputs[i].strides[axis];
      AppendAxis(&plan->kept, plan->operands, view.shape[axis], strides);
    }
  }
  if (plan->length > 0) {
    for (uint32_t axis = kept; axis < view.rank; ++axis) {
      for (uint32_t i = 0; i < inputs; ++i) strides[i] = arguments.inputs[i].strides[axis];
      AppendAxis(&plan->reduced, inputs, view.shape[axis], strides);
    }
  }
  plan->access = ChooseAccess(*plan);
  plan->blocks = plan->length > kReduceBlock ? DivideUp(plan->length, kReduceBlock) : 1;
  plan->width = 1;
  if (!plan->whole) {
    const int64_t tile = plan->access == Access::kTile ? TileWidth(plan->element_bytes) : 1;
    if (plan->blocks > 1) {
      plan->width = tile;
    } else {
      plan->width = plan->length > 0 ? DivideUp(kReduceBlock, plan->length * tile) * tile : kReduceBlock;
    }
  }
  int64_t grid;
  if (__builtin_mul_overflow(DivideUp(plan->outputs, plan->width), plan->blocks, &grid)) {
    return Status::kInvalidArgument;
  }
  return Status::kOk;
}

void LayOutReduction(const Reduction& plan, Layout* layout) {
  if (plan.outputs == 0) return;
  Phase& phase = layout->phases[0];
  phase.blocks = static_cast<uint64_t>(DivideUp(plan.outputs, plan.width) * plan.blocks);
  layout->phase_count = 1;
  if (plan.HasPartials()) {
    phase.partial_bytes = static_cast<uint32_t>(plan.width) * plan.partial_bytes;
    phase.group = static_cast<uint64_t>(plan.blocks);
    if (!plan.whole) {
      layout->phases[1].blocks = static_cast<uint64_t>(DivideUp(plan.outputs, kStoresPerBlock));
      layout->phase_count = 2;
    }
  }
  if (plan.access == Access::kGather) {
    layout->local_bytes = static_cast<uint64_t>(kReduceChunk) * plan.element_bytes * plan.inputs;
  } else if (plan.access == Access::kTile) {
    const uint64_t width = static_cast<uint64_t>(TileWidth(plan.element_bytes));
    layout->local_bytes = kMaxTileWidth * kReduceStateBytes + width * kTileStride * plan.element_bytes * plan.inputs;
  }
}

int64_t PartialWidth(const Arguments& arguments, const ReductionShape& shape) {
  if (arguments.scalars[kKeptAxes] == 0) return 1;
  Reduction plan;
  return PlanReduction(arguments, shape, &plan) == Status::kOk ? plan.width : 0;
}

void RunReduction(const Arguments& arguments, const Block& block, const ReductionShape& shape,
                  const ReduceOperation& operation, StorePartial store) {
  Reduction plan;
  if (PlanReduction(arguments, shape, &plan) != Status::kOk) return;
  if (block.phase == 1) return StoreFoldedPartials(arguments, plan, block.index, store);
  const int64_t index = static_cast<int64_t>(block.index);
  const int64_t first_output = index / plan.blocks * plan.width;
  const int64_t last_output = first_output + Least(plan.width, plan.outputs - first_output);
  const int64_t first = index % plan.blocks * kReduceBlock;
  const int64_t count = Least(kReduceBlock, plan.length - first);
  alignas(64) std::byte own[kMaxTileWidth * kMaxReducePartialBytes];
  KeptCursor cursor;
  SeekOutput(plan, first_output, &cursor);
  int64_t width = 1;
  for (int64_t output = first_output; output < last_output; output += width) {
    std::byte* partials = own;
    if (plan.HasPartials()) partials = block.partial + (output - first_output) * plan.partial_bytes;
    if (plan.access == Access::kTile) {
      // A tile ends where the innermost kept axis does.
      const uint32_t inner = plan.kept.count - 1;
      width = Least(TileWidth(plan.element_bytes), last_output - output);
      width = Least(width, plan.kept.shape[inner] - cursor.position[inner]);
      ReduceTile(plan, operation, cursor.offsets, first, count, width, block.local, partials);
    } else {
      ReduceSequence(plan, operation, cursor.offsets, first, count, block.local, partials);
    }
    for (int64_t i = 0; i < width; ++i) {
      if (!plan.HasPartials()) store(arguments, own + i * plan.partial_bytes, cursor.offsets + plan.inputs);
      NextOutput(plan, &cursor);
    }
  }
}

double RoundWide(Wide value) {
  const bool negative = static_cast<int64_t>(value.words[2]) < 0;
  uint64_t* words = value.words;
  if (negative) {
    for (int i = 0; i < 3; ++i) words[i] = ~words[i];
    AddWide(&value, {{1, 0, 0}});
  }
  int top = 2;
  while (top > 0 && words[top] == 0) --top;
  // The 64 leading bits, with everything below them gathered in the last: 11 bits more than a double keeps, so that
  // the processor's own rounding to nearest sees on which side of a tie the value is.
  uint64_t leading = words[top];
  double scale = 1;
  if (top > 0) {
    const int shift = __builtin_clzll(leading);
    if (shift > 0) leading = leading << shift | words[top - 1] >> (64 - shift);
    bool rest = (shift > 0 ? words[top - 1] << shift : words[top - 1]) != 0;
    if (top == 2) rest = rest || words[0] != 0;
    leading |= rest;
    scale = __builtin_bit_cast(double, static_cast<uint64_t>(1023 + 64 * top - shift) << 52);
  }
  const double rounded = static_cast<double>(leading) * scale;
  return negative ? -rounded : rounded;
}

}  // namespace offloop
