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
    println!("cargo:rerun-if-changed=../kernels/cpp/face.h");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++20").warnings(false).flag_if_supported("-Wno-psabi");
    // What libtorch was built with. Its headers declare by these, so a class
    // would have another layout without them.
    for definition in ["USE_DISTRIBUTED", "USE_C10D_GLOO", "USE_RPC", "USE_TENSORPIPE"] {
        build.define(definition, None);
    }
    build
        .include("cpp/declared")
        .include("../kernels/cpp")
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .files(["cpp/store.cpp", "cpp/group.cpp", "cpp/reducer.cpp"])
        .compile("shoebox_collective");
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", lib.display());
}
