//! The published cases of isemail, as `isemail.json` has them: each an address and what is the
//! matter with it. Origin and licence: `isemail.NOTICE`.

use edgegate::domain::account::email_address::EmailAddress;

/// Every address and its diagnosis, but for those of which blanks around them are the matter: these
/// are no part of an address here.
fn cases() -> Vec<(String, String)> {
    let mut cases: Vec<(String, String)> = serde_json::from_str(include_str!("isemail.json")).expect("pairs of text");
    assert_eq!(cases.len(), 185);
    cases.retain(|(address, _)| address.trim_matches([' ', '\t']) == address);
    assert_eq!(cases.len(), 173);
    cases
}

/// What isemail finds nothing wrong with but, where it asks DNS, that the domain has no records
/// today. All else is an error, or needs quotes, comments, white space, an IP address, a top-level
/// domain alone, or more length than SMTP gives.
fn may_be_accepted(diagnosis: &str) -> bool {
    matches!(diagnosis, "valid" | "dnsWarnNoRecord" | "dnsWarnNoMXRecord")
}

#[test]
fn no_case_that_isemail_finds_faulty_or_unfit_for_plain_smtp_is_accepted() {
    let mut refused = 0;
    for (address, diagnosis) in cases().iter().filter(|(_, diagnosis)| !may_be_accepted(diagnosis)) {
        assert!(EmailAddress::parse(address).is_err(), "{address:?} is {diagnosis}");
        refused += 1;
    }
    assert_eq!(refused, 152);
}

#[test]
fn the_cases_that_are_accepted_are_these_and_isemail_finds_nothing_wrong_with_them() {
    let accepted: Vec<(String, String)> =
        cases().into_iter().filter(|(address, _)| EmailAddress::parse(address).is_ok()).collect();
    let accepted: Vec<(&str, &str)> = accepted.iter().map(|(address, diagnosis)| (&**address, &**diagnosis)).collect();
    let longest_label = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghikl";
    let longest_local = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghiklm";
    assert_eq!(
        accepted,
        [
            ("test@iana.org", "valid"),
            ("test@nominet.org.uk", "valid"),
            ("test@about.museum", "valid"),
            ("a@iana.org", "valid"),
            ("test@e.com", "dnsWarnNoRecord"),
            ("test@iana.a", "dnsWarnNoRecord"),
            ("test.test@iana.org", "valid"),
            ("!#$%&`*+/=?^`{|}~@iana.org", "valid"),
            ("123@iana.org", "valid"),
            ("test@123.com", "valid"),
            (&format!("{longest_local}@iana.org"), "valid"),
            (&format!("test@{longest_label}.com"), "dnsWarnNoRecord"),
            ("test@mason-dixon.com", "valid"),
            ("test@iana.co-uk", "dnsWarnNoRecord"),
            (
                &format!(
                    "a@{}a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v",
                    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.".repeat(4)
                ),
                "dnsWarnNoRecord"
            ),
            (&format!("{longest_local}@{longest_label}.{longest_label}.{}", &longest_label[..61]), "dnsWarnNoRecord"),
            ("test@xn--hxajbheg2az3al.xn--jxalpdlp", "dnsWarnNoRecord"),
            ("xn--test@iana.org", "valid"),
            ("test@example.com", "dnsWarnNoMXRecord"),
            ("test@nic.no", "dnsWarnNoRecord"),
        ]
    );
}

/// Narrower than isemail: a top-level domain alone is no domain of ours.
#[test]
fn the_one_valid_case_that_is_refused_is_a_top_level_domain_alone() {
    let fit = cases().into_iter().filter(|(_, diagnosis)| may_be_accepted(diagnosis));
    let refused: Vec<String> =
        fit.map(|(address, _)| address).filter(|address| EmailAddress::parse(address).is_err()).collect();
    assert_eq!(refused, ["test@io"]);
}
