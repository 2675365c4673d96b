// A block of a phase of LayOutMatmul(): matmul_tiles.cc. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {

void RunMatmulPhase(const MatmulPlan& plan, const Arguments& arguments, const Block& block);

}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
