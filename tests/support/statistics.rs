//! Whether two ways take the same time: the Mann-Whitney U test, which looks at ranks and so does not mind that now and
//! then a request takes much longer, together with the medians, so that many samples do not make a difference that nobody
//! can use into a finding.

use std::time::Duration;

/// Chance by which equal ways are taken for different ones.
const STRICT: f64 = 1e-6;

/// Medians closer than this are the same: as a part of the smaller one, and at least so much.
const SAME_PART: f64 = 0.03;
const SAME_TIME: f64 = 40e-6;

/// What two samples look like beside each other.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The chance of such a U if the ways are equal (two-sided).
    pub p: f64,
    /// Seconds.
    pub medians: [f64; 2],
}

impl Comparison {
    pub fn of(one: &[Duration], other: &[Duration]) -> Self {
        let seconds = |sample: &[Duration]| sample.iter().map(Duration::as_secs_f64).collect::<Vec<f64>>();
        let (one, other) = (seconds(one), seconds(other));
        Self {
            p: two_sided(standard_score(&one, &other)),
            medians: [median(one), median(other)],
        }
    }

    /// Whether somebody with a watch could tell the two ways apart.
    pub fn differs(&self) -> bool {
        let [one, other] = self.medians;
        let same = (one.min(other) * SAME_PART).max(SAME_TIME);
        self.p < STRICT && (one - other).abs() > same
    }
}

fn median(mut sample: Vec<f64>) -> f64 {
    sample.sort_by(f64::total_cmp);
    let middle = sample.len() / 2;
    if sample.len().is_multiple_of(2) {
        f64::midpoint(sample[middle - 1], sample[middle])
    } else {
        sample[middle]
    }
}

/// U in standard deviations from its mean, by the normal approximation with a correction for ties.
fn standard_score(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut ties, mut at) = (0.0, 0.0, 0);
    while at < all.len() {
        let same = all[at..]
            .iter()
            .take_while(|(value, _)| value.total_cmp(&all[at].0).is_eq())
            .count();
        let rank = count(at) + f64::midpoint(count(same), 1.0);
        rank_sum += rank * count(all[at..at + same].iter().filter(|(_, is_one)| *is_one).count());
        ties += count(same).powi(3) - count(same);
        at += same;
    }
    let (n, m) = (count(one.len()), count(other.len()));
    let u = rank_sum - n * (n + 1.0) / 2.0;
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance == 0.0 {
        return 0.0;
    }
    (u - n * m / 2.0) / variance.sqrt()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("few samples"))
}

/// `erfc(|z| / √2)` by the rational approximation of Abramowitz and Stegun, 7.1.26, whose error is below 1.5e-7 of the
/// largest value; far out the bound `exp(-z²/2)` is used, which is never too small.
fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    if x > 3.0 {
        return (-x * x).exp();
    }
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly =
        ((((1.061_405_429 * t - 1.453_152_027) * t + 1.421_413_741) * t - 0.284_496_736) * t + 0.254_829_592) * t;
    poly * (-x * x).exp()
}

/// Numbers that look random and are the same each time.
pub struct Shuffle(u64);

impl Shuffle {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to 1 (splitmix64).
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("32 bits");
        f64::from(top) / f64::from(u32::MAX)
    }

    /// The places from 0 in another order each time.
    pub fn order(&mut self, places: usize) -> Vec<usize> {
        let mut order: Vec<(f64, usize)> = (0..places).map(|place| (self.unit(), place)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        order.into_iter().map(|(_, place)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: usize = 500;

    /// Times as a busy machine measures them: a base, a spread, now and then a much longer one.
    fn measured(seed: u64, base_micros: f64, extra: Duration) -> Vec<Duration> {
        let mut random = Shuffle::new(seed);
        (0..SAMPLES)
            .map(|_| {
                let spread = 1.0 + 0.6 * random.unit() * random.unit();
                let interrupted = if random.unit() < 0.04 {
                    40.0 * random.unit()
                } else {
                    1.0
                };
                Duration::from_secs_f64(base_micros * 1e-6 * spread * interrupted.max(1.0)) + extra
            })
            .collect()
    }

    #[test]
    fn equal_ways_are_hardly_ever_taken_for_different_ones() {
        let differing = (0..200_u64)
            .filter(|seed| {
                let (one, other) = (
                    measured(*seed, 1000.0, Duration::ZERO),
                    measured(seed + 1000, 1000.0, Duration::ZERO),
                );
                Comparison::of(&one, &other).differs()
            })
            .count();
        assert_eq!(differing, 0);
    }

    #[test]
    fn a_sleep_of_five_milliseconds_on_one_side_is_always_found() {
        for base in [300.0, 1_000.0, 25_000.0, 60_000.0] {
            for seed in 0..20 {
                let plain = measured(seed, base, Duration::ZERO);
                let slept = measured(seed + 500, base, Duration::from_millis(5));
                assert!(Comparison::of(&plain, &slept).differs(), "{base} {seed}");
                assert!(Comparison::of(&slept, &plain).differs(), "{base} {seed}");
            }
        }
    }

    #[test]
    fn a_tenth_of_a_request_is_found_too() {
        let plain = measured(1, 1_000.0, Duration::ZERO);
        let slower = measured(2, 1_000.0, Duration::from_micros(120));
        assert!(Comparison::of(&plain, &slower).differs());
    }

    #[test]
    fn the_score_is_that_of_the_textbook() {
        // Ranks 1, 2, 4 and 3, 5, 6: U is 1 and 8 of 9, its mean 4.5, its variance 3·3·7/12.
        let z = standard_score(&[1.0, 2.0, 4.0], &[3.0, 5.0, 6.0]);
        assert!((z - (1.0 - 4.5) / (5.25_f64).sqrt()).abs() < 1e-12, "{z}");
        assert!(
            standard_score(&[1.0; 9], &[1.0; 9]).abs() < 1e-12,
            "ties alone say nothing"
        );
        for (z, p) in [(0.0, 1.0), (1.0, 0.317_310_5), (1.959_964, 0.05), (3.290_527, 0.001)] {
            assert!((two_sided(z) - p).abs() < 1e-6, "{z}: {}", two_sided(z));
        }
        assert!(two_sided(6.0) < 1e-7);
    }

    #[test]
    fn a_few_very_long_requests_do_not_matter() {
        let plain = measured(7, 1_000.0, Duration::ZERO);
        let mut interrupted = plain.clone();
        for time in interrupted.iter_mut().step_by(25) {
            *time += Duration::from_secs(1);
        }
        assert!(!Comparison::of(&plain, &interrupted).differs());
    }
}
