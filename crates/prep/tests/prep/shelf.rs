//! Folders with files in them, to be scanned: nothing is read but tables.

use shoebox_artifact::records::Finding;
use shoebox_prep::{
    PrepError,
    scan::{Scan, scan},
};
use shoebox_spec::{DataSpec, Nesting, SplitSpec};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A temporary folder.
pub struct Shelf {
    folder: TempDir,
}

/// What a scan says, with paths relative to the shelf.
#[derive(Debug)]
pub struct Said {
    /// `part label path`, in the order of the rows.
    pub files: Vec<String>,
    /// `severity kind paths: fact; remedy`.
    pub findings: Vec<String>,
    pub scan: Scan,
}

impl Shelf {
    /// A shelf with these empty files.
    pub fn new(files: &[&str]) -> Self {
        let shelf = Self { folder: TempDir::new().unwrap() };
        files.iter().for_each(|file| shelf.write(file, ""));
        shelf
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        shoebox_artifact::atomic::write(&path, text.as_bytes()).unwrap();
    }

    /// Makes `link` lead to `target`, which is relative to the link's folder.
    #[cfg(unix)]
    pub fn link(&self, target: &str, link: &str) {
        std::os::unix::fs::symlink(target, self.path(link)).unwrap();
    }

    /// One folder to be divided.
    pub fn tree(&self, labels: Option<Nesting>) -> DataSpec {
        let path = Some(self.path("data"));
        DataSpec { path, split: Some(SHARES), labels, ..nowhere() }
    }

    /// `data/train` and `data/val`.
    pub fn folders(&self) -> DataSpec {
        DataSpec::of_folders(self.path("data/train"), self.path("data/val"))
    }

    /// `data/labels.csv` with this text.
    pub fn table(&self, text: &str) -> DataSpec {
        self.write("data/labels.csv", text);
        DataSpec { csv: Some(self.path("data/labels.csv")), ..nowhere() }
    }

    pub fn scan(&self, data: &DataSpec) -> Said {
        let scan = scan(data).unwrap();
        let file = |file: &shoebox_prep::Candidate| {
            let class = &scan.class_names[file.label as usize];
            self.relative(&format!("{} {class} {}", file.part, file.path))
        };
        let files = scan.files.iter().map(file).collect();
        let findings = scan.findings.iter().map(|finding| self.line(finding)).collect();
        Said { files, findings, scan }
    }

    pub fn refuses(&self, data: &DataSpec) -> String {
        let error: PrepError = scan(data).expect_err("the scan succeeds");
        self.relative(&error.to_string())
    }

    fn line(&self, finding: &Finding) -> String {
        let Finding { kind, severity, paths, fact, remedy, .. } = finding;
        self.relative(&format!("{severity:?} {kind} {}: {fact}; {remedy}", paths.join(" ")))
    }

    fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}{}", self.folder.path().display(), std::path::MAIN_SEPARATOR), "")
    }
}

const SHARES: SplitSpec = SplitSpec { val: 0.2, test: 0.0, seed: 0 };

/// A section that names no place.
fn nowhere() -> DataSpec {
    DataSpec { train: None, val: None, ..DataSpec::of_folders(Path::new(""), Path::new("")) }
}
