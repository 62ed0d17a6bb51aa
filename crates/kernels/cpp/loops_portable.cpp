#define LANES 4
#define VECTORS Vectors::portable
#define LOOPS loops_portable
#include "loops.inl"
