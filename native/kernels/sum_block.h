// The loops of sum and mean, which are sum.cc's. Included again for every level.

namespace offloop {
namespace OFFLOOP_LEVEL {

void RunSum(const Arguments& arguments, const Block& block, StorePartial store);

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
