//! The page for people.

use librechat_auth::web::openapi::operations;

use crate::support::Site;

#[test]
fn everybody_reads_every_operation_in_both_languages() {
    let site = Site::start();
    for (language, heading) in [
        ("en", "What programs can ask"),
        ("fr", "Ce que les programmes peuvent demander"),
    ] {
        let page = site.client().get(&format!("/api/docs?lang={language}"));
        assert_eq!(page.status, 200);
        assert!(page.says(heading), "{language}");
        for one in operations() {
            let line = format!("{} {}", one.operation.method, one.operation.path);
            assert!(page.says(&line), "{language}: {line}");
        }
    }
}

#[test]
fn the_page_fetches_nothing_from_elsewhere() {
    let site = Site::start();
    let page = site.client().get("/api/docs");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    for part in page
        .text()
        .split(" src=\"")
        .skip(1)
        .chain(page.text().split("<link ").skip(1))
    {
        let tag = part.split('>').next().expect("a tag");
        assert!(!tag.contains("//"), "{tag}");
    }
}
