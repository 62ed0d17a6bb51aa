//! Rows, labels and files belong together.

use crate::project::{Project, jpeg};
use proptest::{collection::vec, prelude::*};
use shoebox_artifact::records::{Manifest, read_samples};
use shoebox_cache::TensorCache;
use shoebox_prep::{Options, Recipe, Workspace, prepare, progress::Silent, run};
use shoebox_spec::Unreadable;
use std::fs;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the numbers of files and wherever the broken ones are.
    #[test]
    fn every_readable_file_appears_exactly_once(
        broken in vec(vec(any::<bool>(), 0..7), 2..5),
    ) {
        let project = Project::empty();
        let mut readable = Vec::new();
        for (class, files) in broken.iter().enumerate() {
            // One that can be read, so that the class has a picture.
            for (number, &broken) in files.iter().chain([&false]).enumerate() {
                let path = format!("data/train/class{class}/{number}.jpg");
                let bytes = jpeg((10 * class + number) as u8);
                project.write(&path, if broken { &bytes[..40] } else { &bytes });
                if !broken {
                    readable.push((class as u32, project.path(&path).display().to_string()));
                }
            }
            project.write(&format!("data/val/class{class}/0.jpg"), &jpeg(class as u8));
        }
        let data = shoebox_spec::DataSpec { unreadable: Unreadable::Skip, ..project.data() };
        let options = Options { data, ..project.options() };
        let summary = run(&options, &Silent).unwrap();
        let recipe = Recipe::new(&options.data);

        let samples = read_samples(&summary.cache.join(Manifest::SAMPLES_FILE)).unwrap();
        let (train, val): (Vec<_>, Vec<_>) =
            samples.into_iter().partition(|sample| sample.split == "train");
        prop_assert_eq!(val.len(), broken.len());
        let listed: Vec<_> =
            train.iter().map(|sample| (sample.label, sample.path.clone())).collect();
        prop_assert_eq!(&listed, &readable);

        let cache = TensorCache::open(&summary.cache).unwrap();
        let split = cache.split("train").unwrap();
        let labels = split.labels().unwrap();
        prop_assert_eq!(labels.len(), readable.len());
        for (row, sample) in train.iter().enumerate() {
            prop_assert_eq!(sample.row, row as u64);
            prop_assert_eq!(labels[row], i64::from(sample.label));
            let bytes = fs::read(&sample.path).unwrap();
            prop_assert_eq!(&sample.digest, &shoebox_artifact::fingerprint::digest(&bytes));
            let mut pixels = [0; 8 * 8 * 3];
            let facts = prepare(&bytes, &recipe, &mut Workspace::default(), &mut pixels).unwrap();
            prop_assert_eq!(split.row(row), &pixels[..]);
            prop_assert_eq!((sample.width, sample.height), (facts.width, facts.height));
            prop_assert_eq!((&*sample.format, &*sample.notes), ("jpeg", ""));
        }
    }
}

#[test]
fn files_come_class_by_class_in_the_order_of_their_bytes() {
    let project = Project::new();
    project.write("data/train/adidas/10.jpg", &jpeg(40));
    project.prepare();
    let samples = read_samples(&project.cache().join(Manifest::SAMPLES_FILE)).unwrap();
    let train = samples.iter().filter(|sample| sample.split == "train");
    let paths: Vec<_> = train.map(|sample| sample.path.trim_start_matches("data/train/")).collect();
    assert_eq!(
        paths,
        [
            "adidas/0.jpg",
            "adidas/1.jpg",
            "adidas/10.jpg",
            "adidas/2.jpg",
            "nike/0.jpg",
            "nike/1.jpg",
            "nike/2.jpg"
        ]
    );
}
