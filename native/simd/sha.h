// The SHA instructions of x86 (SHA-NI), which no CPU level implies: found by a question of its own to cpuid.
#pragma once

namespace offloop {

// Whether they may be used. Not at the baseline level, so that OFFLOOP_CPU=baseline is the portable path everywhere.
bool HasShaInstructions();

}  // namespace offloop
