//! What two specs say differently, key by key.

use crate::pipeline::PipelineSpec;
use serde_json::{Map, Value};
use std::fmt;

/// A key that one spec gives another value than the other. It reads
/// `train.batch_size: 8 → 16`.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// As in `--set`: `model.layers.2.dropout.rate`.
    pub key: String,
    /// `None` where it is not given.
    pub earlier: Option<Value>,
    /// `None` where it is not given.
    pub now: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => "not given".to_owned(),
        };
        write!(out, "{}: {} → {}", self.key, text(&self.earlier), text(&self.now))
    }
}

impl PipelineSpec {
    /// What this spec says otherwise than an `earlier` one, which is resolved
    /// and JSON, as a run's record holds it. Keys that it could not know have
    /// their defaults there.
    pub fn differences_from(&self, earlier: &Value) -> Vec<Difference> {
        let resolved = |spec: Self| serde_json::to_value(spec).unwrap_or_default();
        let earlier = match serde_json::from_value(earlier.clone()) {
            Ok(spec) => resolved(spec),
            // From a build whose keys were others: each of them is a difference.
            Err(_) => earlier.clone(),
        };
        // Through a text, as the earlier one has come: reading one may cost a
        // number its last bit.
        let text = serde_json::to_string(self).unwrap_or_default();
        let now = serde_json::from_str(&text).unwrap_or_default();
        let mut found = Vec::new();
        compare(String::new(), Some(&earlier), Some(&now), &mut found);
        found
    }
}

fn compare(key: String, earlier: Option<&Value>, now: Option<&Value>, found: &mut Vec<Difference>) {
    let below = |name: &str| match key.as_str() {
        "" => name.to_owned(),
        key => format!("{key}.{name}"),
    };
    match (earlier, now) {
        (Some(Value::Object(one)), Some(Value::Object(other))) if !are_choices(one, other) => {
            let added = other.keys().filter(|name| !one.contains_key(*name));
            for name in one.keys().chain(added) {
                compare(below(name), one.get(name), other.get(name), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                compare(below(&index.to_string()), one.get(index), other.get(index), found);
            }
        }
        (one, other) if one != other => {
            found.push(Difference { key, earlier: one.cloned(), now: other.cloned() });
        }
        _ => {}
    }
}

/// Whether two maps are one choice each, of different things.
fn are_choices(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.len() == 1 && other.len() == 1 && !one.keys().eq(other.keys())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{name: x, data: {train: a, val: b, image_size: 32}, model: {layers: [{dropout: {rate: 0.1}}, {flatten: {}}, {dense: {units: classes}}]}, train: {learning_rate: {constant: 0.1}}}";

    fn spec(assignments: &[&str]) -> PipelineSpec {
        let assignments: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
        crate::parse(TEXT, "x.yaml", &assignments).unwrap()
    }

    /// As a run's record keeps it.
    fn recorded(spec: &PipelineSpec) -> Value {
        serde_json::from_str(&serde_json::to_string_pretty(spec).unwrap()).unwrap()
    }

    fn differences(assignments: &[&str]) -> Vec<String> {
        let found = spec(assignments).differences_from(&recorded(&spec(&[])));
        found.iter().map(Difference::to_string).collect()
    }

    #[test]
    fn each_key_is_named_with_both_values() {
        let [rate, optimizer] = ["model.layers.0.dropout.rate=0.25", "train.optimizer={sgd: {}}"];
        assert_eq!(
            differences(&[rate, "train.batch_size=8", "train.clip_norm=1.5", optimizer]),
            [
                "model.layers.0.dropout.rate: 0.1 → 0.25",
                "train.batch_size: 32 → 8",
                r#"train.optimizer: {"adam":{"beta_1":0.9,"beta_2":0.999,"epsilon":1e-7}} → {"sgd":{"momentum":0.0,"nesterov":false,"weight_decay":0.0}}"#,
                "train.clip_norm: not given → 1.5",
            ]
        );
        assert_eq!(
            differences(&["model.layers=[{flatten: {}}, {dense: {units: classes}}]"]),
            [
                r#"model.layers.0: {"dropout":{"rate":0.1}} → {"flatten":{}}"#,
                r#"model.layers.1: {"flatten":{}} → {"dense":{"units":"classes","activation":"linear","use_bias":true}}"#,
                r#"model.layers.2: {"dense":{"units":"classes","activation":"linear","use_bias":true}} → not given"#,
            ]
        );
    }

    #[test]
    fn a_spec_does_not_differ_from_its_own_record() {
        for rate in ["0.1", "1.0e-4", "0.30000000000000004", "5.9604644775390625e-8"] {
            let rate = format!("train.learning_rate={{constant: {rate}}}");
            let spec = spec(&[&rate]);
            assert_eq!(spec.differences_from(&recorded(&spec)), []);
        }
    }

    #[test]
    fn keys_that_an_earlier_record_lacks_have_their_defaults_there() {
        let mut earlier = recorded(&spec(&[]));
        earlier["train"].as_object_mut().unwrap().remove("accumulate");
        assert_eq!(spec(&[]).differences_from(&earlier), []);
        earlier["train"]["of_another_build"] = 1.into();
        let found = spec(&[]).differences_from(&earlier);
        let found: Vec<String> = found.iter().map(Difference::to_string).collect();
        assert!(found.contains(&"train.of_another_build: 1 → not given".to_owned()), "{found:?}");
    }
}
