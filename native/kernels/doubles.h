// Elements of any dtype as float64, each rounded to nearest where it has more than 53 bits. One copy for all kernels,
// once a level (doubles.cc): a call is nothing beside a few hundred elements, and what works on float64 alone is
// compiled for one type instead of twelve. Included again for every level.
//
// What comes out is private: each element is read once, however often the caller's memory is written meanwhile.

namespace offloop {
namespace OFFLOOP_LEVEL {

// `count` elements, each `stride` elements from the one before.
void ToDoubles(DType dtype, const void* from, int64_t stride, int64_t count, double* to);

// Elements first .. first + count - 1 of a view in row-major order.
void ReadDoubles(const View& view, int64_t first, int64_t count, double* to);

// The same as they are.
void ReadElements(const View& view, int64_t first, int64_t count, void* to);

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
