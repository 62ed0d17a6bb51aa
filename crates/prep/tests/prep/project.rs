//! A small project in a temporary folder, and the program run in it.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use shoebox_artifact::atomic;
use shoebox_prep::Options;
use shoebox_spec::{DataSpec, Pair};
use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const PIPELINE: &str = "
name: small
data:
  train: data/train
  val: data/val
  image_size: 8
model:
  layers:
    - flatten: {}
    - dense: {units: classes}
";

/// Two classes with three training pictures and one for validation each.
pub struct Project {
    folder: TempDir,
}

/// What a run of the program left.
#[derive(Debug)]
pub struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    pub fn new() -> Self {
        let project = Self::empty();
        for (seed, class) in (0..).zip(["adidas", "nike"]) {
            for number in 0..3 {
                let path = format!("data/train/{class}/{number}.jpg");
                project.write(&path, &jpeg(10 * seed + number));
            }
            project.write(&format!("data/val/{class}/0.jpg"), &jpeg(10 * seed + 5));
        }
        project
    }

    /// The pipeline alone.
    pub fn empty() -> Self {
        let project = Self { folder: TempDir::new().unwrap() };
        project.write("pipelines/sneakers.yaml", PIPELINE.as_bytes());
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        atomic::write(&self.path(path), bytes).unwrap();
    }

    pub fn make_folder(&self, path: &str) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// Runs `prep` with `args` in the project.
    pub fn prep(&self, args: &[&str]) -> Outcome {
        let mut command = assert_cmd::Command::cargo_bin("prep").unwrap();
        outcome(command.current_dir(self.folder.path()).args(args))
    }

    /// `prep` with `args` in the project, to be run.
    #[cfg(target_os = "linux")]
    pub fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("prep"));
        command.current_dir(self.folder.path()).args(args);
        command
    }

    /// Runs `prep`, which must succeed.
    pub fn prepare(&self) -> Outcome {
        let outcome = self.prep(&[]);
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        outcome
    }

    /// Runs `prep`, which must fail with status 1 and this line, and leave no cache.
    pub fn refuses(&self, message: &str) {
        let outcome = self.prep(&[]);
        assert_eq!(outcome.stderr, format!("error: {message}\n"));
        assert_eq!(outcome.status, 1);
        assert_eq!(self.caches(), Vec::<PathBuf>::new());
    }

    /// The cache folders, and temporary ones should any be left.
    pub fn caches(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("artifacts/cache")).into_iter().flatten().flatten();
        let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
        folders.filter(|path| !path.ends_with("sources") && !path.ends_with("pipelines")).collect()
    }

    /// The one cache folder.
    pub fn cache(&self) -> PathBuf {
        let caches = self.caches();
        assert_eq!(caches.len(), 1, "{caches:?}");
        caches[0].clone()
    }

    /// The data section, with absolute paths.
    pub fn data(&self) -> DataSpec {
        DataSpec {
            image_size: Pair::square(8),
            ..DataSpec::of_folders(self.path("data/train"), self.path("data/val"))
        }
    }

    /// To run the library on that section.
    pub fn options(&self) -> Options {
        Options {
            data: self.data(),
            pipeline: "pipelines/sneakers.yaml".to_owned(),
            artifacts: self.path("artifacts"),
        }
    }
}

pub fn outcome(command: &mut assert_cmd::Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A 20×12 picture that differs from that of every other seed.
pub fn picture(seed: u8) -> DynamicImage {
    let pixel = |x: u32, y: u32| Rgb([seed.wrapping_mul(7), (x * 12) as u8, (y * 20) as u8]);
    RgbImage::from_fn(20, 12, pixel).into()
}

pub fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn jpeg(seed: u8) -> Vec<u8> {
    encode(&picture(seed), ImageFormat::Jpeg)
}

/// The photographs that lie beside the workspace on some machines.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !path.is_dir() {
        println!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}
