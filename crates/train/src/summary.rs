//! The table of a network's layers, as Keras prints it.

use crate::TrainError;
use shoebox_artifact::{Artifacts, fingerprint::digest_json};
use shoebox_cache::CacheError;
use shoebox_kernels::Vectors;
use shoebox_model::{Group, choose_device, groups};
use shoebox_spec::{DataSpec, Layer, LayerPlan, Nesting, PipelineSpec, Plan, Source};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// The table of `plan`: layer, output shape, parameters; then the totals. A
/// bracket holds together the layers that `groups` says are one operation;
/// beside a block stand the numbers that `train_from` knows its layers by.
pub fn summary(plan: &Plan, groups: &[Group]) -> String {
    let mut rows = vec![["Layer".to_owned(), "Output shape".to_owned(), "Parameters".to_owned()]];
    rows.extend(plan.layers.iter().map(|layer| {
        let params = layer.trainable_params + layer.fixed_params;
        [layer.name.clone(), layer.output.to_string(), thousands(params)]
    }));
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name, shape, count) = (width(0), width(1), width(2));
    let rule = "─".repeat(name + shape + count + 4);
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        // Writing to a String cannot fail.
        let note = index.checked_sub(1).map_or(String::new(), |layer| {
            let block = block_note(&plan.layers[layer]);
            block.unwrap_or_else(|| bracket(layer, groups).to_owned())
        });
        let line = format!("{:<name$}  {:<shape$}  {:>count$}", row[0], row[1], row[2]);
        let _ = writeln!(text, "{line}{note}");
        if index == 0 {
            let _ = writeln!(text, "{rule}");
        }
    }
    let (all, trainable) = (plan.params(), plan.trainable_params());
    let _ = writeln!(text, "{rule}");
    let _ = writeln!(
        text,
        "{} parameters, {} trainable, {} not; {:.2} MiB",
        thousands(all),
        thousands(trainable),
        thousands(all - trainable),
        all as f64 * 4.0 / f64::from(1 << 20),
    );
    if groups.iter().any(|group| group.fused) {
        let _ = writeln!(
            text,
            "bracketed layers are one operation each, with {} vectors",
            Vectors::in_use()
        );
    }
    if groups.iter().any(|group| group.by_onednn) {
        let _ = writeln!(text, "dense layers are oneDNN's");
    }
    text
}

/// The numbers of a block's layers, and whether they are trained.
fn block_note(layer: &LayerPlan) -> Option<String> {
    let Layer::Block(block) = &layer.layer else { return None };
    let flags = block.conv_norms().flat_map(|unit| [unit.trains_conv, unit.trains_norm]);
    let frozen = flags.filter(|trains| !trains).count();
    let (first, count) = (block.first_layer, block.layers());
    let state = match frozen {
        0 => String::new(),
        frozen if frozen == count => ", frozen".to_owned(),
        frozen => format!(", trained from {}", first + frozen),
    };
    Some(format!("  layers {first}–{}{state}", first + count - 1))
}

/// The part of a bracket that stands beside the layer at `position`.
fn bracket(position: usize, groups: &[Group]) -> &'static str {
    let fused = groups.iter().find(|group| group.fused && group.layers.contains(&position));
    let Some(Group { layers, .. }) = fused else { return "" };
    match (position == layers.start, position + 1 == layers.end) {
        (true, true) => " ]",
        (true, false) => " ┐",
        (false, false) => " │",
        (false, true) => " ┘",
    }
}

/// `22175138` as `22,175,138`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The table for the pipeline at `path` without training anything. The number
/// of classes comes from its cache; before `prep` ran, from the classes that
/// the pipeline selects, or from class folders where each is a class.
///
/// # Errors
/// A spec that cannot be, or no way to tell the number of classes without `prep`.
pub fn model_summary(
    path: &Path,
    artifacts: &Path,
    assignments: &[String],
) -> Result<String, TrainError> {
    let spec = shoebox_spec::load(path, assignments)?;
    let classes = count_classes(&spec, artifacts)?;
    let plan = spec.plan(classes).map_err(|problem| spec.locate(path, problem))?;
    // A device that is asked for and not there is for training to refuse.
    let device = choose_device(spec.train.device).unwrap_or(tch::Device::Cpu);
    Ok(summary(&plan, &groups(&plan.layers, spec.train.kernels, device)))
}

fn count_classes(spec: &PipelineSpec, artifacts: &Path) -> Result<u32, TrainError> {
    let artifacts = Artifacts::new(artifacts);
    match shoebox_cache::find(&artifacts, &digest_json(&spec.data.preparation())) {
        Ok(found) => Ok(found.cache.manifest().class_names.len() as u32),
        Err(error) => match named_classes(&spec.data) {
            0 => Err(match error {
                CacheError::Changed { .. } => {
                    CacheError::Missing { path: PathBuf::from(artifacts.root()) }
                }
                other => other,
            }
            .into()),
            classes => Ok(classes),
        },
    }
}

/// The number of classes as far as it shows without looking at pictures; 0
/// where only `prep` can tell: in a table, and where the innermost folders
/// name the classes.
fn named_classes(data: &DataSpec) -> u32 {
    match (&data.classes, data.source()) {
        (Some(classes), _) => classes.len() as u32,
        _ if data.labels == Some(Nesting::Leaf) => 0,
        (None, Ok(Source::Folders { train: folder, .. } | Source::Tree { path: folder, .. })) => {
            class_folders(folder)
        }
        (None, _) => 0,
    }
}

fn class_folders(folder: &Path) -> u32 {
    let visible = |entry: &fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| visible(entry) && entry.path().is_dir()).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_spec::{Kernels, SplitSpec};
    use tch::Device;

    #[test]
    fn the_tutorials_network_has_22_175_138_parameters() {
        let yaml = include_str!("../../../pipelines/sneakers.yaml");
        let spec = shoebox_spec::parse(yaml, "sneakers.yaml", &[]).unwrap();
        let plan = spec.plan(2).unwrap();
        let plain = summary(&plan, &groups(&plan.layers, Kernels::Plain, Device::Cpu));
        assert!(plain.contains("22,175,138 parameters"), "{plain}");
        assert!(plain.contains("dense           (None, 128)           22,151,296\n"), "{plain}");
        assert!(!plain.contains("one operation"), "{plain}");
        let fused = summary(&plan, &groups(&plan.layers, Kernels::Auto, Device::Cpu));
        let brackets: String = fused.chars().filter(|char| "┐│┘]".contains(*char)).collect();
        // rescale, conv2d, average_pool2d; conv2d_1, max_pool2d, dropout; conv2d_2, dropout_1
        assert_eq!(brackets, "┐│┘┐│┘┐┘", "{fused}");
    }

    #[test]
    fn a_backbones_blocks_show_what_train_from_may_say() {
        let yaml = "{name: x, data: {train: a, val: b}, model: {backbone: {efficientnet_lite0: {weights: imagenet, train_from: 80}}, head: [{global_average_pool2d: {}}, {dense: {units: classes}}]}}";
        let plan = shoebox_spec::parse(yaml, "x.yaml", &[]).unwrap().plan(2).unwrap();
        let text = summary(&plan, &groups(&plan.layers, Kernels::Auto, Device::Cpu));
        for row in [
            "_conv_stem             (None, 112, 112, 32)         992  layers 0–1, frozen\n",
            "_blocks.12             (None, 7, 7, 192)        481,152  layers 72–77, frozen\n",
            "_blocks.13             (None, 7, 7, 192)        481,152  layers 78–83, trained from 80\n",
            "_blocks.15             (None, 7, 7, 320)        610,688  layers 90–95\n",
            "global_average_pool2d  (None, 1280)                   0\n",
        ] {
            assert!(text.contains(row), "{row}{text}");
        }
    }

    #[test]
    fn classes_are_counted_before_prep_where_their_names_show() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        // `src`, `tests` and the like stand for class folders.
        let folders = class_folders(folder);
        assert!(folders >= 2);
        let by_folder = DataSpec::of_folders(folder, "val");
        assert_eq!(named_classes(&by_folder), folders);
        let split = SplitSpec { val: 0.2, test: 0.0, seed: 0 };
        let tree = DataSpec {
            train: None,
            val: None,
            path: Some(folder.to_owned()),
            split: Some(split),
            ..by_folder.clone()
        };
        assert_eq!(named_classes(&tree), folders);
        let leaf = DataSpec { labels: Some(Nesting::Leaf), ..tree.clone() };
        assert_eq!(named_classes(&leaf), 0);
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        let table = DataSpec { path: None, csv: Some(folder.join("x.csv")), ..tree };
        assert_eq!(named_classes(&table), 0);
        assert_eq!(named_classes(&DataSpec { classes: Some(classes), ..table }), 3);
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1000, 22_175_138].map(thousands), ["0", "999", "1,000", "22,175,138"]);
    }
}
