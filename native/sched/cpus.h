// How many CPUs the process may use.
#pragma once
#include <cstdint>
#include <string>

namespace offloop {

// OFFLOOP_THREADS where it is a whole number from 1 to 256; otherwise the CPUs of the affinity mask, or the quota of
// the cgroup rounded up where that is less. At least 1, at most 256.
uint32_t UsableCpus();

// `text` as a number of threads; 0 when it is null or anything but a whole number from 1 to 256.
uint32_t ParseThreads(const char* text);

// The smallest CPU quota of the process's cgroup and those around it, rounded up; 0 where none is set. `root` is put
// before the paths of /proc and /sys, for tests.
uint32_t CgroupQuotaCpus(const std::string& root);

}  // namespace offloop
