#include "sched/cpus.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace offloop {
namespace {

TEST_CASE("cpus: OFFLOOP_THREADS is a whole number from 1 to 256 or nothing") {
  CHECK(ParseThreads("1") == 1);
  CHECK(ParseThreads("256") == 256);
  CHECK(ParseThreads("007") == 7);
  for (const char* text : {"", "0", "257", "-1", "+1", " 4", "4 ", "4.0", "0x4", "1e2", "99999999999", "four"}) {
    CHECK(ParseThreads(text) == 0);
  }
  CHECK(ParseThreads(nullptr) == 0);
}

TEST_CASE("cpus: there is at least one") { CHECK(UsableCpus() >= 1); }

// A made-up /proc and /sys.
struct Fixture {
  std::filesystem::path root = std::filesystem::temp_directory_path() / "offloop-cpus-test";

  Fixture() { std::filesystem::remove_all(root); }
  ~Fixture() { std::filesystem::remove_all(root); }
  void Write(const char* path, const char* text) {
    const std::filesystem::path file = root / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
};

TEST_CASE_FIXTURE(Fixture, "cpus: no cgroup files mean no limit") { CHECK(CgroupQuotaCpus(root.string()) == 0); }

TEST_CASE_FIXTURE(Fixture, "cpus: a quota of cgroup v2 is rounded up") {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  CHECK(CgroupQuotaCpus(root.string()) == 2);
  Write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  CHECK(CgroupQuotaCpus(root.string()) == 2);
  Write("sys/fs/cgroup/cpu.max", "1000 100000\n");
  CHECK(CgroupQuotaCpus(root.string()) == 1);
  Write("sys/fs/cgroup/cpu.max", "max 100000\n");
  CHECK(CgroupQuotaCpus(root.string()) == 0);
}

TEST_CASE_FIXTURE(Fixture, "cpus: the groups around it limit as well") {
  Write("proc/self/cgroup", "0::/outer/inner\n");
  Write("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/outer/cpu.max", "300000 100000\n");
  CHECK(CgroupQuotaCpus(root.string()) == 3);
}

TEST_CASE_FIXTURE(Fixture, "cpus: a quota of cgroup v1, and -1 for none") {
  Write("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/docker/abc\nnonsense\n");
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n");
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CHECK(CgroupQuotaCpus(root.string()) == 3);
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  CHECK(CgroupQuotaCpus(root.string()) == 0);
}

}  // namespace
}  // namespace offloop
