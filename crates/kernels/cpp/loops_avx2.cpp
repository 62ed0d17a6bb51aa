#define LANES 8
#define VECTORS Vectors::avx2
#define LOOPS loops_avx2
#include "loops.inl"
