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
    cc::Build::new()
        .cpp(true)
        .std("c++20")
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .file("cpp/optimizer.cpp")
        .compile("shoebox_kernels");
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", lib.display());
}
