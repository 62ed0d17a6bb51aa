//! Compiles the C++ face against libtorch's headers and writes the rpath.

use std::{env, path::Path};

fn main() {
    let lib =
        env::var("DEP_TCH_LIBTORCH_LIB").expect("torch-sys is a direct dependency of this crate");
    let lib = Path::new(&lib).canonicalize().expect("torch-sys has linked against this folder");
    let include =
        lib.parent().expect("libtorch keeps lib/ and include/ side by side").join("include");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-changed=cpp");
    let face = ["optimizer", "conv_block", "dropout", "linear", "retouch", "device", "pages"];
    build(&face)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        // at::parallel_for is OpenMP in a header: without this it is one thread.
        .flag("-fopenmp")
        .compile("shoebox_kernels");
    build(&["loops", "loops_portable"]).compile("shoebox_loops");
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64") {
        build(&["loops_avx2"]).flags(["-mavx2", "-mfma"]).compile("shoebox_loops_avx2");
        let avx512 = ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mfma"];
        build(&["loops_avx512"]).flags(avx512).compile("shoebox_loops_avx512");
    }
    // The very OpenMP that libtorch uses, which lies beside it.
    println!("cargo:rustc-link-search=native={}", lib.display());
    println!("cargo:rustc-link-lib=dylib:+verbatim=libgomp.so.1");
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", lib.display());
}

/// A compilation of `cpp/<name>.cpp`. Products and sums may be fused, which is
/// all that is asked of `-ffast-math`'s liberties: NaN and infinity are kept.
fn build(names: &[&str]) -> cc::Build {
    let mut build = cc::Build::new();
    build.cpp(true).std("c++20").warnings(false).opt_level(3);
    build.flag("-ffp-contract=fast").flag_if_supported("-Wno-psabi");
    build.files(names.iter().map(|name| format!("cpp/{name}.cpp")));
    build
}
