//! A pipeline that cannot be: status 2 before anything is read or written.

use crate::programs::train_refuses;
use shoebox_tests::Project;

/// Replaces a text of the pipeline and asserts what `train` says of it.
fn refuses(case: &str, from: &str, to: &str, parts: &[&str]) {
    let project = Project::prepared();
    project.edit_pipeline(from, to);
    train_refuses(case, &project, &[], 2, parts);
}

#[test]
fn an_unknown_key_is_refused_with_line_and_nearest_name() {
    let parts = ["pipeline.yaml:21:3", "unknown field `batch_sise`", "did you mean `batch_size`?"];
    refuses("an unknown key", "batch_size", "batch_sise", &parts);
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    let parts = ["pipeline.yaml:21:15: train.batch_size", "string \"many\"", "a whole number"];
    refuses("a value of the wrong type", "batch_size: 8", "batch_size: many", &parts);
}

#[test]
fn a_key_given_twice_is_refused() {
    let parts = ["pipeline.yaml:", "train: duplicate field `epochs`"];
    refuses("a key given twice", "  epochs: 5", "  epochs: 5\n  epochs: 6", &parts);
}

#[test]
fn a_batch_size_of_0_is_refused() {
    let parts = ["pipeline.yaml:21:15: train.batch_size", "0 is impossible", "give 1 or more"];
    refuses("a batch size of 0", "batch_size: 8", "batch_size: 0", &parts);
}

#[test]
fn a_layer_that_does_not_fit_is_refused_with_its_line() {
    let parts = ["pipeline.yaml:13:7: model.layers[3]: conv2d", "does not fit", "padding: same"];
    let (from, to) = (
        "kernel: 3, activation: relu}\n    - max_pool2d: {size: 2}\n    - dropout",
        "kernel: 30, activation: relu}\n    - max_pool2d: {size: 2}\n    - dropout",
    );
    refuses("a layer that does not fit", from, to, &parts);
}

#[test]
fn a_network_for_another_number_of_classes_is_refused() {
    let parts = [
        "pipeline.yaml:17:7: model.layers[7]",
        "gives 3 logits, but 2 are needed",
        "write `units: classes`",
    ];
    refuses("a network for another number of classes", "units: classes", "units: 3", &parts);
}

#[test]
fn an_unknown_key_in_set_is_refused_naming_the_assignment() {
    let project = Project::prepared();
    let parts = ["--set train.epoch=3", "unknown field `epoch`", "did you mean `epochs`?"];
    let args = ["--set", "train.epoch=3", "--set", "seed=4"];
    train_refuses("an unknown key in `--set`", &project, &args, 2, &parts);
}

#[test]
fn a_pipeline_that_is_not_there_is_refused() {
    let project = Project::prepared();
    std::fs::remove_file(project.pipeline()).unwrap();
    let parts = ["pipeline.yaml: cannot read", "No such file", "pass the path of a YAML file"];
    train_refuses("no such pipeline", &project, &[], 2, &parts);
}
