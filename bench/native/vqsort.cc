// The vectorised quicksort of Highway (Blacher, Giesen, Sanders and Wassenberg 2022) on n float64, in place: "one" on
// one thread as it comes; "two" sorts halves on two threads and merges them, half of the result on each.
#include <hwy/contrib/sort/vqsort.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "peer.h"

namespace {

void Sort(double* x, size_t n) {
  static thread_local hwy::Sorter sorter;
  sorter(x, n, hwy::SortAscending());
}

// The smallest `count` of two sorted runs, from their starts.
void MergeLow(const double* a, const double* b, double* out, size_t count, size_t na, size_t nb) {
  size_t i = 0, j = 0;
  for (size_t k = 0; k < count; ++k) out[k] = j == nb || (i < na && a[i] <= b[j]) ? a[i++] : b[j++];
}

// The greatest `count`, from their ends.
void MergeHigh(const double* a, const double* b, double* out, size_t count, size_t na, size_t nb) {
  size_t i = na, j = nb;
  for (size_t k = na + nb; count > 0; --count) {
    out[--k] = i == 0 || (j > 0 && b[j - 1] >= a[i - 1]) ? b[--j] : a[--i];
  }
}

double Run(const char* what, size_t n) {
  static std::vector<double> input, x, merged;
  if (input.size() != n) {
    input.resize(n), x.resize(n), merged.resize(n);
    peer::FillUniform(input.data(), n, 1);
  }
  std::copy(input.begin(), input.end(), x.begin());
  const size_t half = n / 2;
  const double start = peer::NowMs();
  if (std::strcmp(what, "one") == 0) {
    Sort(x.data(), n);
  } else if (std::strcmp(what, "two") == 0) {
    double* const second = x.data() + half;
    std::thread sorting(Sort, second, n - half);
    Sort(x.data(), half);
    sorting.join();
    std::thread merging(MergeHigh, x.data(), second, merged.data(), n - half, half, n - half);
    MergeLow(x.data(), second, merged.data(), half, half, n - half);
    merging.join();
  } else {
    return -1;
  }
  return peer::NowMs() - start;
}

}  // namespace

int main() { return peer::Serve(Run); }
