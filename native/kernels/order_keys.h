// Rows of any dtype as int64 keys in the order of the sort (sort_keys.h), for the kernels that order and select:
// keys of narrower elements are 32-bit keys, widened. Every element is read once a call; none is read beyond the row.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct KeyReader {
  const void* data;  // the first element of the row
  int64_t stride;
  DType dtype;
  bool merges_zeros;  // -0 has the key of +0
  Coding<int32_t> narrow;
  Coding<int64_t> wide;
};

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

template <typename Element>
static inline void ReadNarrow(const KeyReader& reader, uint64_t first, size_t n, int64_t* __restrict to) {
  constexpr size_t kStep = 256;
  int32_t keys[kStep];
  const Element* from = static_cast<const Element*>(reader.data) + static_cast<int64_t>(first) * reader.stride;
  for (size_t i = 0; i < n; i += kStep) {
    const size_t count = n - i < kStep ? n - i : kStep;
    EncodeKeys(from + static_cast<int64_t>(i) * reader.stride, reader.stride, count, keys, reader.narrow);
    for (size_t k = 0; k < count; ++k) to[i + k] = keys[k];
  }
}

// The keys of elements first .. first + n - 1.
static inline void ReadKeys(const KeyReader& reader, uint64_t first, size_t n, int64_t* __restrict to) {
  switch (reader.dtype) {
    case DType::kInt8:
      ReadNarrow<int8_t>(reader, first, n, to);
      break;
    case DType::kUint8:
    case DType::kUint8Clamped:
      ReadNarrow<uint8_t>(reader, first, n, to);
      break;
    case DType::kUint16:
      ReadNarrow<uint16_t>(reader, first, n, to);
      break;
    case DType::kInt16:
    case DType::kFloat16:
      ReadNarrow<int16_t>(reader, first, n, to);
      break;
    case DType::kInt32:
    case DType::kUint32:
    case DType::kFloat32:
      ReadNarrow<int32_t>(reader, first, n, to);
      break;
    default:
      EncodeKeys(static_cast<const int64_t*>(reader.data) + static_cast<int64_t>(first) * reader.stride, reader.stride,
                 n, to, reader.wide);
  }
  if (reader.merges_zeros) {
    for (size_t i = 0; i < n; ++i) to[i] = to[i] == -1 ? 0 : to[i];
  }
}

static inline int64_t ReadKey(const KeyReader& reader, uint64_t at) {
  int64_t key;
  if (DTypeSize(reader.dtype) < 8) {
    ReadKeys(reader, at, 1, &key);
    return key;
  }
  key = Encode(static_cast<const int64_t*>(reader.data)[static_cast<int64_t>(at) * reader.stride], reader.wide);
  return reader.merges_zeros && key == -1 ? 0 : key;
}

// Elements back from keys, to a row of the same dtype. `to` is its first element.
template <typename Element>
static inline void WriteNarrow(const KeyReader& reader, const int64_t* from, size_t n, Element* to, int64_t stride) {
  for (size_t i = 0; i < n; ++i) {
    to[static_cast<int64_t>(i) * stride] = static_cast<Element>(Decode(static_cast<int32_t>(from[i]), reader.narrow));
  }
}

static inline void WriteElements(const KeyReader& reader, const int64_t* from, size_t n, void* row, int64_t stride,
                                 uint64_t at) {
  const int64_t offset = static_cast<int64_t>(at) * stride;
  switch (DTypeSize(reader.dtype)) {
    case 1:
      return WriteNarrow(reader, from, n, static_cast<uint8_t*>(row) + offset, stride);
    case 2:
      return WriteNarrow(reader, from, n, static_cast<uint16_t*>(row) + offset, stride);
    case 4:
      return WriteNarrow(reader, from, n, static_cast<uint32_t*>(row) + offset, stride);
    default:
      return DecodeKeys(from, n, static_cast<int64_t*>(row) + offset, stride, reader.wide);
  }
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
