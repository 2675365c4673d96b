// Long rows of 8- or 16-bit elements. Phases: count each chunk of a row; add the chunks' counts, a range of bins a
// block; running totals, a row a block; write chunks of the output, which are runs of one value.
// The counts are private, so whatever others write to the input, they add up to the length of the row.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

template <typename Element>
static void CountingBlock(const Arguments& arguments, const SortPlan& plan, const Block& block) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  const Coding<int32_t> coding = MakeCoding<int32_t>(input.dtype, arguments.scalars[0] != 0);
  // Keys of signed types are centred on zero; those of unsigned ones, even complemented, are in order in 16 bits.
  const uint32_t centre = static_cast<Element>(-1) < 0 || input.dtype == DType::kFloat16 ? plan.bins / 2 : 0;
  const uint32_t bin_mask = static_cast<uint32_t>(plan.bins - 1);
  const uint64_t ranges = (plan.bins + kBinRange - 1) / kBinRange;
  const uint64_t per_row = block.phase == 1 ? ranges : block.phase == 2 ? 1 : plan.chunks;
  const uint64_t row = block.index / per_row;
  const uint64_t part = block.index % per_row;
  std::byte* scratch = arguments.scratch + row * plan.row_bytes;
  uint64_t* totals = reinterpret_cast<uint64_t*>(scratch + plan.totals_at);
  uint32_t* counts = reinterpret_cast<uint32_t*>(scratch + plan.starts_at);
  const uint64_t first = part * plan.chunk;
  const uint64_t last = plan.n - first < plan.chunk ? plan.n : first + plan.chunk;
  switch (block.phase) {
    case 0: {
      uint32_t* mine = counts + part * plan.bins;
      for (uint64_t bin = 0; bin < plan.bins; ++bin) mine[bin] = 0;
      const int64_t stride = SortStride(input);
      const Element* from =
          static_cast<const Element*>(input.data) + SortRowOffset(input, row) + static_cast<int64_t>(first) * stride;
      const int64_t length = static_cast<int64_t>(last - first);
      for (int64_t i = 0; i < length; ++i) {
        const int32_t key = Encode<int32_t>(static_cast<int32_t>(from[i * stride]), coding);
        ++mine[(static_cast<uint32_t>(key) + centre) & bin_mask];
      }
      return;
    }
    case 1: {
      const uint64_t end = plan.bins < (part + 1) * kBinRange ? plan.bins : (part + 1) * kBinRange;
      for (uint64_t bin = part * kBinRange; bin < end; ++bin) totals[bin] = 0;
      for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) {
        const uint32_t* mine = counts + chunk * plan.bins;
        for (uint64_t bin = part * kBinRange; bin < end; ++bin) totals[bin] += mine[bin];
      }
      return;
    }
    case 2: {
      uint64_t start = 0;
      for (uint64_t bin = 0; bin < plan.bins; ++bin) {
        const uint64_t count = totals[bin];
        totals[bin] = start;
        start += count;
      }
      totals[plan.bins] = start;
      return;
    }
    default: {
      // The bin that holds place `first`: the last one that starts at or before it.
      uint64_t bin = 0;
      for (uint64_t step = plan.bins / 2; step > 0; step /= 2) {
        if (totals[bin + step] <= first) bin += step;
      }
      const int64_t stride = SortStride(output);
      Element* to = static_cast<Element*>(output.data) + SortRowOffset(output, row);
      for (uint64_t at = first; at < last; ++bin) {
        const uint64_t end = totals[bin + 1] < last ? totals[bin + 1] : last;
        const int32_t key = static_cast<int32_t>(static_cast<int64_t>(bin) - centre);
        // A complemented unsigned key is negative, with the same low bits as its bin.
        const Element value = static_cast<Element>(Decode<int32_t>(key, coding));
        if (stride == 1) {
          for (; at < end; ++at) to[at] = value;
        } else {
          for (; at < end; ++at) to[static_cast<int64_t>(at) * stride] = value;
        }
      }
    }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
