//! What the settings about proxies mean together: who is believed, and who is believed by mistake.

use super::mistakes::warn;
use super::problem::Findings;
use super::settled::Settled;

/// Looks at the settings about proxies.
pub fn review(settled: &Settled, findings: &mut Findings) {
    let hops: u64 = settled.number("server.trust_proxy");
    let listed = !settled.networks("server.trusted_proxies").is_empty();
    conflicts(settled, hops, listed, findings);
    let (counted, list) = (
        settled.origin("server.trust_proxy"),
        settled.origin("server.trusted_proxies"),
    );
    if hops > 0 && !listed && !listens_on_loopback(&settled.text("server.host")) {
        let message = "believes whoever connects, so anybody who gets past the proxy can forge an address; the server \
                       listens beyond this machine, so rather list the proxies' addresses in \
                       LIBRECHAT_AUTH_TRUSTED_PROXIES (server.trusted_proxies)";
        warn(findings, counted, message);
    }
    let is_https = settled
        .url("server.public_url")
        .is_some_and(|url| url.scheme() == "https");
    if is_https && hops == 0 && !listed {
        let message = "is empty although people come by https, so through a proxy: all of them share its address and \
                       one rate limit; write the proxy's address, for example 127.0.0.1";
        warn(findings, list, message);
    }
}

fn conflicts(settled: &Settled, hops: u64, listed: bool, findings: &mut Findings) {
    let list = settled.origin("server.trusted_proxies");
    if hops > 0 && listed {
        let counted = settled.origin("server.trust_proxy");
        let (name, place) = (&counted.given.name, &counted.given.place);
        let message = format!(
            "contradicts {name} ({place}), which is {hops}: with a list of proxies they are not counted; remove one of \
             TRUST_PROXY (server.trust_proxy) and LIBRECHAT_AUTH_TRUSTED_PROXIES (server.trusted_proxies)"
        );
        findings.error(&list.given.place, &list.given.name, message);
    }
    let protocol = settled.origin("server.proxy_protocol");
    if settled.flag("server.proxy_protocol") && !listed {
        let message = "needs to know whose header is believed, and nobody is listed: every connection would be closed; \
                       write the proxies' addresses in LIBRECHAT_AUTH_TRUSTED_PROXIES (server.trusted_proxies)";
        findings.error(&protocol.given.place, &protocol.given.name, message);
    }
}

/// Whether only programs of this machine can connect.
fn listens_on_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}
