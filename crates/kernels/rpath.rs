//! Build script of every crate with a program or test that uses libtorch:
//! writes the library's folder into it, so that it runs without
//! `LD_LIBRARY_PATH`. torch-sys tells where that is to its direct dependents
//! alone, hence it stands in each of their manifests.

use std::{env, path::Path};

fn main() {
    let lib =
        env::var("DEP_TCH_LIBTORCH_LIB").expect("torch-sys is a direct dependency of this crate");
    // LIBTORCH may be a link; the program must outlive it.
    let lib = Path::new(&lib).canonicalize().expect("torch-sys has linked against this folder");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    // DT_RPATH, unlike DT_RUNPATH, also serves the libraries that are opened at run time.
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", lib.display());
}
