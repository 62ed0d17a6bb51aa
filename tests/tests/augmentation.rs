//! Training with augmentation, from the pipeline to the picture of it.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{jsonl, records::MetricRow};
use shoebox_tests::Project;
use shoebox_train::Outcome;

const EVERYTHING: &str = "train.augment=[{random_resized_crop: {area: [0.6, 1]}}, {flip: {}}, \
    {rotation: {degrees: 10}}, {zoom: {scale: [0.9, 1.1]}}, \
    {translation: {height: 0.05, width: 0.05}}, {brightness: {amount: 0.1}}, \
    {contrast: {amount: 0.1}}, {saturation: {amount: 0.1}}, {hue: {amount: 0.05}}, \
    {random_erasing: {}}, {mixup: {}}, {cutmix: {}}]";

/// Loss and accuracy of both splits, epoch by epoch.
fn figures(outcome: &Outcome) -> Vec<[f64; 2]> {
    let rows: Vec<MetricRow> = jsonl::read(&outcome.run.metrics()).unwrap();
    rows.iter().map(|row| [row.loss, row.accuracy]).collect()
}

#[test]
fn a_training_with_augmentation_reproduces_itself() {
    let project = Project::prepared();
    let train = |more: &[&str]| {
        let assignments = [&["train.epochs=3", EVERYTHING], more].concat();
        figures(&project.train(&assignments).unwrap())
    };
    let first = train(&[]);
    assert_eq!(first, train(&[]));
    assert_ne!(first, train(&["train.augment=[]"]));
    assert_ne!(first, train(&["train.augment=[{flip: {}}]"]));
}

#[test]
fn balanced_sampling_accumulation_and_weights_go_with_mixed_pictures() {
    let project = Project::prepared();
    let outcome = project.train(&[
        "train.epochs=2",
        EVERYTHING,
        "train.sampling=balanced",
        "train.accumulate=2",
        "train.batch_size=5",
        "train.loss={label_smoothing: 0.1, class_weights: {by_name: {discs: 2}}}",
    ]);
    let figures = figures(&outcome.unwrap());
    assert_eq!(figures.len(), 4);
    // What both labels count by their share is no number of pictures.
    assert!(figures.iter().all(|[loss, _]| loss.is_finite()));
    let train: Vec<f64> = figures.iter().step_by(2).map(|[_, accuracy]| accuracy * 48.0).collect();
    assert!(train.iter().any(|count| count.fract() > 1e-6), "{train:?}");
}

#[test]
fn a_run_has_a_picture_of_what_the_network_sees() {
    let project = Project::prepared();
    let run = project.train(&["train.epochs=1", "train.augment=[{flip: {horizontal: 1}}]"]);
    let sheet = image::open(run.unwrap().run.augmented()).unwrap().to_rgb8();
    // Six pictures of 24 pixels, each beside what seven epochs make of it.
    assert_eq!(sheet.dimensions(), (8 * 28 + 4, 6 * 28 + 4));
    let tile = |row: u32, column: u32| {
        let [x, y] = [column, row].map(|place| 4 + place * 28);
        image::imageops::crop_imm(&sheet, x, y, 24, 24).to_image()
    };
    let split = project.cache();
    let split = split.split("train").unwrap();
    for row in 0..6 {
        let original = tile(row, 0);
        assert!((0..split.len()).any(|place| split.row(place) == original.as_raw().as_slice()));
        for column in 1..8 {
            assert!(tile(row, column) == image::imageops::flip_horizontal(&original));
        }
    }
    let plain = project.short_run();
    assert!(!plain.augmented().exists(), "pictures stay as they are, so there is none");
}
