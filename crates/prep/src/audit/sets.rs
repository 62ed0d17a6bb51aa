//! Disjoint sets of pictures.

/// A partition of the numbers below some count. The smallest number of a set
/// stands for it.
#[derive(Debug)]
pub struct Sets {
    parents: Vec<u32>,
}

impl Sets {
    /// Every number below `count` in a set of its own.
    pub fn new(count: usize) -> Self {
        Self { parents: (0..count as u32).collect() }
    }

    /// The smallest number of the set with `member`.
    pub fn first(&self, mut member: u32) -> u32 {
        while self.parents[member as usize] != member {
            member = self.parents[member as usize];
        }
        member
    }

    /// Makes the sets of these two one set.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.first(a), self.first(b));
        self.parents[a.max(b) as usize] = a.min(b);
    }

    /// Points every number at its set's smallest, so that looking up is one step.
    pub fn flatten(&mut self) {
        // A parent is never greater than its child, so it is flat already.
        for member in 0..self.parents.len() {
            self.parents[member] = self.parents[self.parents[member] as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sets;

    #[test]
    fn the_smallest_member_stands_for_a_set() {
        let mut sets = Sets::new(6);
        sets.join(4, 5);
        sets.join(2, 5);
        sets.join(1, 3);
        sets.join(3, 4);
        sets.flatten();
        assert_eq!([0, 1, 2, 3, 4, 5].map(|member| sets.first(member)), [0, 1, 1, 1, 1, 1]);
    }
}
