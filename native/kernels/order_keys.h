// Rows of any dtype as int64 keys in the order of the sort (sort_keys.h), for the kernels that order and select:
// keys of narrower elements are 32-bit keys, widened. Every element is read once a call; none is read beyond the row.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

struct KeyReader {
  const void* data;  // the first element of the row
  int64_t stride;
  DType dtype;
  bool merges_zeros;  // -0 has the key of +0
  Coding<int32_t> narrow;
  Coding<int64_t> wide;
};

// Compiled once: order_keys.cc. The keys of elements first .. first + n - 1.
void ReadKeys(const KeyReader& reader, uint64_t first, size_t n, int64_t* __restrict to);
// Elements back from keys, to places `at` and on of a row of the same dtype. `row` is its first element.
void WriteElements(const KeyReader& reader, const int64_t* from, size_t n, void* row, int64_t stride, uint64_t at);

namespace {

static inline bool IsFloatDType(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

static inline KeyReader MakeKeyReader(const View& view, bool descending, bool merges_zeros) {
  KeyReader reader;
  reader.data = view.data;
  reader.stride = SortStride(view);
  reader.dtype = view.dtype;
  reader.merges_zeros = merges_zeros && IsFloatDType(view.dtype);
  reader.narrow = MakeCoding<int32_t>(view.dtype, descending);
  reader.wide = MakeCoding<int64_t>(view.dtype, descending);
  return reader;
}

static inline void GoToRow(KeyReader* reader, const View& view, uint64_t row) {
  reader->data =
      static_cast<const std::byte*>(view.data) + SortRowOffset(view, row) * static_cast<int64_t>(DTypeSize(view.dtype));
}

// The key of a NaN, for floats: the largest there is.
static inline int64_t NaNKey(const KeyReader& reader) {
  return DTypeSize(reader.dtype) == 8 ? reader.wide.nan_key : reader.narrow.nan_key;
}

static inline int64_t ReadKey(const KeyReader& reader, uint64_t at) {
  const int64_t place = static_cast<int64_t>(at) * reader.stride;
  int64_t key;
  int32_t bits;
  switch (reader.dtype) {
    case DType::kInt8:
      bits = static_cast<const int8_t*>(reader.data)[place];
      break;
    case DType::kUint8:
    case DType::kUint8Clamped:
      bits = static_cast<const uint8_t*>(reader.data)[place];
      break;
    case DType::kUint16:
      bits = static_cast<const uint16_t*>(reader.data)[place];
      break;
    case DType::kInt16:
    case DType::kFloat16:
      bits = static_cast<const int16_t*>(reader.data)[place];
      break;
    case DType::kInt32:
    case DType::kUint32:
    case DType::kFloat32:
      bits = static_cast<const int32_t*>(reader.data)[place];
      break;
    default:
      key = Encode(static_cast<const int64_t*>(reader.data)[place], reader.wide);
      return reader.merges_zeros && key == -1 ? 0 : key;
  }
  key = Encode(bits, reader.narrow);
  return reader.merges_zeros && key == -1 ? 0 : key;
}

// Where a row of an output begins.
static inline void* RowOf(const View& view, uint64_t row) {
  return static_cast<std::byte*>(view.data) + SortRowOffset(view, row) * static_cast<int64_t>(DTypeSize(view.dtype));
}

// A number as a double, from its key: for results that are Float64 whatever the input was.
static inline double NumberOfKey(const KeyReader& reader, int64_t key) {
  switch (reader.dtype) {
    case DType::kFloat64: {
      const int64_t bits = Decode(key, reader.wide);
      double value;
      __builtin_memcpy(&value, &bits, sizeof(value));
      return value;
    }
    case DType::kFloat32: {
      const int32_t bits = Decode(static_cast<int32_t>(key), reader.narrow);
      float value;
      __builtin_memcpy(&value, &bits, sizeof(value));
      return static_cast<double>(value);
    }
    case DType::kFloat16: {
      const uint32_t bits = static_cast<uint32_t>(Decode(static_cast<int32_t>(key), reader.narrow)) & 0xFFFF;
      const uint32_t exponent = bits >> 10 & 31;
      const double fraction = static_cast<double>(bits & 1023);
      double value;
      if (exponent == 31) {
        value = fraction != 0 ? __builtin_nan("") : __builtin_inf();
      } else {
        const uint64_t scale_bits = static_cast<uint64_t>((exponent == 0 ? 1 : exponent) + 1023 - 25) << 52;
        double scale;
        __builtin_memcpy(&scale, &scale_bits, sizeof(scale));
        value = (fraction + (exponent == 0 ? 0.0 : 1024.0)) * scale;
      }
      return (bits & 0x8000) != 0 ? -value : value;
    }
    case DType::kBigInt64:
      return static_cast<double>(Decode(key, reader.wide));
    case DType::kBigUint64:
      return static_cast<double>(static_cast<uint64_t>(Decode(key, reader.wide)));
    case DType::kUint32:
      return static_cast<double>(static_cast<uint32_t>(Decode(static_cast<int32_t>(key), reader.narrow)));
    default:
      return static_cast<double>(Decode(static_cast<int32_t>(key), reader.narrow));
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
