//! `train --find-lr`: the range test.
#![cfg(unix)]

use crate::programs::train;
use shoebox_artifact::records::{RangeTestRecord, RunStatus, read_rate_points};
use shoebox_tests::Project;
use std::path::Path;

#[test]
fn rates_climb_until_the_loss_does_and_one_is_suggested() {
    let project = Project::prepared();
    let output = train(&project, &["--find-lr"]);
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let folder = project.artifacts().find_range_test(Path::new(stdout.trim_end())).unwrap();
    let points = read_rate_points(&folder.points()).unwrap();
    assert!((points[0].learning_rate - 1e-7).abs() < 1e-15);
    assert!(points.len() > 50 && points.windows(2).all(|two| two[0].step + 1 == two[1].step));
    let record = RangeTestRecord::read(&folder.record()).unwrap();
    let found = record.suggestion.unwrap();
    // The pipeline's own rate for Adam, at which it learns well, is 0.005.
    assert!((3e-4..0.3).contains(&found.steepest), "{found:?}");
    assert!(found.minimum_tenth < 1.0, "{found:?}");
    let line = format!("learning_rate: {{constant: {:.1e}}}", found.steepest);
    assert!(stderr.contains(&line) && stderr.contains("falls fastest"), "{stderr}");
    for ending in ["svg", "png"] {
        assert!(folder.chart(ending).is_file());
    }
    assert!(project.runs().is_empty(), "its weights are thrown away");
    // The suggestion stands in a pipeline as it is.
    let given = format!("train.learning_rate={{constant: {:.1e}}}", found.steepest);
    let run = project.train(&[&given]).unwrap();
    assert!(run.record.evaluations[0].accuracy() > 0.8, "{:?}", run.record.evaluations);
}

#[test]
fn the_schedule_is_not_used_and_steps_of_several_batches_count_once() {
    let project = Project::prepared();
    let constant = project.find_lr(&["train.learning_rate.constant=5"], false).unwrap();
    let cosine = project.find_lr(&["train.learning_rate={cosine: {peak: 0.1}}"], false).unwrap();
    assert_eq!(constant.points, cosine.points);
    let several = project.find_lr(&["train.batch_size=4", "train.accumulate=2"], false).unwrap();
    let (one, two) = (&constant.points[0], &several.points[0]);
    assert_eq!(one.learning_rate, two.learning_rate);
    assert!((one.loss - two.loss).abs() < 0.5, "{one:?} {two:?}");
}

#[test]
fn an_interrupt_keeps_what_was_tried_and_suggests_nothing() {
    let project = Project::prepared();
    let test = project.find_lr(&[], true).unwrap();
    assert_eq!(test.record.status, RunStatus::Interrupted);
    assert!(test.points.is_empty() && test.record.suggestion.is_none());
    assert!(test.folder.record().is_file());
}

#[test]
fn it_is_one_thing_at_a_time() {
    let project = Project::prepared();
    for other in [["--seeds", "2"], ["--folds", "2"]] {
        let output = train(&project, &["--find-lr", other[0], other[1]]);
        assert_eq!(output.status.code(), Some(2));
    }
}
