// A query made ready: its different units, and for each the positions where it stands, as bits (the "match masks" of
// Myers 1999). Included once a level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct TextQuery {
  int64_t length;
  int64_t words;   // of 64 bits, at least 1
  int64_t unique;  // different units
  const uint16_t* units;
  const uint64_t* masks;  // [unique + 1][words], the last row zero
};

// Reads query `index` into `memory`. With `symbols`, a table of kSymbols zeros, each unit's number + 1 is left there.
static TextQuery ReadQuery(const Arguments& arguments, const TextPlan& plan, int64_t index, std::byte* memory,
                           uint16_t* symbols) {
  const View& all = arguments.inputs[4];
  const auto* starts = static_cast<const uint32_t*>(arguments.inputs[5].data);
  int64_t start = starts[index];
  int64_t end = starts[index + 1];
  if (end > all.shape[0]) end = all.shape[0];
  if (start > end) start = end;
  if (end - start > plan.most_query) end = start + plan.most_query;
  const auto* text = static_cast<const uint16_t*>(all.data) + start;
  TextQuery query;
  query.length = end - start;
  query.words = query.length == 0 ? 1 : (query.length + 63) / 64;
  query.unique = 0;
  auto* units = reinterpret_cast<uint16_t*>(memory + 64);
  auto* masks = reinterpret_cast<uint64_t*>(memory + 64 + TextAligned(plan.most_unique * 2));
  for (int64_t i = 0; i < query.length; ++i) {
    const uint16_t unit = text[i];
    int64_t at = 0;
    if (symbols != nullptr) {
      at = symbols[unit] == 0 ? query.unique : symbols[unit] - 1;
    } else {
      while (at < query.unique && units[at] != unit) ++at;
    }
    if (at == query.unique) {
      if (query.unique == plan.most_unique) continue;
      units[query.unique++] = unit;
      if (symbols != nullptr) symbols[unit] = static_cast<uint16_t>(query.unique);
      for (int64_t word = 0; word < query.words; ++word) masks[at * query.words + word] = 0;
    }
    masks[at * query.words + i / 64] |= uint64_t{1} << (i % 64);
  }
  for (int64_t word = 0; word < query.words; ++word) masks[query.unique * query.words + word] = 0;
  query.units = units;
  query.masks = masks;
  return query;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
