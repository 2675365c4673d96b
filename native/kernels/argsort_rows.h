// Rows that one block argsorts by itself, in local memory.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Writes the order of keys that are in order, or in strictly reverse order, which is stable; false where they are in
// neither.
static inline bool EmitOrdered(const int64_t* keys, size_t n, uint32_t* order, int64_t stride, uint8_t* flags) {
  const bool is_falling = n > 1 && keys[0] > keys[n - 1];
  if (is_falling ? !IsFalling(keys, n) : !IsSorted(keys, n)) return false;
  for (size_t i = 0; i < n; ++i) {
    order[static_cast<int64_t>(i) * stride] = static_cast<uint32_t>(is_falling ? n - 1 - i : i);
  }
  if (flags == nullptr) return true;
  flags[0] = 0;
  for (size_t i = 1; i < n; ++i) flags[i] = keys[i] == keys[i - 1] ? 1 : 0;
  return true;
}

static void ArgsortRows(const Arguments& arguments, const ArgsortPlan& plan, const Block& block) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  KeyReader reader = MakeKeyReader(input, arguments.scalars[0] != 0, arguments.scalars[1] != 0);
  int64_t* home = reinterpret_cast<int64_t*>(block.local);
  int64_t* spare = reinterpret_cast<int64_t*>(block.local + plan.local_bytes / 2);
  uint64_t row = block.index * plan.rows_per_block;
  const uint64_t end = plan.rows - row < plan.rows_per_block ? plan.rows : row + plan.rows_per_block;
  for (; row < end; ++row) {
    GoToRow(&reader, input, row);
    uint32_t* order = static_cast<uint32_t*>(RowOf(output, row));
    uint8_t* flags = arguments.output_count < 2 ? nullptr : static_cast<uint8_t*>(RowOf(arguments.outputs[1], row));
    ReadKeys(reader, 0, plan.n, home);
    if (EmitOrdered(home, plan.n, order, SortStride(output), flags)) continue;
    const Packing packing = SortPacked(home, spare, plan.n, plan.is_wide, plan.index_bits);
    Emitter emitter = {&reader, packing, order, SortStride(output), flags, nullptr, 0, false};
    Emit(&emitter, home, spare, plan.n, 0);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
