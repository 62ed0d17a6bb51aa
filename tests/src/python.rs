//! A Python with packages, where one can be had.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A Python that has `packages` (`name==version`), in a virtual environment
/// that is made once at `venv`. `None`, with a word, where that cannot be.
pub fn python(venv: &Path, packages: &[&str]) -> Option<PathBuf> {
    let python = venv.join("bin/python");
    if has(&python, packages) {
        return Some(python);
    }
    let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv));
    let installed = made.and_then(|()| {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&python).args(pip).args(packages))
    });
    match installed {
        Ok(()) => Some(python),
        Err(reason) => {
            println!("skipped: no Python with {}: {reason}", packages.join(" and "));
            None
        }
    }
}

fn has(python: &Path, packages: &[&str]) -> bool {
    let script = "import sys\nfrom importlib.metadata import version\n\
        for package in sys.argv[1:]: assert version(package.split('==')[0]) == package.split('==')[1]";
    let output = Command::new(python).args(["-c", script]).args(packages).output();
    output.is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}
