//! A made-up run with its cache in a temporary folder: test data, never shipped.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use shoebox_artifact::{
    Artifacts, CampaignDir, RunDir,
    atomic::{self, AtomicDir},
    fingerprint, jsonl,
    records::{
        Audit, CampaignKind, CampaignRecord, Evaluation, Finding, Manifest, Member, MetricRow,
        Prediction, RunRecord, RunStatus, RunVersions, Sample, SplitRecord, read_samples,
        write_predictions, write_samples,
    },
};
use shoebox_cache::{Purpose, Row, SplitWriter};
use std::{collections::BTreeMap, fs, io::Cursor, path::Path};

/// What to make up.
pub struct Scene {
    pub classes: Vec<String>,
    /// Images per class, by split.
    pub splits: Vec<(&'static str, usize)>,
    /// Every n-th image is taken for the next class.
    pub wrong_every: usize,
    pub epochs: u32,
    pub status: RunStatus,
    /// Whether training has ended and left predictions.
    pub predictions: bool,
    /// Whether the audit was on.
    pub audited: bool,
    /// In the order in which `prep` writes them.
    pub findings: Vec<Finding>,
    /// Pictures of each split that were left out.
    pub dropped: u64,
    /// The side of a picture, in pixels.
    pub side: u32,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            classes: ["adidas", "nike"].map(str::to_owned).to_vec(),
            splits: vec![("train", 40), ("val", 38)],
            wrong_every: 9,
            epochs: 23,
            status: RunStatus::StoppedEarly,
            predictions: true,
            audited: true,
            findings: Vec::new(),
            dropped: 0,
            side: 112,
        }
    }
}

/// The temporary artifacts folder and the run in it.
pub struct Made {
    pub folder: tempfile::TempDir,
    pub run: RunDir,
    /// The folder of the cache.
    pub cache: std::path::PathBuf,
}

impl Made {
    pub fn artifacts(&self) -> &Path {
        self.folder.path()
    }

    pub fn html(&self) -> String {
        fs::read_to_string(self.run.report().join("index.html")).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.run.report().join("report.json")).unwrap()).unwrap()
    }
}

pub fn make(scene: &Scene) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::new(folder.path());
    let digest = fingerprint::digest(scene.classes.join("/").as_bytes());
    let cache = artifacts.cache(&digest);
    let samples = make_cache(scene, &cache, &digest);
    let run = artifacts.create_run("sneakers").unwrap();
    make_run(scene, &run, &digest, &samples);
    Made { folder, run, cache }
}

/// Another run on the same cache, of a scene with the same pictures.
pub fn another_run(made: &Made, scene: &Scene) -> RunDir {
    let run = Artifacts::new(made.artifacts()).create_run("sneakers").unwrap();
    let samples = read_samples(&made.cache.join(Manifest::SAMPLES_FILE)).unwrap();
    let digest = RunRecord::read(&made.run.record()).unwrap().cache_fingerprint;
    make_run(scene, &run, &digest, &samples);
    run
}

/// A campaign of two folds, whose out-of-fold predictions are of all pictures
/// of train and val.
pub fn make_campaign(scene: &Scene) -> (Made, CampaignDir) {
    let made = make(scene);
    let artifacts = Artifacts::new(made.artifacts());
    let digest = RunRecord::read(&made.run.record()).unwrap().cache_fingerprint;
    let samples = read_samples(&made.cache.join(Manifest::SAMPLES_FILE)).unwrap();
    let other = another_run(&made, scene);
    let campaign = artifacts.create_campaign("sneakers").unwrap();
    let all: Vec<Prediction> =
        ["train", "val"].iter().flat_map(|split| predictions(scene, split, &samples)).collect();
    write_predictions(&campaign.out_of_fold(), &scene.classes, &all).unwrap();
    let half = all.len() / 2;
    let folds = [&all[..half], &all[half..]];
    let members = [&made.run, &other].into_iter().zip(folds).zip(1..);
    let members = members.map(|((run, rows), fold)| member(run, rows, fold)).collect();
    let mut record = CampaignRecord {
        format_version: CampaignRecord::FORMAT_VERSION,
        kind: CampaignKind::Folds(2),
        spec: json!({"name": "sneakers", "seed": 123}),
        cache_fingerprint: digest,
        class_names: scene.classes.clone(),
        started: "2026-11-24T04:40:00Z".to_owned(),
        seconds: 847.4,
        status: RunStatus::Finished,
        members,
        figures: Vec::new(),
        pooled: Vec::new(),
    };
    record.summarise();
    atomic::write_json(&campaign.record(), &record).unwrap();
    (made, campaign)
}

fn member(run: &RunDir, rows: &[Prediction], fold: u32) -> Member {
    let (split, count) = ("val".to_owned(), rows.len() as u64);
    let correct = rows.iter().filter(|row| row.label == row.predicted).count() as u64;
    let best = Evaluation {
        split,
        count,
        correct,
        loss: 0.31 + f64::from(fold) / 10.0,
        ..Evaluation::default()
    };
    Member {
        run: run.name(),
        seed: 123,
        fold: Some(fold),
        status: RunStatus::Finished,
        epochs: 23,
        best_epoch: Some(17),
        seconds: 423.7,
        evaluations: vec![best.clone()],
        last: Some(Evaluation { correct: correct - fold as u64, ..best }),
    }
}

/// Labels go round the classes, so that neighbours differ.
fn make_cache(scene: &Scene, target: &Path, digest: &str) -> Vec<Sample> {
    let folder = AtomicDir::create(target).unwrap();
    let (mut splits, mut samples) = (BTreeMap::new(), Vec::new());
    for &(split, per_class) in &scene.splits {
        let count = per_class * scene.classes.len();
        let (size, rows) = ([scene.side; 2], count as u64);
        let mut writer = SplitWriter::create(&folder, split, size, rows, Purpose::Publish).unwrap();
        for row in 0..count {
            let label = row % scene.classes.len();
            let picture = picture(scene.side, label, row);
            let (pixels, digest) = (picture.as_raw(), &[row as u8; 32]);
            writer.append(&[Row::new(pixels, label as u32, digest)]).unwrap();
            samples.push(sample(scene, split, row, label));
        }
        let shards = writer.finish().join().unwrap();
        let record = SplitRecord {
            source: format!("data/sneakers/{split}"),
            counts: vec![per_class as u64; scene.classes.len()],
            skipped: 0,
            dropped: scene.dropped,
            shards: shards.into_iter().map(|(_, record)| record).collect(),
        };
        splits.insert(split.to_owned(), record);
    }
    write_manifest(scene, folder.path(), digest, splits);
    write_samples(&folder.path().join(Manifest::SAMPLES_FILE), &samples).unwrap();
    folder.publish().unwrap();
    samples
}

fn write_manifest(
    scene: &Scene,
    folder: &Path,
    digest: &str,
    splits: BTreeMap<String, SplitRecord>,
) {
    let manifest = Manifest {
        format_version: Manifest::FORMAT_VERSION,
        fingerprint: digest.to_owned(),
        preparation_version: 2,
        class_names: scene.classes.clone(),
        image_size: [scene.side, scene.side],
        recipe: json!({"image_size": [scene.side, scene.side], "resize": {"stretch": "bilinear"}}),
        mean: [0.5; 3],
        std: [0.25; 3],
        splits,
        files: [].into(),
        checksum: String::new(),
    };
    manifest.write(folder).unwrap();
    let audit = Audit { complete: scene.audited, findings: scene.findings.clone() };
    atomic::write_json(&folder.join(Manifest::AUDIT_FILE), &audit).unwrap();
    let mut sheet = RgbImage::from_pixel(5 * 130 + 10, 2 * 130 + 10, Rgb([250, 250, 248]));
    for place in 0..10 {
        let tile = picture(120, place % scene.classes.len(), place);
        let (x, y) = (place as i64 % 5 * 130 + 10, place as i64 / 5 * 130 + 10);
        image::imageops::replace(&mut sheet, &tile, x, y);
    }
    let mut png = Cursor::new(Vec::new());
    sheet.write_to(&mut png, ImageFormat::Png).unwrap();
    atomic::write(&folder.join(Manifest::SHEET_FILE), png.get_ref()).unwrap();
}

/// A path of the scene: every row has one.
pub fn path(scene: &Scene, split: &str, row: usize) -> String {
    sample(scene, split, row, row % scene.classes.len()).path
}

fn sample(scene: &Scene, split: &str, row: usize, label: usize) -> Sample {
    let path = format!("data/sneakers/{split}/{}/{:03}.jpg", scene.classes[label], row);
    let digest = fingerprint::digest(path.as_bytes());
    let (split, row, label) = (split.to_owned(), row as u64, label as u32);
    let (width, height, format) = (640, 480, "jpeg".to_owned());
    let (phash, notes) = ("00000000ffffffff".to_owned(), String::new());
    Sample { split, row, label, path, digest, width, height, format, phash, notes }
}

/// Stripes or a disc on a slanted wash, in a colour of its own.
fn picture(side: u32, label: usize, row: usize) -> RgbImage {
    let shift = (row * 37 % 90) as f32;
    RgbImage::from_fn(side, side, |x, y| {
        let (u, v) = (x as f32 / side as f32, y as f32 / side as f32);
        let wash = 120.0 + 80.0 * (u + v) / 2.0;
        let inside = match label % 2 {
            0 => (0.25..0.75).contains(&v) && ((u * 9.0 + v * 3.0) as u32).is_multiple_of(2),
            _ => (u - 0.5).hypot(v - 0.5) < 0.28 + shift / 600.0,
        };
        let ink = [60.0 + shift, 70.0, 150.0 - shift];
        let ground = [wash, wash * 0.95 + shift / 4.0, wash * 0.85];
        Rgb(if inside { ink } else { ground }.map(|channel| channel as u8))
    })
}

fn make_run(scene: &Scene, run: &RunDir, digest: &str, samples: &[Sample]) {
    atomic::write(&run.pipeline(), PIPELINE.as_bytes()).unwrap();
    for epoch in 1..=scene.epochs {
        for row in metrics(epoch) {
            jsonl::append(&run.metrics(), &row).unwrap();
        }
    }
    let mut evaluations = Vec::new();
    for &(split, _) in scene.splits.iter().filter(|(split, _)| *split != "train") {
        let predictions = predictions(scene, split, samples);
        let correct = predictions.iter().filter(|row| row.label == row.predicted).count() as u64;
        let (split, count) = (split.to_owned(), predictions.len() as u64);
        if scene.predictions {
            write_predictions(&run.predictions(&split), &scene.classes, &predictions).unwrap();
            evaluations.push(Evaluation {
                split,
                count,
                correct,
                loss: 0.3127,
                ..Evaluation::default()
            });
        }
    }
    atomic::write_json(&run.record(), &record(scene, digest, evaluations)).unwrap();
}

/// Curves that look like learning, and a little like memorising at the end.
fn metrics(epoch: u32) -> [MetricRow; 2] {
    let t = f64::from(epoch);
    let wiggle = (t * 2.3).sin() * 0.012;
    let row = |split: &str, loss: f64, accuracy: f64, seconds: f64| MetricRow {
        epoch,
        split: split.to_owned(),
        loss,
        accuracy,
        learning_rate: 1e-4 * 0.98f64.powf((t * 16.0 / 50.0).floor()),
        seconds,
        images_per_second: 502.0 / seconds,
        data_wait: (split == "train").then_some(0.004),
    };
    let train = row("train", 0.7 * (-t / 9.0).exp() + 0.02, 0.99 - 0.48 * (-t / 7.0).exp(), 17.3);
    let val_loss = 0.28 + 0.45 * (-t / 6.0).exp() + 0.004 * (t - 14.0).max(0.0) + wiggle;
    [train, row("val", val_loss, 0.9 - 0.42 * (-t / 6.0).exp() - wiggle, 0.9)]
}

fn predictions(scene: &Scene, split: &str, samples: &[Sample]) -> Vec<Prediction> {
    let classes = scene.classes.len();
    let predict = |sample: &Sample| {
        let (row, label) = (sample.row as usize, sample.label as usize);
        let wrong = row % scene.wrong_every == scene.wrong_every - 1;
        let predicted = if wrong { (label + 1) % classes } else { label };
        let confidence = 0.51 + 0.48 * ((row * 29 % 97) as f32 / 97.0);
        let rest = (1.0 - confidence) / (classes as f32 - 1.0);
        let mut probabilities = vec![rest; classes];
        probabilities[predicted] = confidence;
        Prediction {
            path: sample.path.clone(),
            label: scene.classes[label].clone(),
            predicted: scene.classes[predicted].clone(),
            probabilities,
        }
    };
    samples.iter().filter(|sample| sample.split == split).map(predict).collect()
}

fn record(scene: &Scene, digest: &str, evaluations: Vec<Evaluation>) -> RunRecord {
    RunRecord {
        format_version: RunRecord::FORMAT_VERSION,
        spec: json!({
            "name": "sneakers",
            "seed": 123,
            "data": {"train": "data/sneakers/train", "val": "data/sneakers/test", "image_size": [224, 224]},
            "train": {"epochs": 60, "batch_size": 32, "checkpoint": {"monitor": "val_accuracy", "mode": "auto"}},
        }),
        seed: 123,
        cache_fingerprint: digest.to_owned(),
        class_names: scene.classes.clone(),
        parameters: 22_175_138,
        device: "cpu".to_owned(),
        threads: 2,
        versions: RunVersions { shoebox: "0.1.0".to_owned(), libtorch: "2.9.0".to_owned() },
        started: "2026-11-24T04:40:00Z".to_owned(),
        seconds: 423.7,
        resumed: 0,
        status: scene.status,
        campaign: None,
        head_first: None,
        best_epoch: (scene.epochs > 0).then_some(scene.epochs.min(17)),
        calibration: None,
        evaluations,
    }
}

const PIPELINE: &str = "\
# A made-up pipeline.
name: sneakers
seed: 123
data:
  train: data/sneakers/train        # a folder per class
  val: data/sneakers/test
model:
  layers:
    - rescale: {scale: 0.00392156862745098}
    - conv2d: {filters: 16, kernel: 3, activation: relu}
    - flatten: {}
    - dense: {units: classes}
";
