//! How the process keeps memory between training steps.

/// Tells glibc to keep freed memory instead of returning it to the kernel.
///
/// A training step allocates and frees the same 50–100 MB buffers over and
/// over; by default each comes from a fresh `mmap`, and faulting its pages in
/// took 40 % of a step of the tutorial's network. Call it before the first
/// tensor is made. Does nothing where the C library is not glibc.
pub fn keep_pages() {
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
