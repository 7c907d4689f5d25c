//! A line for the system log of this machine, as `syslog(3)` writes it to `/dev/log` (RFC 3164 §4.1, without a host name).

use time::OffsetDateTime;

use crate::domain::time::Timestamp;

/// Facility `authpriv` and severity `notice`: 10 × 8 + 5.
const PRIORITY: u8 = 85;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `text` on one line, said by this program.
#[must_use]
pub fn line(now: Timestamp, process: u32, text: &str) -> String {
    let utc = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = MONTHS[usize::from(u8::from(utc.month())) - 1];
    let (hour, minute, second) = utc.to_hms();
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    format!(
        "<{PRIORITY}>{month} {:>2} {hour:02}:{minute:02}:{second:02} librechat-auth[{process}]: {text}",
        utc.day()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_the_c_library_writes_it() {
        assert_eq!(
            line(Timestamp::from_seconds(1_717_788_018), 42, "one\ntwo"),
            "<85>Jun  7 19:20:18 librechat-auth[42]: onetwo"
        );
    }
}
