#include "sched/cpus.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace offloop {

namespace {

constexpr uint32_t kMost = 256;

// 0 when there is no limit.
uint32_t CpusOf(double quota, double period) {
  if (!(quota > 0) || !(period > 0)) return 0;
  const double cpus = quota / period;
  if (cpus >= kMost) return kMost;
  const uint32_t whole = static_cast<uint32_t>(cpus);
  return std::max<uint32_t>(whole + (cpus > whole ? 1 : 0), 1);
}

uint32_t Smaller(uint32_t a, uint32_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

// cgroup v2: "max 100000" or "150000 100000" in one file.
uint32_t QuotaV2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  double quota = 0, period = 0;
  if (!(file >> quota >> period)) return 0;
  return CpusOf(quota, period);
}

// cgroup v1: two files, and -1 for no quota.
uint32_t QuotaV1(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"), period_file(folder + "/cpu.cfs_period_us");
  double quota = 0, period = 0;
  if (!(quota_file >> quota) || !(period_file >> period)) return 0;
  return CpusOf(quota, period);
}

// The group itself and every one around it: each limits those inside. In a container the path may be the host's,
// which is not to be seen here; then the mount's root is the container's own group, and is looked at last.
uint32_t SmallestUpwards(const std::string& mount, std::string path, uint32_t (*quota)(const std::string&)) {
  uint32_t cpus = 0;
  while (!path.empty() && path != "/") {
    cpus = Smaller(cpus, quota(mount + path));
    path.resize(path.rfind('/'));
  }
  return Smaller(cpus, quota(mount));
}

uint32_t AffinityCpus() {
#if defined(__linux__)
  // Machines with more CPUs than a cpu_set_t holds need a larger one; the call says so by failing.
  for (int cpus = CPU_SETSIZE; cpus <= 1 << 16; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(cpus);
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(cpus);
    const int error = sched_getaffinity(0, bytes, set);
    const int count = error == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return static_cast<uint32_t>(count);
  }
#endif
  return std::thread::hardware_concurrency();
}

}  // namespace

uint32_t ParseThreads(const char* text) {
  if (text == nullptr || *text == '\0') return 0;
  uint32_t value = 0;
  for (; *text != '\0'; ++text) {
    if (*text < '0' || *text > '9') return 0;
    value = value * 10 + static_cast<uint32_t>(*text - '0');
    if (value > kMost) return 0;
  }
  return value;
}

uint32_t CgroupQuotaCpus(const std::string& root) {
  // Lines of "number:controllers:path"; number 0 without controllers is cgroup v2.
  std::ifstream groups(root + "/proc/self/cgroup");
  const std::string mounts = root + "/sys/fs/cgroup";
  uint32_t cpus = 0;
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    // A path is absolute, or names a group outside of what is mounted here.
    if (second == std::string::npos || second + 1 >= line.size() || line[second + 1] != '/') continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (controllers.empty()) {
      cpus = Smaller(cpus, SmallestUpwards(mounts, path, QuotaV2));
      cpus = Smaller(cpus, SmallestUpwards(mounts + "/unified", path, QuotaV2));
      continue;
    }
    std::istringstream names(controllers);
    bool limits_cpu = false;
    for (std::string name; std::getline(names, name, ',');) limits_cpu = limits_cpu || name == "cpu";
    if (limits_cpu) {
      cpus = Smaller(cpus, SmallestUpwards(mounts + "/" + controllers, path, QuotaV1));
      if (controllers != "cpu") cpus = Smaller(cpus, SmallestUpwards(mounts + "/cpu", path, QuotaV1));
    }
  }
  return cpus;
}

uint32_t UsableCpus() {
  if (const uint32_t asked = ParseThreads(std::getenv("OFFLOOP_THREADS")); asked != 0) return asked;
  const uint32_t cpus = Smaller(AffinityCpus(), CgroupQuotaCpus(""));
  return std::clamp<uint32_t>(cpus, 1, kMost);
}

}  // namespace offloop
