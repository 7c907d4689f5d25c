//! The documentation shows the files that are given away, and only settings that there are.

use std::fs;
use std::path::Path;

use librechat_auth::config::{Inputs, load};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("in the repository")
}

#[test]
fn the_documentation_shows_the_files_that_are_given_away() {
    for (page, name, language) in [
        ("forward-auth", "proxies/nginx.conf", "nginx"),
        ("forward-auth", "proxies/Caddyfile", "caddyfile"),
        ("forward-auth", "proxies/traefik.yml", "yaml"),
        ("forward-auth", "proxies/apache.conf", "apache"),
        ("forward-auth", "proxies/apache.lua", "lua"),
        ("forward-auth", "proxies/haproxy.cfg", "haproxy"),
        ("forward-auth", "proxies/haproxy.lua", "lua"),
        ("forward-auth", "librechat/access.toml", "toml"),
        ("behind-a-proxy", "proxies/login/nginx.conf", "nginx"),
        ("behind-a-proxy", "proxies/login/nginx-connections.conf", "nginx"),
        ("behind-a-proxy", "proxies/login/Caddyfile", "caddyfile"),
        ("behind-a-proxy", "proxies/login/traefik.yml", "yaml"),
        ("behind-a-proxy", "proxies/login/apache.conf", "apache"),
        ("behind-a-proxy", "proxies/login/haproxy.cfg", "haproxy"),
        ("behind-a-proxy", "proxies/login/haproxy-connections.cfg", "haproxy"),
    ] {
        let file = read(&format!("packaging/{name}"));
        assert!(
            read(&format!("docs/{page}.md")).contains(&format!("```{language}\n{file}```")),
            "{name} is not as it is in the documentation"
        );
    }
}

#[test]
fn the_documented_rules_are_a_configuration_without_warnings() {
    let page = read("docs/forward-auth.md");
    let blocks: Vec<_> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [start, rules, librechat] = blocks.as_slice() else {
        panic!("three blocks of settings: {blocks:?}")
    };
    let (server, _) = start.split_once("[[access.rules]]").expect("a rule");
    for text in [
        (*start).to_owned(),
        format!("{server}{rules}"),
        format!("{server}{librechat}"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("librechat-auth.toml"), &text).expect("written");
        let loaded = load(&Inputs {
            working_dir: dir.path().to_owned(),
            ..Inputs::default()
        });
        assert!(
            loaded.errors.is_empty() && loaded.warnings.is_empty(),
            "{:?} {:?}",
            loaded.errors,
            loaded.warnings
        );
    }
}
