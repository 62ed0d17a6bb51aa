// All loops, for one kind of vectors. A file that includes this defines LANES,
// VECTORS and LOOPS, and is compiled for processors that have such registers.
#include "loops.h"

namespace shoebox {
namespace {

#include "vectors.inl"

#include "pointwise.inl"

#include "retouch.inl"

#include "conv.inl"

#include "max_pool.inl"

#include "winograd.inl"

}  // namespace

const Loops LOOPS = {VECTORS,         dropout,            scale_pixels,
                     channel_sums,    retouch,            mix,
                     forward,         route_back,         weight_gradient,
                     max_pool_gradients, TILES,           winograd_weight,
                     winograd_forward};

}  // namespace shoebox
