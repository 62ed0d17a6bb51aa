//! How the process keeps memory between training steps.

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    safe fn shoebox_keep_pages();
}

/// Has freed memory kept instead of returned to the kernel: tensors of 4 MiB
/// and more in whole blocks of their own, on huge pages where the kernel has
/// them (`cpp/pages.cpp`), all else by the C library's heap.
///
/// A training step allocates and frees the same 50–100 MB buffers over and
/// over; by default each comes from a fresh `mmap`, and faulting its pages in
/// took 40 % of a step of the tutorial's network. Call it before the first
/// tensor is made and before other threads exist.
pub fn keep_pages() {
    keep_heap();
    shoebox_keep_pages();
}

/// Tells glibc to keep freed memory. Does nothing where the C library is another.
fn keep_heap() {
    #[cfg(target_env = "gnu")]
    {
        const TOP_PAD_BYTES: libc::c_int = 64 << 20;
        #[expect(unsafe_code, reason = "mallopt has no safe face")]
        // SAFETY: mallopt takes plain integers and only changes the allocator's
        // own thresholds. glibc documents it as safe to call at any time; it is
        // called before other threads exist because settings apply from then on.
        unsafe {
            libc::mallopt(libc::M_MMAP_MAX, 0);
            libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
            libc::mallopt(libc::M_TOP_PAD, TOP_PAD_BYTES);
        }
    }
}
