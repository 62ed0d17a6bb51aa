//! What a user sees for a mistake in a pipeline: every message, as a snapshot.

use shoebox_spec::{
    AuditRules, AuditSpec, DataSpec, Leakage, Limits, Nesting, Optimizer, PipelineSpec, Residency,
    Sgd, Source, SplitSpec, Truncated, load, parse,
};
use std::{fs, path::Path};

/// The tutorial's pipeline as it once was: the messages name its lines.
const SNEAKERS: &str = include_str!("tutorial.yaml");

/// What is said of sneakers.yaml with `from` replaced by `to`.
fn message(from: &str, to: &str) -> String {
    assert!(SNEAKERS.contains(from), "{from} is not in sneakers.yaml");
    let text = SNEAKERS.replacen(from, to, 1);
    let error = parse(&text, "sneakers.yaml", &[]).expect_err(to);
    format!("{from:?} → {to:?}\n  {error}\n")
}

fn set(assignments: &[&str]) -> Result<PipelineSpec, String> {
    let owned: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
    parse(SNEAKERS, "sneakers.yaml", &owned).map_err(|error| error.to_string())
}

#[test]
fn mistakes_are_named_with_line_expectation_and_nearest_name() {
    let mistakes = [
        ("name: sneakers", "nam: sneakers"),
        ("name: sneakers", "name: my sneakers"),
        ("seed: 123", "seed: -1"),
        ("  train: data/sneakers/train", "  tain: data/sneakers/train"),
        ("  val: data/sneakers/test\n", ""),
        ("  train: data/sneakers/train        # a folder per class\n", ""),
        ("[224, 224]", "[224]"),
        ("[224, 224]", "[224, 0]"),
        ("resize: {stretch: bilinear}", "resize: {stretch: bicubic}"),
        ("resize: {stretch: bilinear}", "resize: {strech: bilinear}"),
        ("resize: {stretch: bilinear}", "resize: stretch"),
        ("filters: 32", "fliters: 32"),
        ("filters: 32", "filters: -32"),
        ("kernel: 3, activation: relu}\n    - max", "kernel: 300, activation: relu}\n    - max"),
        ("activation: relu}\n    - average", "activation: rellu}\n    - average"),
        ("- max_pool2d: {size: 2}", "- max_pool2d: {size: 0}"),
        ("- flatten: {}", "- flattne: {}"),
        ("- flatten: {}\n", "\n"),
        ("- flatten: {}", "- flatten: {axis: 1}"),
        ("rate: 0.3", "rate: 1.3"),
        ("units: classes", "units: 0"),
        ("units: classes", "units: clases"),
        ("units: classes", "units: classes, activation: relu"),
        ("device: auto", "device: gpu"),
        ("batch_size: 32", "batch_size: -1"),
        ("batch_size: 32", "precision: float16"),
        ("batch_size: 32", "accumulate: 0"),
        ("batch_size: 32", "sampling: balanced\n  shuffle: {blocks: 10}"),
        ("batch_size: 32", "clip_norm: 0"),
        ("batch_size: 32", "ema: 1"),
        ("batch_size: 32", "loss: {label_smoothing: 1}"),
        ("batch_size: 32", "loss: {class_weights: {by_name: {a.b: 0}}}"),
        ("optimizer: {adam: {}}", "optimizer: {adamw: {weight_decay: -1}}"),
        ("optimizer: {adam: {}}", "optimizer: {rmsprop: {rho: 1}}"),
        ("batch_size: 32", "head_first: {epochs: 10}"),
        ("batch_size: 32", "head_first: {epochs: 0}"),
        ("batch_size: 32", "head_first: {epochs: 3, learning_rate: {cosine: {peak: 0}}}"),
        (
            "batch_size: 32",
            "head_first: {epochs: 3, learning_rate: {reduce_on_plateau: {initial: 1}}}",
        ),
        ("checkpoint: {monitor: val_accuracy}", "checkpoint: {keep: first}"),
        (
            "patience: 20}\n  checkpoint: {monitor: val_accuracy}",
            "restore_best: true}\n  checkpoint: {keep: last}",
        ),
        ("batch_size: 32", "image_size: 256"),
        ("batch_size: 32", "image_size: 0"),
        ("batch_size: 32", "image_size: 192"),
        ("batch_size: 32", "image_size: 5"),
        ("train:\n  device", "evaluate: {tta: mirror}\ntrain:\n  device"),
        ("train:\n  device", "evaluate: {ttta: flip}\ntrain:\n  device"),
        ("train:\n  device", "evaluate: {reject: {precision: 1}}\ntrain:\n  device"),
        ("train:\n  device", "evaluate: {reject: {}}\ntrain:\n  device"),
        ("batch_size: 32", "shuffle: block"),
        ("batch_size: 32", "shuffle: {blocks: 0}"),
        ("batch_size: 32", "batch_sise: 32"),
        ("batch_size: 32", "batch_size: many"),
        ("batch_size: 32", "batch_size: 0"),
        ("batch_size: 32", "batch_size: 32\n  batch_size: 16"),
        ("  epochs: 60", "epochs: 60"),
        ("adam: {}", "adam: {}, sgd: {}"),
        ("adam: {}", "adam: {beta_3: 0.9}"),
        ("adam: {}", "sgd: {nesterov: true}"),
        ("initial: 1.0e-4", "initial: -1"),
        ("decay_steps: 50", "decay_steps: 0"),
        ("patience: 20", "patience: twenty"),
        ("monitor: val_accuracy, min", "monitor: val_acuracy, min"),
        ("layers:", "layers: ["),
    ];
    let said: Vec<String> = mistakes.iter().map(|(from, to)| message(from, to)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// The tutorial's pipeline with `model` as its network.
fn with_model(model: &str) -> String {
    let (before, rest) = SNEAKERS.split_once("model:\n").expect("a model");
    let (_, train) = rest.split_once("train:\n").expect("a training");
    format!("{before}model:\n{model}\ntrain:\n{train}")
}

#[test]
fn mistakes_about_augmentation_are_named_with_line_and_nearest_name() {
    let mistakes = [
        "{flip: {}}",
        "[flip]",
        "[{filp: {}}]",
        "[{flip: {horizontal: 1.5}}]",
        "[{flip: {}}, {rotation: {}}]",
        "[{rotation: {degrees: 270}}]",
        "[{rotation: {degree: 10}}]",
        "[{flip: {}}, {hue: {amount: 0.1}}, {flip: {vertical: 0.5}}]",
        "[{random_resized_crop: {area: 0.5}}]",
        "[{random_resized_crop: {area: [0.5]}}]",
        "[{random_resized_crop: {area: [0, 1]}}]",
        "[{random_resized_crop: {aspect: [2, 0.5]}}]",
        "[{zoom: {scale: [0.2, 1]}}]",
        "[{translation: {height: 0.1}}]",
        "[{brightness: 0.2}]",
        "[{contrast: {amount: 1.2}}]",
        "[{saturation: {amount: -0.1}}]",
        "[{hue: {amount: 0.6}}]",
        "[{random_erasing: {probability: .nan}}]",
        "[{mixup: {alpha: 0}}]",
        "[{mix_up: {alpha: 1}}]",
        "[{cutmix: {probability: 2}}]",
        "[{cutmix: {}}]\n  shuffle: {blocks: 10}",
    ];
    let said: Vec<String> = mistakes
        .iter()
        .map(|list| message("batch_size: 32", &format!("augment: {list}")))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn augmentation_has_the_defaults_of_its_sources_and_none_unless_asked_for() {
    assert!(set(&[]).unwrap().train.augment.is_empty());
    let list =
        "[{random_resized_crop: {}}, {flip: {}}, {random_erasing: {}}, {mixup: {}}, {cutmix: {}}]";
    let spec = set(&[&format!("train.augment={list}")]).unwrap();
    let json = serde_json::to_string(&spec.train.augment).unwrap();
    assert_eq!(
        json,
        r#"[{"random_resized_crop":{"area":[0.08,1.0],"aspect":[0.75,1.3333333333333333]}},{"flip":{"horizontal":0.5,"vertical":0.0}},{"random_erasing":{"probability":0.5,"area":[0.02,0.33],"aspect":[0.3,3.3]}},{"mixup":{"alpha":0.2,"probability":1.0}},{"cutmix":{"alpha":1.0,"probability":1.0}}]"#
    );
}

const HEAD: &str = "  head:\n    - global_average_pool2d: {}\n    - dense: {units: classes}";

#[test]
fn mistakes_about_a_backbone_are_named_with_line_and_nearest_name() {
    let lite0 = |tuning: &str| format!("  backbone: {{efficientnet_lite0: {tuning}}}\n{HEAD}");
    let mistakes = [
        "  {}".to_owned(),
        format!("  backbone: {{efficientnet_lite1: {{weights: imagenet}}}}\n{HEAD}"),
        format!("  backbone: resnet18\n{HEAD}"),
        lite0("{}"),
        lite0("{weights: imagnet}"),
        lite0("{weights: lite0.pth}"),
        lite0("{weight: imagenet}"),
        lite0("{weights: imagenet, train_from: 98}"),
        lite0("{weights: imagenet, train_from: -1}"),
        lite0("{weights: imagenet, train_from: _blocks.16}"),
        lite0("{weights: imagenet, train_from: haed}"),
        lite0("{weights: imagenet, train_from: [1]}"),
        lite0("{weights: imagenet, statistics: fixed}"),
        format!("  backbone: {{resnet18: {{weights: random, train_from: layer5}}}}\n{HEAD}"),
        format!("{}\n  layers:\n    - flatten: {{}}", lite0("{weights: imagenet}")),
        HEAD.to_owned(),
        "  backbone: {resnet18: {weights: random}}".to_owned(),
        "  backbone: {resnet18: {weights: random}}\n  head:\n    - dense: {units: classes}"
            .to_owned(),
        "  backbone: {resnet18: {weights: random}}\n  head:\n    - dropout: {rate: 2}".to_owned(),
        "  backbone: {resnet18: {weights: imagenet}}\n  head:\n    - flatten: {}".to_owned(),
        "  head:\n    - block: {}".to_owned(),
    ];
    let said: Vec<String> = mistakes
        .iter()
        .map(|model| {
            let error = parse(&with_model(model), "sneakers.yaml", &[]).expect_err(model);
            format!("{model}\n  {error}\n")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_backbone_stands_before_its_head() {
    let text = with_model(&format!(
        "  backbone: {{efficientnet_lite0: {{weights: imagenet, train_from: 80}}}}\n{HEAD}"
    ));
    let spec = parse(&text, "sneakers.yaml", &[]).unwrap();
    let plan = spec.plan(2).unwrap();
    let names: Vec<&str> = plan.layers.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names[..3], ["_conv_stem", "_blocks.0", "_blocks.1"]);
    assert_eq!(names[16..], ["_blocks.15", "_conv_head", "global_average_pool2d", "dense"]);
    assert_eq!(plan.layers[17].output.to_string(), "(None, 7, 7, 1280)");
    let all = plan.params();
    let set = |value: &str| {
        let assignment = format!("model.backbone.efficientnet_lite0.train_from={value}");
        let plan = parse(&text, "sneakers.yaml", &[assignment]).unwrap().plan(2).unwrap();
        assert_eq!(plan.params(), all);
        plan.trainable_params()
    };
    assert_eq!(set("head"), 1280 * 2 + 2);
    // But for the means and variances of the batch norms.
    assert_eq!(set("0"), all - 2 * 21_008);
    assert!(set("_blocks.5") > set("_blocks.6"));
}

/// The two lines that say where the tutorial's pictures are.
const FOLDERS: &str =
    "  train: data/sneakers/train        # a folder per class\n  val: data/sneakers/test\n";

#[test]
fn mistakes_about_the_place_of_the_pictures_name_the_way_out() {
    let places = [
        "",
        "  path: data",
        "  path: data\n  csv: labels.csv\n  split: {val: 0.2}",
        "  train: data/train\n  val: data/val\n  path: data",
        "  test: data/test\n  csv: labels.csv",
        "  test: data/test",
        "  train: data/train\n  val: data/val\n  split: {val: 0.2}",
        "  path: data\n  split: {}",
        "  path: data\n  split: {val: 0}",
        "  path: data\n  split: {val: .nan}",
        "  path: data\n  split: {val: 0.2, test: 1}",
        "  path: data\n  split: {val: 0.2, test: -0.1}",
        "  path: data\n  split: {val: 0.6, test: 0.4}",
        "  path: data\n  split: {val: 0.2, sead: 7}",
        "  path: data\n  split: {val: 0.2, seed: -7}",
        "  path: data\n  split: 0.2",
        "  path: data\n  split: {val: 0.2}\n  labels: leave",
        "  csv: labels.csv\n  labels: leaf",
        "  csv: labels.csv\n  classes: [nike]",
        "  csv: labels.csv\n  classes: [nike, adidas, nike]",
        "  csv: labels.csv\n  classes: nike",
        "  csv: labels.csv\n  truncated: mend",
        "  csv: labels.csv\n  limits: {pixels: 0}",
        "  csv: labels.csv\n  limits: {bytes: 0}",
        "  csv: labels.csv\n  limits: {megapixels: 12}",
        "  csv: labels.csv\n  limits: 12",
        "  csv: labels.csv\n  audit: of",
        "  csv: labels.csv\n  residency: gpu",
        "  csv: labels.csv\n  audit: {leakage: drops}",
        "  csv: labels.csv\n  audit: {near_duplicates: 20}",
        "  csv: labels.csv\n  audit: {leak: drop}",
    ];
    let said: Vec<String> = places
        .iter()
        .map(|place| {
            let text = SNEAKERS.replacen(FOLDERS, &format!("{place}\n"), 1);
            let error = parse(&text, "sneakers.yaml", &[]).expect_err(place);
            format!("{place:?}\n  {error}\n")
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// The data section with `place` instead of the tutorial's folders.
fn data(place: &str) -> DataSpec {
    let text = SNEAKERS.replacen(FOLDERS, &format!("{place}\n"), 1);
    parse(&text, "sneakers.yaml", &[]).unwrap_or_else(|error| panic!("{error}")).data
}

#[test]
fn there_are_three_ways_to_say_where_the_pictures_are() {
    let folders = data("  train: a\n  val: b\n  test: c");
    let (train, val, test) = (Path::new("a"), Path::new("b"), Some(Path::new("c")));
    assert_eq!(folders.source(), Ok(Source::Folders { train, val, test }));
    let split = SplitSpec { val: 0.2, test: 0.1, seed: 7 };
    let tree = data("  path: a\n  split: {val: 0.2, test: 0.1, seed: 7}\n  labels: top");
    assert_eq!(tree.source(), Ok(Source::Tree { path: train, split }));
    assert_eq!(tree.labels, Some(Nesting::Top));
    let table = data("  csv: a\n  classes: [nike, adidas]");
    assert_eq!(table.source(), Ok(Source::Table { path: train, split: None }));
    assert_eq!(table.classes.as_deref(), Some(&["nike".to_owned(), "adidas".to_owned()][..]));
    let divided = data("  csv: a\n  split: {val: 0.2}");
    let split = SplitSpec { val: 0.2, test: 0.0, seed: 0 };
    assert_eq!(divided.source(), Ok(Source::Table { path: train, split: Some(split) }));
}

#[test]
fn where_pictures_are_while_training_says_nothing_about_the_cache() {
    let data = |value: &str| data(&format!("  path: a\n  split: {{val: 0.2}}\n{value}"));
    let (auto, held) = (data(""), data("  residency: device"));
    assert_eq!((auto.residency, held.residency), (Residency::Auto, Residency::Device));
    assert_eq!(held.preparation(), auto.preparation());
}

#[test]
fn the_audit_is_off_or_has_rules() {
    let audit = |value: &str| data(&format!("  path: a\n  split: {{val: 0.2}}\n{value}")).audit;
    assert_eq!(audit(""), AuditSpec::On(AuditRules::default()));
    assert_eq!(audit("  audit: off"), AuditSpec::Off);
    assert_eq!(audit("  audit: {}"), AuditSpec::default());
    let rules = AuditRules { leakage: Leakage::Drop, ..AuditRules::default() };
    assert_eq!(audit("  audit: {leakage: drop}"), AuditSpec::On(rules));
    let rules = AuditRules { near_duplicates: 12, ..AuditRules::default() };
    assert_eq!(audit("  audit: {near_duplicates: 12}").rules(), Some(&rules));
}

#[test]
fn what_may_be_left_out_has_a_default() {
    let data = data("  path: a\n  split: {val: 0.2}");
    assert_eq!(data.truncated, Truncated::Refuse);
    assert_eq!(data.limits, Limits { pixels: 178_956_970, bytes: 512 << 20 });
    assert_eq!((data.labels, data.classes), (None, None));
}

/// What a cache is found by must not change with keys that nobody gave.
#[test]
fn a_data_section_survives_a_trip_through_json() {
    let sections = [
        "  train: a\n  val: b",
        "  path: a\n  split: {val: 0.25, test: 0.5, seed: 18446744073709551615}\n  labels: leaf\n  audit: off",
        "  csv: a\n  classes: [x, y]\n  limits: {pixels: 5}\n  truncated: repair\n  audit: {leakage: error}",
    ];
    for section in sections {
        let data = data(section);
        let json = serde_json::to_string(&data).unwrap();
        assert_eq!(serde_json::from_str::<DataSpec>(&json).unwrap(), data, "{json}");
        assert!(!json.contains("null"), "{json}");
    }
}

#[test]
fn set_turns_folders_into_a_split() {
    let spec = set(&["data.train=~", "data.val=~", "data.path=a", "data.split.val=0.5"]).unwrap();
    assert!(matches!(spec.data.source(), Ok(Source::Tree { split, .. }) if split.val == 0.5));
    let off = set(&["data.audit=off", "data.limits.pixels=9"]).unwrap().data;
    assert_eq!((off.audit, off.limits.pixels), (AuditSpec::Off, 9));
}

#[test]
fn mistakes_in_set_name_the_assignment() {
    let mistakes = [
        &["train.epoch=5"][..],
        &["train.epochs"],
        &["train.epochs=five"],
        &["train.batch_size=0"],
        &["trian.epochs=5"],
        &["model.layers.99.dropout.rate=1"],
        &["model.layers.first.dropout.rate=1"],
        &["model.layers.1.conv2d.kernel=300"],
        &["name.x=1"],
        &["train.epochs=["],
        // The first of these is the one to blame.
        &["train.epoch=5", "seed=7"],
        &["seed=7", "train.learning_rate.constant=0.1"],
    ];
    let said: Vec<String> = mistakes
        .iter()
        .map(|given| format!("{given:?}\n  {}\n", set(given).expect_err(given[0])))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn set_overrides_values_and_defaults() {
    let spec = set(&[
        "train.epochs=5",
        "model.layers.1.conv2d.filters=8",
        "train.optimizer={sgd: {momentum: 0.9}}",
        "train.early_stopping.baseline=0.5",
        "data.test=foo",
    ])
    .unwrap();
    assert_eq!(spec.train.epochs, 5);
    assert_eq!(spec.train.optimizer, Optimizer::Sgd(Sgd { momentum: 0.9, ..Sgd::default() }));
    assert_eq!(spec.train.early_stopping.unwrap().baseline, Some(0.5));
    assert_eq!(spec.data.test.as_deref(), Some(Path::new("foo")));
    assert_eq!(spec.model.layers[1].kind(), "conv2d");
}

#[test]
fn the_last_of_two_assignments_counts() {
    assert_eq!(set(&["train.epochs=5", "train.epochs=6"]).unwrap().train.epochs, 6);
    // What is no spec on the way there does not matter.
    assert_eq!(set(&["train.epochs=five", "train.epochs=6"]).unwrap().train.epochs, 6);
}

#[test]
fn every_pipeline_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines");
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml"))
        .collect();
    assert!(!files.is_empty());
    for file in files {
        if let Err(error) = load(&file, &[]) {
            panic!("{error}");
        }
    }
}
