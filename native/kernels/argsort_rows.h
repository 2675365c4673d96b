// Rows that one block argsorts by itself, in local memory.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Packs the keys of a row in place, and sorts them; gives how they are packed. `spare` has room for n as well.
static inline Packing SortPacked(int64_t* keys, int64_t* spare, size_t n, bool is_wide, uint32_t index_bits) {
  Packing packing;
  if (is_wide) {
    KeyRange range = {keys[0], keys[0], 0};
    AddToRange(keys, n, &range);
    packing = PackWide(range, index_bits);
  } else {
    packing = PackNarrow(index_bits);
  }
  PackKeys(keys, n, 0, packing);
  SortKeys(keys, spare, n, reinterpret_cast<uintptr_t>(keys));
  return packing;
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
    ReadKeys(reader, 0, plan.n, home);
    Emitter emitter = {
        &reader,
        SortPacked(home, spare, plan.n, plan.is_wide, plan.index_bits),
        static_cast<uint32_t*>(RowOf(output, row)),
        SortStride(output),
        arguments.output_count < 2 ? nullptr : static_cast<uint8_t*>(RowOf(arguments.outputs[1], row)),
        nullptr,
        0,
        false};
    Emit(&emitter, home, spare, plan.n, 0);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
