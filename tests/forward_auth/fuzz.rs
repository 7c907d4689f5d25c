//! Ten thousand broken cookies through each real proxy: the program behind is never reached, and nothing breaks.

use super::real::{COOKIE, Line, Place, behind, request};
use crate::peers::Guard;

const COUNT: u32 = 10_000;
/// Connections at the same time.
const LINES: u32 = 4;
/// Less than what each proxy takes as the headers of a request.
const HUGE: usize = 6_000;

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits") % sides
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let count = self.roll(most);
        (0..count)
            .map(|_| u8::try_from(self.roll(256)).expect("a byte"))
            .collect()
    }
}

/// The value of a `Cookie` header made of good ones, in one of many ways not to be one. No line breaks: what follows one is
/// another header, for the proxy to judge.
fn broken(dice: &mut Dice, good: &str) -> Vec<u8> {
    let named = |value: &[u8]| [COOKIE.as_bytes(), b"=", value].concat();
    let at = 1 + dice.roll(good.len() - 1);
    let mut value = good.as_bytes().to_vec();
    let cookie = match dice.roll(16) {
        0 => named(&dice.bytes(200)),
        1 => named(&value[..at]),
        2 => {
            value[at] = value[at].wrapping_add(1 + u8::try_from(dice.roll(20)).expect("small"));
            named(&value)
        }
        3 => {
            value.remove(at);
            named(&value)
        }
        4 => {
            value.insert(at, b"Az09-_.=%"[dice.roll(9)]);
            named(&value)
        }
        5 => named(&vec![b'A'; dice.roll(HUGE)]),
        6 => [named(&value[..at]), b"; ".to_vec(), named(&value[at..])].concat(),
        7 => (0..dice.roll(60))
            .flat_map(|_| [named(&[b'x'; 40]), b"; ".to_vec()].concat())
            .collect(),
        8 => [b"x".as_slice(), COOKIE.as_bytes(), b"=", &value].concat(),
        9 => [COOKIE.to_lowercase().as_bytes(), b"=", &value].concat(),
        10 => named(&value.iter().rev().copied().collect::<Vec<_>>()),
        11 => {
            let (id, token) = good.split_once('.').expect("two parts");
            named(
                format!(
                    "{}.{token}",
                    id.parse::<i64>().expect("a number") ^ (1 << dice.roll(62))
                )
                .as_bytes(),
            )
        }
        12 => {
            let (id, _) = good.split_once('.').expect("two parts");
            named(format!("{id}.{}", "A".repeat(43)).as_bytes())
        }
        13 => [b"refreshToken=".as_slice(), &value, b"; token_provider=librechat"].concat(),
        14 => named(&[b"\"".as_slice(), &value[..at], b"\"; Path=/; \xff\xfe"].concat()),
        _ => dice.bytes(HUGE),
    };
    cookie
        .into_iter()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect()
}

fn no_broken_cookie_gets_through(guard: Guard) {
    let place = behind(guard, |_| {});
    let ada = place.site.user("ada");
    let good = ada.client.cookie(COOKIE).expect("signed in");
    std::thread::scope(|scope| {
        for line in 0..LINES {
            let (place, good) = (&place, good.as_str());
            scope.spawn(move || try_many(place, good, u64::from(line) + 1));
        }
    });
    assert!(place.app.seen().is_empty(), "{guard:?}: {:?}", place.app.seen());
    let cookie = format!("{COOKIE}={good}");
    assert_eq!(
        place.get("/", &[("Cookie", &cookie)]).status,
        200,
        "{guard:?}: and the good one still does"
    );
}

fn try_many(place: &Place, good: &str, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut line = Line::open(place.proxy.address);
    for _ in 0..COUNT / LINES {
        let cookie = broken(&mut dice, good);
        let shown = String::from_utf8_lossy(&cookie).into_owned();
        let head = request(place.proxy.address.port(), "GET", "/", &[]);
        let bytes = [
            head.trim_end_matches("\r\n").as_bytes(),
            b"\r\nCookie: ",
            &cookie,
            b"\r\n\r\n",
        ]
        .concat();
        // A proxy may refuse what is no header, and end the connection over it.
        let status = match line.exchange(&bytes) {
            Some(reply) => reply.status,
            None => 0,
        };
        // nginx says 500 when we do not take what it sends for HTTP.
        assert!(status == 0 || status >= 400, "{:?} {status}: {shown:?}", place.guard);
        if status != 401 {
            line = Line::open(place.proxy.address);
        }
    }
}

super::real::through_all! {
    no_broken_cookie_gets_through;
}
