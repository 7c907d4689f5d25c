//! A bounded queue that serves clients in turn, so that one with a thousand requests delays another by one at most.

use std::collections::{HashMap, VecDeque};

/// Items waiting per client. Clients take turns; within one client it is first come, first served.
///
/// When all places are taken, the client with the longest line gives up its newest item to a newcomer whose own line is
/// shorter: a flood from one address fills the queue, yet keeps nobody else out.
#[derive(Debug)]
pub struct FairQueue<T> {
    lines: HashMap<String, VecDeque<T>>,
    /// Every client with a line, each once: the next to be served is in front.
    turns: VecDeque<String>,
    waiting: usize,
    places: usize,
}

impl<T> FairQueue<T> {
    /// A queue with room for `places` items in all.
    pub fn new(places: usize) -> Self {
        Self {
            lines: HashMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
            places,
        }
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether there is no place left.
    pub fn is_full(&self) -> bool {
        self.waiting >= self.places
    }

    /// Adds an item for a client. Returns the item that found no place: this one, or one it displaced.
    pub fn push(&mut self, client: &str, item: T) -> Option<T> {
        if !self.is_full() {
            self.append(client, item);
            return None;
        }
        let own = self.lines.get(client).map_or(0, VecDeque::len);
        match self.longest() {
            Some((longest, length)) if length > own + 1 => {
                let displaced = self.lines.get_mut(&longest).and_then(VecDeque::pop_back);
                self.waiting -= usize::from(displaced.is_some());
                self.append(client, item);
                displaced
            }
            _ => Some(item),
        }
    }

    /// Takes the next item: the oldest of the client whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        let client = self.turns.pop_front()?;
        let line = self.lines.get_mut(&client)?;
        let item = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&client);
        } else {
            self.turns.push_back(client);
        }
        self.waiting -= usize::from(item.is_some());
        item
    }

    /// Forgets the items for which `keep` says no.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        for line in self.lines.values_mut() {
            line.retain(&keep);
        }
        self.lines.retain(|_, line| !line.is_empty());
        self.turns.retain(|client| self.lines.contains_key(client));
        self.waiting = self.lines.values().map(VecDeque::len).sum();
    }

    fn append(&mut self, client: &str, item: T) {
        if let Some(line) = self.lines.get_mut(client) {
            line.push_back(item);
        } else {
            self.lines.insert(client.to_owned(), VecDeque::from([item]));
            self.turns.push_back(client.to_owned());
        }
        self.waiting += 1;
    }

    /// The client with the most items, and how many.
    fn longest(&self) -> Option<(String, usize)> {
        self.turns
            .iter()
            .filter_map(|client| Some((client, self.lines.get(client)?.len())))
            .max_by_key(|(_, length)| *length)
            .map(|(client, length)| (client.clone(), length))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn drained(queue: &mut FairQueue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn clients_take_turns_and_each_is_served_in_order() {
        let mut queue = FairQueue::new(9);
        for (client, item) in [
            ("a", "a1"),
            ("a", "a2"),
            ("a", "a3"),
            ("b", "b1"),
            ("c", "c1"),
            ("b", "b2"),
        ] {
            assert_eq!(queue.push(client, item), None);
        }
        assert_eq!(drained(&mut queue), ["a1", "b1", "c1", "a2", "b2", "a3"]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_full_queue_turns_its_own_crowd_away() {
        let mut queue = FairQueue::new(2);
        assert_eq!(queue.push("a", "a1"), None);
        assert_eq!(queue.push("a", "a2"), None);
        assert_eq!(queue.push("a", "a3"), Some("a3"));
        assert_eq!(drained(&mut queue), ["a1", "a2"]);
    }

    #[test]
    fn a_newcomer_takes_a_place_from_the_longest_line() {
        let mut queue = FairQueue::new(3);
        for item in ["a1", "a2", "a3"] {
            queue.push("a", item);
        }
        assert_eq!(queue.push("b", "b1"), Some("a3"));
        assert_eq!(queue.push("b", "b2"), Some("b2"), "two and one is as fair as it gets");
        assert_eq!(queue.push("c", "c1"), Some("a2"));
        assert_eq!(queue.push("d", "d1"), Some("d1"), "everybody has one place");
        assert_eq!(queue.len(), 3);
        assert_eq!(drained(&mut queue), ["a1", "b1", "c1"]);
    }

    #[test]
    fn a_queue_without_places_takes_nothing() {
        assert_eq!(FairQueue::new(0).push("a", "a1"), Some("a1"));
    }

    #[test]
    fn forgotten_items_free_their_places_and_turns() {
        let mut queue = FairQueue::new(3);
        for (client, item) in [("a", "a1"), ("a", "a2"), ("b", "b1")] {
            queue.push(client, item);
        }
        queue.retain(|item| !item.ends_with('1'));
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.push("b", "b2"), None);
        assert_eq!(drained(&mut queue), ["a2", "b2"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_lost_and_the_bound_holds(places in 0..6_usize, steps in prop::collection::vec(prop::option::of(0..4_u8), 0..60)) {
            let mut queue = FairQueue::new(places);
            let (mut added, mut gone) = (0, 0);
            for step in steps {
                match step {
                    Some(client) => {
                        added += 1;
                        gone += usize::from(queue.push(&client.to_string(), ()).is_some());
                    }
                    None => gone += usize::from(queue.pop().is_some()),
                }
                prop_assert!(queue.len() <= places);
                prop_assert_eq!(queue.len(), added - gone);
            }
            prop_assert_eq!(std::iter::from_fn(|| queue.pop()).count(), added - gone);
        }

        #[test]
        fn nobody_is_passed_over_twice_by_one_client(pushes in prop::collection::vec(0..4_u8, 1..40)) {
            let mut queue = FairQueue::new(40);
            for client in &pushes {
                queue.push(&client.to_string(), *client);
            }
            let served: Vec<u8> = std::iter::from_fn(|| queue.pop()).collect();
            for client in 0..4 {
                let turns: Vec<usize> = (0..served.len()).filter(|at| served[*at] == client).collect();
                for pair in turns.windows(2) {
                    let between = &served[pair[0] + 1..pair[1]];
                    let others: HashSet<&u8> = between.iter().collect();
                    prop_assert_eq!(others.len(), between.len());
                }
            }
        }
    }
}
