// Rows that one block sorts by itself, in local memory.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Rows no longer than this are sorted as fast as looked at.
inline constexpr uint64_t kOrderLeast = 256;

template <typename Element, typename Key>
static void SortRows(const Arguments& arguments, const SortPlan& plan, const Block& block) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  const Coding<Key> coding = MakeCoding<Key>(input.dtype, arguments.scalars[0] != 0);
  Key* home = reinterpret_cast<Key*>(block.local);
  Key* spare = reinterpret_cast<Key*>(block.local + plan.local_bytes / 2);
  uint64_t row = block.index * plan.rows_per_block;
  const uint64_t end = plan.rows - row < plan.rows_per_block ? plan.rows : row + plan.rows_per_block;
  for (; row < end; ++row) {
    const Element* from = static_cast<const Element*>(input.data) + SortRowOffset(input, row);
    Element* to = static_cast<Element*>(output.data) + SortRowOffset(output, row);
    bool is_reverse = false;
    if (plan.n >= kOrderLeast) {
      const OrderedCopy<Element> copy =
          PlanOrdered(from, SortStride(input), to, SortStride(output), plan.n, 0, plan.n, coding);
      Key first;
      Key last;
      const bool is_ordered = CopyOrdered(copy, coding, &first, &last);
      if (is_ordered && copy.Writes()) continue;
      is_reverse = is_ordered;
    }
    EncodeKeys(from, SortStride(input), plan.n, home, coding);
    if (is_reverse) {
      ReverseKeys(home, plan.n, spare);
      SortKeys(spare, home, plan.n, reinterpret_cast<uintptr_t>(home));
    } else {
      SortKeys(home, spare, plan.n, reinterpret_cast<uintptr_t>(home));
    }
    DecodeKeys(is_reverse ? spare : home, plan.n, to, SortStride(output), coding);
  }
}

// One byte has 256 values: count each and write the runs. Two tables take turns, so that equal neighbours do not
// wait for each other.
static inline void SortByteRows(const Arguments& arguments, const SortPlan& plan, const Block& block) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  // XOR with this maps bytes to unsigned bytes in the order of the sort, and back.
  const uint8_t flip =
      static_cast<uint8_t>((input.dtype == DType::kInt8 ? 0x80 : 0) ^ (arguments.scalars[0] != 0 ? 0xFF : 0));
  uint64_t row = block.index * plan.rows_per_block;
  const uint64_t end = plan.rows - row < plan.rows_per_block ? plan.rows : row + plan.rows_per_block;
  for (; row < end; ++row) {
    const uint8_t* from = static_cast<const uint8_t*>(input.data) + SortRowOffset(input, row);
    uint8_t* to = static_cast<uint8_t*>(output.data) + SortRowOffset(output, row);
    const int64_t from_stride = SortStride(input);
    const int64_t to_stride = SortStride(output);
    const int64_t n = static_cast<int64_t>(plan.n);
    uint32_t counts[2][256];
    for (size_t i = 0; i < 256; ++i) counts[0][i] = counts[1][i] = 0;
    for (int64_t i = 0; i < n; ++i) ++counts[i & 1][from[i * from_stride]];
    int64_t at = 0;
    for (uint32_t bin = 0; bin < 256; ++bin) {
      const uint8_t value = static_cast<uint8_t>(bin ^ flip);
      const int64_t stop = at + counts[0][value] + counts[1][value];
      for (; at < stop; ++at) to[at * to_stride] = value;
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
