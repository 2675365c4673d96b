// Matrix products of OpenBLAS: "dgemm" and "sgemm" of n×n matrices, on as many threads as OPENBLAS_NUM_THREADS says.
#include <cblas.h>

#include <cstring>

#include "peer.h"

namespace {

void Multiply(size_t n, const double* a, const double* b, double* c) {
  const int size = static_cast<int>(n);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a, size, b, size, 0, c, size);
}

void Multiply(size_t n, const float* a, const float* b, float* c) {
  const int size = static_cast<int>(n);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a, size, b, size, 0, c, size);
}

template <typename T>
struct Matrices {
  T *a = nullptr, *b = nullptr, *c = nullptr;
  size_t n = 0;

  double Time(size_t wanted) {
    if (n != wanted) {
      std::free(a), std::free(b), std::free(c);
      n = wanted;
      a = peer::Allocate<T>(n * n), b = peer::Allocate<T>(n * n), c = peer::Allocate<T>(n * n);
      peer::FillUniform(a, n * n, 1);
      peer::FillUniform(b, n * n, 2);
    }
    const double start = peer::NowMs();
    Multiply(n, a, b, c);
    return peer::NowMs() - start;
  }
};

double Run(const char* what, size_t n) {
  static Matrices<double> doubles;
  static Matrices<float> floats;
  if (std::strcmp(what, "dgemm") == 0) return doubles.Time(n);
  if (std::strcmp(what, "sgemm") == 0) return floats.Time(n);
  return -1;
}

}  // namespace

int main() { return peer::Serve(Run); }
