//! What the specs of several runs do not share.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A key whose value is not the same in all specs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `train.optimizer.adam.beta_1`; places of a list count from 0.
    pub key: String,
    /// For each run its value, as JSON; nothing where it has no such key.
    pub values: Vec<Option<Value>>,
}

/// The keys, sorted, in which resolved specs differ.
pub fn between(specs: &[&Value]) -> Vec<Difference> {
    let mut keys: BTreeMap<String, Vec<Option<Value>>> = BTreeMap::new();
    for (place, spec) in specs.iter().enumerate() {
        visit(spec, String::new(), &mut |key, value| {
            keys.entry(key).or_insert_with(|| vec![None; specs.len()])[place] = Some(value.clone());
        });
    }
    let differs = |values: &Vec<Option<Value>>| values.iter().any(|value| *value != values[0]);
    let differing = keys.into_iter().filter(|(_, values)| differs(values));
    differing.map(|(key, values)| Difference { key, values }).collect()
}

/// Calls `leaf` with everything that holds no keys of its own; a list of plain
/// values, such as `[224, 224]`, is one.
fn visit(value: &Value, key: String, leaf: &mut impl FnMut(String, &Value)) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(name, value)| visit(value, below(name), leaf));
        }
        Value::Array(list) if list.iter().any(|value| value.is_object() || value.is_array()) => {
            let places = list.iter().enumerate();
            places.for_each(|(place, value)| visit(value, below(&place.to_string()), leaf));
        }
        plain => leaf(key, plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_listed_by_its_key() {
        let one = json!({"seed": 1, "data": {"image_size": [224, 224]}, "train": {"optimizer": {"adam": {"beta_1": 0.9}}}});
        let other = json!({"seed": 2, "data": {"image_size": [224, 224]}, "train": {"optimizer": {"sgd": {"momentum": 0.9}}}});
        let found = between(&[&one, &other]);
        let expected = [
            ("seed", vec![Some(json!(1)), Some(json!(2))]),
            ("train.optimizer.adam.beta_1", vec![Some(json!(0.9)), None]),
            ("train.optimizer.sgd.momentum", vec![None, Some(json!(0.9))]),
        ];
        let expected = expected.map(|(key, values)| Difference { key: key.to_owned(), values });
        assert_eq!(found, expected);
    }

    #[test]
    fn layers_are_compared_one_by_one() {
        let layers = |rate: f64| json!({"model": {"layers": [{"flatten": {}}, {"dropout": {"rate": rate}}]}});
        let found = between(&[&layers(0.2), &layers(0.2), &layers(0.5)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key, "model.layers.1.dropout.rate");
        assert_eq!(between(&[&layers(0.2), &layers(0.2)]), []);
    }
}
