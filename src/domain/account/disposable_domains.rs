//! The built-in list of domains that give addresses to everybody for minutes: 10 181 of them.
//! Not here: whether they are refused, which is a setting (`email_domains.rs`).
//!
//! `disposable_domains.txt` is made by `dev/disposable_domains.mjs` from the list of
//! disposable-email-domains (CC0); origin, date and licence are in `disposable_domains.NOTICE`. It
//! is grouped to be small, 103 KB instead of 148: a line such as `.co.uk`, then the labels that
//! stand before it, one a line; an empty line between groups.

/// The groups, sorted.
const LIST: &str = include_str!("disposable_domains.txt");

/// Whether the domain, in lower-case ASCII, or one that it is a subdomain of, is on the list.
pub fn contains(domain: &str) -> bool {
    LIST.split("\n\n").filter_map(|group| group.split_once('\n')).any(|(parent, labels)| {
        let before = domain.strip_suffix(parent).and_then(|rest| rest.rsplit('.').next());
        before.is_some_and(|label| labels.lines().any(|listed| listed == label))
    })
}
