//! Forms with a file (RFC 7578), read strictly: each part is text with a name. Whatever is not quite so is refused.

/// What separates the parts, from the value of `Content-Type`.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (_, parameters) = content_type.split_once(';')?;
    let mut found = parameters.split(';').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim())
    });
    let value = found.next()?.trim_matches('"');
    let fits = (1..=70).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| value.to_owned())
}

/// Name and text of each part.
pub(super) fn pairs(bytes: &[u8], boundary: &str) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let opening = format!("--{boundary}\r\n");
    let between = format!("\r\n--{boundary}");
    let mut rest = text.strip_prefix(&opening)?;
    let mut pairs = Vec::new();
    loop {
        let (part, after) = rest.split_once(&between)?;
        let (head, content) = part.split_once("\r\n\r\n")?;
        pairs.push((name(head)?, content.to_owned()));
        match after.strip_prefix("\r\n") {
            Some(next) => rest = next,
            None => return after.starts_with("--").then_some(pairs),
        }
    }
}

fn name(head: &str) -> Option<String> {
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let mut parts = disposition.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("form-data") {
        return None;
    }
    let quoted = parts.find_map(|part| part.strip_prefix("name=\""))?;
    quoted.strip_suffix('"').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: \
                        form-data; name=\"file\"; filename=\"a;b.csv\"\r\nContent-Type: text/csv\r\n\r\nemail\r\na@b.cd\r\n\r\n--x--\r\n";

    #[test]
    fn parts_are_read_by_their_names() {
        let pairs = pairs(FORM.as_bytes(), "x").expect("a form");
        let expected = [("csrf", "abc"), ("file", "email\r\na@b.cd\r\n")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_cut_off_or_has_no_name_is_refused() {
        for end in 0..FORM.len() - 4 {
            assert_eq!(pairs(&FORM.as_bytes()[..end], "x"), None, "{end}");
        }
        assert_eq!(
            pairs(FORM.replace("name=\"csrf\"", "nome=\"csrf\"").as_bytes(), "x"),
            None
        );
        assert_eq!(pairs(b"--x\r\n\r\n\xff\r\n--x--", "x"), None);
    }

    #[test]
    fn the_boundary_is_what_the_header_says() {
        assert_eq!(
            boundary("multipart/form-data; boundary=\"a-b\"").as_deref(),
            Some("a-b")
        );
        for bad in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a b",
        ] {
            assert_eq!(boundary(bad), None, "{bad}");
        }
    }
}
