// For kernels that are at least a tenth faster at -O3 than at the -O2 of the others: their files include this before all
// else. (Most are not, and some are slower; -O3 makes code half as large again.) Clang has no such pragma.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
