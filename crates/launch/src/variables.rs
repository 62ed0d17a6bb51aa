use crate::{LaunchError, Launcher};
use std::str::FromStr;

/// The environment, in which an empty variable counts as none.
pub(crate) struct Variables<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Variables<'a> {
    pub fn new(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { read }
    }

    pub fn get(&self, name: &str) -> Option<String> {
        (self.read)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The first of several variables that is there, with its name.
    pub fn first(&self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|&name| Some((name, self.get(name)?)))
    }

    /// The number that a variable holds, if it is there.
    pub fn number<N: Number>(&self, name: &'static str) -> Result<Option<N>, LaunchError> {
        self.get(name).map(|value| number(name, &value)).transpose()
    }

    /// The values of all `names`, or the error that tells which are missing.
    pub fn all<const N: usize>(
        &self,
        launcher: Launcher,
        names: [&'static str; N],
        remedy: &'static str,
    ) -> Result<[String; N], LaunchError> {
        let values = names.map(|name| self.get(name));
        let present = values.each_ref().map(Option::is_some);
        complete(launcher, names, present, remedy)?;
        Ok(values.map(Option::unwrap_or_default))
    }
}

/// Nothing if all `names` are present, else the error that says which are not.
pub(crate) fn complete<const N: usize>(
    launcher: Launcher,
    names: [&'static str; N],
    present: [bool; N],
    remedy: &'static str,
) -> Result<(), LaunchError> {
    if present == [true; N] {
        return Ok(());
    }
    let those = |wanted: bool| {
        let names = names.iter().zip(present).filter(|(_, present)| *present == wanted);
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    Err(LaunchError::Incomplete { launcher, have: those(true), missing: those(false), remedy })
}

/// A kind of number that a variable may hold.
pub(crate) trait Number: FromStr {
    /// In an error's words.
    const EXPECTED: &'static str;
}

impl Number for u32 {
    const EXPECTED: &'static str = "whole number from 0";
}

impl Number for u16 {
    const EXPECTED: &'static str = "TCP port";
}

/// The number that `value`, the content of variable `name`, stands for.
pub(crate) fn number<N: Number>(name: &'static str, value: &str) -> Result<N, LaunchError> {
    value.parse().map_err(|_| LaunchError::NotANumber {
        name,
        value: value.to_owned(),
        expected: N::EXPECTED,
    })
}
