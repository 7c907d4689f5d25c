//! Style sheets, script and icon: embedded, named by their content, compressed once, cached for a year.
//!
//! A name contains the hash of the bytes, so a new version has a new address and nothing ever has to be asked again.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderName, IF_NONE_MATCH};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::domain::accent::Accent;
use crate::domain::hex::hex;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

const CACHE_FOREVER: &str = "public, max-age=31536000, immutable";
/// The icon's colours in `static/favicon.svg`, replaced by the configured accent.
const ICON_COLOURS: (&str, &str) = ("#1a6b54", "#ffffff");

/// Names below `/static/` that pages refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The style sheet.
    pub css: Cow<'static, str>,
    /// The accent colours.
    pub theme: Cow<'static, str>,
    /// The script.
    pub js: Cow<'static, str>,
    /// What the administration adds to the style sheet.
    pub admin_css: Cow<'static, str>,
    /// What the administration adds to the script.
    pub admin_js: Cow<'static, str>,
    /// The icon.
    pub icon: Cow<'static, str>,
}

impl Names {
    /// The names without a hash: for samples of pages, which are looked at as files.
    pub const PLAIN: Self = Self {
        css: Cow::Borrowed("app.css"),
        theme: Cow::Borrowed("theme.css"),
        js: Cow::Borrowed("app.js"),
        admin_css: Cow::Borrowed("admin.css"),
        admin_js: Cow::Borrowed("admin.js"),
        icon: Cow::Borrowed("favicon.svg"),
    };
}

/// All static files, ready to be served.
pub struct Assets {
    names: Names,
    files: HashMap<String, Asset>,
}

struct Asset {
    content_type: &'static str,
    hash: String,
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
}

/// An answer, before it becomes one of the web framework's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// 200, 304 or 404.
    pub status: StatusCode,
    /// Names and values.
    pub headers: Vec<(HeaderName, String)>,
    /// Empty unless the status is 200.
    pub body: Bytes,
}

impl Assets {
    /// Hashes the embedded files and makes those that depend on the accent colour.
    #[must_use]
    pub fn new(accent: Accent) -> Self {
        let mut all = Self {
            names: Names::PLAIN,
            files: HashMap::new(),
        };
        for name in Files::iter() {
            let data = Files::get(&name).map(|file| file.data).unwrap_or_default();
            let hashed = match data {
                _ if name == "favicon.svg" => all.add(&name, icon(&data, accent)),
                Cow::Borrowed(data) => all.add(&name, Bytes::from_static(data)),
                Cow::Owned(data) => all.add(&name, data.into()),
            };
            match name.as_ref() {
                "app.css" => all.names.css = hashed.into(),
                "app.js" => all.names.js = hashed.into(),
                "admin.css" => all.names.admin_css = hashed.into(),
                "admin.js" => all.names.admin_js = hashed.into(),
                "favicon.svg" => all.names.icon = hashed.into(),
                _ => {}
            }
        }
        all.names.theme = all.add("theme.css", accent.stylesheet().into()).into();
        all
    }

    /// Names for the pages.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Answers a request for `name`, the part of the path after `/static/`, with the values of `Accept-Encoding` and
    /// `If-None-Match`.
    #[must_use]
    pub fn serve(&self, name: &str, accept_encoding: &str, if_none_match: &str) -> Served {
        let Some(asset) = self.files.get(name) else {
            return Served {
                status: StatusCode::NOT_FOUND,
                headers: Vec::new(),
                body: Bytes::new(),
            };
        };
        let (encoding, body) = asset.body(accept_encoding);
        let suffix = if encoding.is_empty() {
            String::new()
        } else {
            format!("-{encoding}")
        };
        let tag = format!("\"{}{suffix}\"", asset.hash);
        let mut headers = vec![
            (header::CACHE_CONTROL, CACHE_FOREVER.to_owned()),
            (header::VARY, "Accept-Encoding".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::ETAG, tag.clone()),
        ];
        if matches(if_none_match, &tag) {
            return Served {
                status: StatusCode::NOT_MODIFIED,
                headers,
                body: Bytes::new(),
            };
        }
        headers.push((header::CONTENT_TYPE, asset.content_type.to_owned()));
        if !encoding.is_empty() {
            headers.push((header::CONTENT_ENCODING, encoding.to_owned()));
        }
        Served {
            status: StatusCode::OK,
            headers,
            body,
        }
    }

    fn add(&mut self, name: &str, plain: Bytes) -> String {
        let hash = hex(&Sha256::digest(&plain)[..6]);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let hashed = format!("{stem}-{hash}.{extension}");
        let content_type = content_type(extension);
        let asset = Asset {
            content_type,
            hash,
            plain,
            gzip: OnceLock::new(),
        };
        self.files.insert(hashed.clone(), asset);
        hashed
    }
}

impl Asset {
    /// gzip if the client takes it; empty for the plain bytes.
    fn body(&self, accept_encoding: &str) -> (&'static str, Bytes) {
        let smaller = |bytes: Vec<u8>| (bytes.len() < self.plain.len()).then(|| Bytes::from(bytes));
        if accepts(accept_encoding, "gzip")
            && let Some(bytes) = self.gzip.get_or_init(|| gzip(&self.plain).and_then(smaller))
        {
            return ("gzip", bytes.clone());
        }
        ("", self.plain.clone())
    }
}

fn icon(svg: &[u8], accent: Accent) -> Bytes {
    let (fill, on_fill) = accent.icon_colours();
    String::from_utf8_lossy(svg)
        .replace(ICON_COLOURS.1, &on_fill)
        .replace(ICON_COLOURS.0, &fill)
        .into()
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(plain).ok()?;
    writer.finish().ok()
}

/// Whether an `Accept-Encoding` header names `coding` without refusing it (RFC 9110 §12.5.3).
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|item| {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(coding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// Whether an `If-None-Match` header names `tag` (RFC 9110 §13.1.2, weak comparison).
pub(super) fn matches(header: &str, tag: &str) -> bool {
    header
        .split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// `GET /static/{name}`
pub async fn serve(request: HttpRequest, name: Path<String>, assets: Data<Assets>) -> HttpResponse {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let served = assets.serve(&name, header(ACCEPT_ENCODING), header(IF_NONE_MATCH));
    let mut response = HttpResponse::build(served.status);
    for header in served.headers {
        response.insert_header(header);
    }
    response.body(served.body)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn assets() -> Assets {
        Assets::new(Accent::default())
    }

    fn header(served: &Served, name: &HeaderName) -> Option<String> {
        served
            .headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    }

    #[test]
    fn every_block_of_a_style_sheet_is_closed() {
        for name in Files::iter().filter(|name| name.ends_with(".css")) {
            let data = Files::get(&name).unwrap().data;
            let text = std::str::from_utf8(&data).unwrap();
            let mut depth = 0_i32;
            for (number, line) in (1..).zip(text.lines()) {
                let is_rule = line.ends_with('{') && !line.starts_with([' ', '@']);
                assert!(!is_rule || depth == 0, "{name}:{number}: {line}");
                depth += i32::try_from(line.matches('{').count()).unwrap();
                depth -= i32::try_from(line.matches('}').count()).unwrap();
            }
            assert_eq!(depth, 0, "{name}");
        }
    }

    #[test]
    fn hashed_names_are_cached_for_ever_and_typed() {
        let assets = assets();
        for (name, kind) in [
            (&assets.names().css, "text/css; charset=utf-8"),
            (&assets.names().theme, "text/css; charset=utf-8"),
            (&assets.names().js, "text/javascript; charset=utf-8"),
            (&assets.names().icon, "image/svg+xml"),
        ] {
            let served = assets.serve(name, "", "");
            assert_eq!(served.status, StatusCode::OK, "{name}");
            assert!(!served.body.is_empty(), "{name}");
            assert_eq!(header(&served, &header::CONTENT_TYPE).as_deref(), Some(kind));
            assert_eq!(header(&served, &header::CACHE_CONTROL).as_deref(), Some(CACHE_FOREVER));
            assert_eq!(
                header(&served, &header::X_CONTENT_TYPE_OPTIONS).as_deref(),
                Some("nosniff")
            );
            assert_eq!(header(&served, &header::VARY).as_deref(), Some("Accept-Encoding"));
            let hash = name
                .rsplit_once('-')
                .and_then(|(_, rest)| rest.split_once('.'))
                .map(|(hash, _)| hash);
            assert_eq!(hash.map(str::len), Some(12), "{name}");
        }
    }

    #[test]
    fn unknown_and_unhashed_names_are_not_found() {
        for name in ["", "app.css", "../Cargo.toml", "app-000000000000.css", "theme.css"] {
            assert_eq!(assets().serve(name, "br", "*").status, StatusCode::NOT_FOUND, "{name}");
        }
    }

    #[test]
    fn gzip_is_used_where_it_is_accepted_and_unpacks_to_the_same_bytes() {
        let assets = assets();
        let css = &assets.names().css;
        let plain = assets.serve(css, "", "").body;
        let packed = assets.serve(css, "br;q=0, GZIP", "");
        assert_eq!(header(&packed, &header::CONTENT_ENCODING).as_deref(), Some("gzip"));
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed.body[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
        assert!(packed.body.len() < plain.len() / 2);
        assert_eq!(
            header(&assets.serve(css, "identity, gzip;q=x", ""), &header::CONTENT_ENCODING),
            None
        );
    }

    #[test]
    fn a_known_tag_is_not_sent_again_but_that_of_another_encoding_is() {
        let assets = assets();
        let css = &assets.names().css;
        let tag = header(&assets.serve(css, "gzip", ""), &header::ETAG).unwrap();
        for known in [
            tag.clone(),
            format!("\"other\", {tag}"),
            format!("W/{tag}"),
            "*".to_owned(),
        ] {
            let served = assets.serve(css, "gzip", &known);
            assert_eq!(
                (served.status, served.body.len()),
                (StatusCode::NOT_MODIFIED, 0),
                "{known}"
            );
            assert_eq!(header(&served, &header::ETAG).as_ref(), Some(&tag));
        }
        assert_eq!(assets.serve(css, "", &tag).status, StatusCode::OK);
    }

    #[test]
    fn another_accent_changes_the_theme_and_the_icon_only() {
        let (green, red) = (assets(), Assets::new(Accent::parse("#b3123a").unwrap()));
        assert_ne!(green.names().theme, red.names().theme);
        assert_ne!(green.names().icon, red.names().icon);
        assert_eq!(green.names().css, red.names().css);
        let icon = red.serve(&red.names().icon, "", "").body;
        assert!(String::from_utf8_lossy(&icon).contains("#b3123a"));
    }
}
