//! The picture that a provider names: fetched by the guarded client, and made into a small one of our own. Whatever is in
//! the file but its pixels is left behind.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use url::Url;

use super::outgoing::{Outgoing, Unanswered, bearer};
use crate::domain::federation::vouched::Picture;

/// Width and height of ours.
const SIDE: u32 = 128;

/// No picture of somebody is as long as this.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// No picture of somebody is as wide or as high as this.
const MOST_PIXELS: u32 = 4096;

/// What decoding one may take.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// Facebook's pictures lie behind one.
const MOST_REDIRECTS: usize = 3;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum NoPicture {
    /// It is not at an address.
    #[error("its address is none")]
    Address,
    /// It could not be fetched.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The answer is something else.
    #[error("the answer is {0}")]
    Status(StatusCode),
    /// It is sent on from one address to the next.
    #[error("it is sent on too often")]
    Redirects,
    /// It is no picture of a kind that is read here.
    #[error("it is no PNG, JPEG, GIF or WebP")]
    Kind,
    /// Its end is missing.
    #[error("its end is missing")]
    Half,
    /// It is too large to be one of somebody.
    #[error("it has {0} × {1} pixels")]
    Size(u32, u32),
    /// It is broken, or takes too much to decode.
    #[error("it cannot be decoded: {0}")]
    Broken(#[from] ImageError),
}

/// Fetches the bytes of a picture. Every address on the way is checked like the first; the access token goes to the first
/// only.
///
/// # Errors
/// [`NoPicture`].
pub async fn fetch(outgoing: &Outgoing, picture: &Picture, allow_private: bool) -> Result<Vec<u8>, NoPicture> {
    let mut url = Url::parse(&picture.url).map_err(|_| NoPicture::Address)?;
    let mut first = picture.bearer.as_ref();
    for _ in 0..=MOST_REDIRECTS {
        let mut request = Outgoing::get(url.clone());
        if let Some(Ok(token)) = first.take().map(|token| bearer(token.expose())) {
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        match outgoing.send_or_follow(request, allow_private, MOST_BYTES).await? {
            Ok(reply) if reply.status == StatusCode::OK => return Ok(reply.body),
            Ok(reply) => return Err(NoPicture::Status(reply.status)),
            Err(target) => url = target,
        }
    }
    Err(NoPicture::Redirects)
}

/// Makes a small picture of a file: the middle of it, upright, as PNG. Takes a while.
///
/// # Errors
/// [`NoPicture`].
pub fn shrink(file: &[u8]) -> Result<Vec<u8>, NoPicture> {
    let format = image::guess_format(file).map_err(|_| NoPicture::Kind)?;
    if !matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP
    ) {
        return Err(NoPicture::Kind);
    }
    if format == ImageFormat::Jpeg && !has_an_end(file) {
        return Err(NoPicture::Half);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let is_fit = (1..=MOST_PIXELS).contains(&width) && (1..=MOST_PIXELS).contains(&height);
    if !is_fit || decoder.total_bytes() > MOST_MEMORY {
        return Err(NoPicture::Size(width, height));
    }
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    picture.apply_orientation(orientation);
    let mut small = Vec::new();
    picture.to_rgba8().write_with_encoder(PngEncoder::new(&mut small))?;
    Ok(small)
}

/// Whether a JPEG was not cut off, which its decoder would paint over. An earlier end belongs to the preview inside it.
fn has_an_end(file: &[u8]) -> bool {
    file.get(file.len() / 2..)
        .is_some_and(|rest| rest.windows(2).any(|pair| pair == b"\xff\xd9"))
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                Rgba([200, 0, 0, 255])
            } else {
                Rgba([0, 0, 200, 255])
            }
        });
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::ImageRgba8(picture);
        let picture = if format == ImageFormat::Jpeg {
            DynamicImage::ImageRgb8(picture.to_rgb8())
        } else {
            picture
        };
        picture.write_to(&mut bytes, format).expect("a file");
        bytes.into_inner()
    }

    const FORMATS: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];

    #[test]
    fn four_kinds_are_read_and_one_is_written() {
        for format in FORMATS {
            for (width, height) in [(300, 200), (1, 1), (128, 128), (20, 900)] {
                let small = shrink(&file(width, height, format)).expect("a picture");
                assert!(small.starts_with(b"\x89PNG\r\n\x1a\n"));
                let read = image::load_from_memory(&small).expect("PNG");
                assert_eq!((read.width(), read.height()), (SIDE, SIDE), "{format:?}");
            }
        }
    }

    #[test]
    fn what_is_in_a_file_beside_its_pixels_is_left_behind() {
        let mut file = file(40, 40, ImageFormat::Png);
        file.extend_from_slice(b"<script>alert(1)</script>");
        let small = shrink(&file).expect("a picture");
        assert!(!small.windows(8).any(|part| part == b"<script>"));
    }

    #[test]
    fn whatever_is_no_picture_is_refused_by_what_is_in_it() {
        for bytes in [
            &b""[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>",
            b"<!doctype html><img>",
            b"BM\x36\x00\x00\x00\x00\x00\x00\x00",
            b"II*\x00\x08\x00\x00\x00",
            b"%PDF-1.7",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"GIF89a",
            b"RIFF\x00\x00\x00\x00WEBP",
        ] {
            assert!(shrink(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn half_a_picture_is_none() {
        for format in FORMATS {
            let whole = file(300, 200, format);
            for part in [whole.len() / 4, whole.len() / 10, 20] {
                assert!(shrink(&whole[..part]).is_err(), "{format:?} {part}");
            }
        }
    }

    #[test]
    fn a_small_file_that_says_it_is_huge_is_not_unpacked() {
        // The header of a PNG with 30,000 by 30,000 pixels, and nothing after it.
        let mut bomb = file(1, 1, ImageFormat::Png);
        bomb[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
        assert!(shrink(&bomb).is_err());
        // A real one: much of nothing, packed well.
        let wide = file(MOST_PIXELS + 1, 10, ImageFormat::Png);
        assert!(matches!(shrink(&wide), Err(NoPicture::Broken(_) | NoPicture::Size(..))));
        // Within the bounds of each side, but not of memory: 4096 by 4096 with eight bytes each.
        let deep = DynamicImage::ImageRgba16(image::ImageBuffer::new(MOST_PIXELS, MOST_PIXELS));
        let mut bytes = Cursor::new(Vec::new());
        deep.write_to(&mut bytes, ImageFormat::Png).expect("a file");
        assert!(bytes.get_ref().len() < MOST_BYTES, "it would be fetched");
        assert!(shrink(bytes.get_ref()).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_file_is_a_picture_or_none(at in 0..2000_usize, byte in any::<u8>(), kind in 0..4_usize) {
            let mut bytes = file(30, 20, FORMATS[kind]);
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(small) = shrink(&bytes) {
                prop_assert!(small.starts_with(b"\x89PNG"));
            }
        }
    }
}
