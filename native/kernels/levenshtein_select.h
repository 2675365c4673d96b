// The k strings nearest to a query, from its distances to all: a counting sort, whose order is by distance and then by
// place in the list. Included once a level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// `counts` has room for most_distance + 2 words.
static void SelectClosest(const Arguments& arguments, const TextPlan& plan, int64_t query, const uint32_t* distances,
                          uint64_t* counts) {
  auto* indices = static_cast<uint32_t*>(arguments.outputs[0].data) + query * plan.k;
  auto* nearest = static_cast<uint32_t*>(arguments.outputs[1].data) + query * plan.k;
  auto* found = static_cast<uint32_t*>(arguments.outputs[2].data) + query;
  const int64_t most = plan.cutoff < plan.most_distance ? plan.cutoff : plan.most_distance;
  for (int64_t d = 0; d <= most; ++d) counts[d] = 0;
  for (int64_t i = 0; i < plan.strings; ++i) {
    if (distances[i] <= most) ++counts[distances[i]];
  }
  // Where each distance begins, up to the one that fills k places.
  uint64_t start = 0;
  int64_t last = -1;
  while (last < most && start < static_cast<uint64_t>(plan.k)) {
    const uint64_t count = counts[++last];
    counts[last] = start;
    start += count;
  }
  for (int64_t i = 0; i < plan.strings; ++i) {
    if (static_cast<int64_t>(distances[i]) > last) continue;
    const uint64_t at = counts[distances[i]]++;
    if (at >= static_cast<uint64_t>(plan.k)) continue;
    indices[at] = static_cast<uint32_t>(i);
    nearest[at] = distances[i];
  }
  *found = static_cast<uint32_t>(start < static_cast<uint64_t>(plan.k) ? start : static_cast<uint64_t>(plan.k));
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
