// Exact sums of products of integers. Included again for every level, after lanes.h.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// At most kReduceBlock products of 16 bits fit in 32 bits, of 32 in 64.
OFFLOOP_INLINE Wide AddProducts(const int8_t* x, const int8_t* y, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += int32_t{x[i]} * int32_t{y[i]};
  return WideOf(sum);
}
OFFLOOP_INLINE Wide AddProducts(const uint8_t* x, const uint8_t* y, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += uint32_t{x[i]} * uint32_t{y[i]};
  return WideOf(sum);
}
OFFLOOP_INLINE Wide AddProducts(const int16_t* x, const int16_t* y, int64_t count) {
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += int32_t{x[i]} * int32_t{y[i]};
  return WideOf(sum);
}
OFFLOOP_INLINE Wide AddProducts(const uint16_t* x, const uint16_t* y, int64_t count) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += uint32_t{x[i]} * uint32_t{y[i]};
  return WideOf(sum);
}

// Products of 64 bits are added by halves.
OFFLOOP_INLINE Wide AddProducts(const uint32_t* x, const uint32_t* y, int64_t count) {
  uint64_t low = 0;
  uint64_t high = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t product = uint64_t{x[i]} * uint64_t{y[i]};
    low += product & 0xffffffff;
    high += product >> 32;
  }
  return WideOf((static_cast<__int128>(high) << 32) + low);
}
// Signed factors are moved up by 2^31: (x + h)(y + h) = xy + h((x + h) + (y + h)) - h^2.
OFFLOOP_INLINE Wide AddProducts(const int32_t* x, const int32_t* y, int64_t count) {
  uint64_t low = 0;
  uint64_t high = 0;
  uint64_t factors = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t a = static_cast<uint32_t>(x[i]) ^ 0x80000000;
    const uint64_t b = static_cast<uint32_t>(y[i]) ^ 0x80000000;
    const uint64_t product = a * b;
    low += product & 0xffffffff;
    high += product >> 32;
    factors += a + b;
  }
  const __int128 moved = (static_cast<__int128>(high) << 32) + low;
  return WideOf(moved - (static_cast<__int128>(factors) << 31) + (static_cast<__int128>(count) << 62));
}

// Products of 128 bits too. `Product` is as signed as T.
template <typename Product, typename T>
OFFLOOP_INLINE Wide AddLongProducts(const T* x, const T* y, int64_t count) {
  unsigned __int128 low = 0;
  __int128 high = 0;
  for (int64_t i = 0; i < count; ++i) {
    const Product product = static_cast<Product>(x[i]) * y[i];
    low += static_cast<uint64_t>(product);
    high += static_cast<T>(product >> 64);
  }
  Wide sum = {{static_cast<uint64_t>(low), static_cast<uint64_t>(low >> 64), 0}};
  AddWide(&sum, {{0, static_cast<uint64_t>(high), static_cast<uint64_t>(high >> 64)}});
  return sum;
}
OFFLOOP_INLINE Wide AddProducts(const int64_t* x, const int64_t* y, int64_t count) {
  return AddLongProducts<__int128>(x, y, count);
}
OFFLOOP_INLINE Wide AddProducts(const uint64_t* x, const uint64_t* y, int64_t count) {
  return AddLongProducts<unsigned __int128>(x, y, count);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
