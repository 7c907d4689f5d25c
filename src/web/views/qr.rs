//! A QR code as the pages show it: dark on a white plate in light and dark, drawn by the macro in `qr.html`. A page that
//! shows one imports that macro and calls it with a [`QrCode`](crate::domain::qr::QrCode) and what the picture says to whoever cannot see it.

#[cfg(test)]
mod tests {
    use askama::Template;

    use crate::domain::qr::QrCode;

    #[derive(Template)]
    #[template(
        source = "{% import \"qr.html\" as qr %}{% call qr::svg(code, label) %}{% endcall %}",
        ext = "html"
    )]
    struct Shown<'a> {
        code: QrCode,
        label: &'a str,
    }

    #[test]
    fn the_drawing_is_one_path_with_a_name_and_no_style() {
        let shown = Shown {
            code: QrCode::of("https://login.example.org/").expect("short enough"),
            label: "Invitation \"for\" Ada",
        };
        let html = shown.render().expect("a drawing");
        assert!(html.starts_with(
            "<svg class=\"qr\" viewBox=\"0 0 33 33\" role=\"img\" aria-label=\"Invitation &#34;for&#34; Ada\""
        ));
        assert_eq!(html.matches("<path ").count(), 1);
        assert!(
            html.contains(&format!("d=\"{}\"", shown.code.path())),
            "nothing in it is escaped"
        );
        assert!(!html.contains("style") && !html.contains("onload"));
    }
}
