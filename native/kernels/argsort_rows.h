// Rows that one block argsorts by itself, in local memory.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

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
    Emitter emitter = {&reader,
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
