//! SLURM's short forms: `node[03-05,9],login` and `2(x3),1`.

/// The first host of a list. Numbers keep their zeros: `node[03-05]` begins
/// with `node03`. `None` if it is no such list.
pub(crate) fn first_host(list: &str) -> Option<String> {
    let mut host = String::new();
    let mut rest = list;
    loop {
        let end = rest.find(['[', ']', ',']).unwrap_or(rest.len());
        host.push_str(&rest[..end]);
        if !rest[end..].starts_with('[') {
            let is_sound = !rest[end..].starts_with(']') && !host.is_empty();
            return is_sound.then_some(host);
        }
        let (numbers, after) = rest[end + 1..].split_once(']')?;
        let first = numbers.split([',', '-']).next()?;
        if first.is_empty() || !first.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        host.push_str(first);
        rest = after;
    }
}

/// One number per node: `2(x3),1` is 2, 2, 2, 1. `None` if it is no such list.
pub(crate) fn counts(list: &str) -> Option<Vec<u32>> {
    let mut counts = Vec::new();
    for item in list.split(',') {
        let (count, times) = match item.split_once("(x") {
            Some((count, times)) => (count, times.strip_suffix(')')?.parse().ok()?),
            None => (item, 1),
        };
        // A repetition is cut off where no cluster is so large.
        counts.extend(std::iter::repeat_n(count.parse::<u32>().ok()?, times.min(1 << 20)));
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::{counts, first_host};

    #[test]
    fn the_first_host_keeps_its_zeros() {
        for (list, host) in [
            ("node7", "node7"),
            ("node7,node8", "node7"),
            ("node[03-05,9]", "node03"),
            ("node[9,03-05]", "node9"),
            ("gpu-a[001-128].site.org,login", "gpu-a001.site.org"),
            ("rack[1-2]node[08-11]", "rack1node08"),
            ("login,node[1-2]", "login"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(first_host(list).as_deref(), Some(host), "{list}");
        }
    }

    #[test]
    fn what_is_no_list_has_no_first_host() {
        for list in ["", ",node1", "node[", "node[]", "node[a-b]", "node[-3]", "node]1", "[,2]"] {
            assert_eq!(first_host(list), None, "{list}");
        }
    }

    #[test]
    fn counts_are_repeated() {
        assert_eq!(counts("2(x3),1").unwrap(), [2, 2, 2, 1]);
        assert_eq!(counts("4").unwrap(), [4]);
        for list in ["", "x", "2(x", "2(xa)", "2,,2", "2(x3"] {
            assert_eq!(counts(list), None, "{list}");
        }
    }
}
