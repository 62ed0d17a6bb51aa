#define LANES 16
#define VECTORS Vectors::avx512
#define LOOPS loops_avx512
#include "loops.inl"
