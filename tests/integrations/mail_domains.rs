//! Which domains take mail by what DNS says of them, how long that is believed, and how much is
//! remembered.

use std::sync::Arc;

use chrono::TimeDelta;
use edgegate::domain::policy;
use edgegate::integrations::dns_over_https::{RecordType, Resolver, ResolverError};
use edgegate::integrations::mail_domains::MailDomains;

use crate::support::dns::{FakeDns, NO_SECONDS};
use crate::support::http::FakeHttp;
use crate::support::kv::FaultMode;
use crate::support::{FrozenClock, Mailbox};

const MX: RecordType = RecordType::Mx;
const A: RecordType = RecordType::A;
const AAAA: RecordType = RecordType::Aaaa;

#[derive(Default)]
struct World {
    domains: MailDomains,
    dns: Arc<FakeDns>,
    clock: FrozenClock,
}

impl World {
    async fn takes_mail(&self, domain: &str) -> Result<bool, ResolverError> {
        let http = FakeHttp::new(Arc::<Mailbox>::default(), self.dns.clone());
        let url = "https://dns.example/dns-query".parse().expect("a URL");
        self.domains.take_mail(Resolver { http: &http, url: &url }, &self.clock, domain).await
    }

    /// How many questions it takes to learn it.
    async fn questions(&self, domain: &str) -> usize {
        let before = self.dns.asked().len();
        self.takes_mail(domain).await.expect("an answer");
        self.dns.asked().len() - before
    }
}

/// What a domain has, whether it takes mail, and what had to be asked.
#[tokio::test]
async fn a_domain_takes_mail_if_it_names_a_host_or_has_an_address() {
    type Case<'a> = (&'a [(RecordType, &'a str)], bool, &'a [RecordType]);
    let cases: &[Case<'_>] = &[
        (&[(MX, "10 mail.example.")], true, &[MX]),
        (&[(MX, "10 mail.example."), (MX, "20 spare.example.")], true, &[MX]),
        (&[(MX, "0 .")], false, &[MX]),
        (&[(MX, "0 ."), (A, "192.0.2.1"), (AAAA, "2001:db8::1")], false, &[MX]),
        // Against RFC 7505, which wants `0 .` alone; whoever names a host takes mail.
        (&[(MX, "0 ."), (MX, "10 mail.example.")], true, &[MX]),
        (&[(MX, "10 .")], false, &[MX]),
        (&[(A, "192.0.2.1")], true, &[MX, A]),
        (&[(AAAA, "2001:db8::1")], true, &[MX, A, AAAA]),
        (&[(A, "192.0.2.1"), (AAAA, "2001:db8::1")], true, &[MX, A]),
        (&[], false, &[MX, A, AAAA]),
    ];
    for (records, takes_mail, asked) in cases {
        let world = World::default();
        world.dns.enter("shop.example", 300, records);
        assert_eq!(world.takes_mail("shop.example").await, Ok(*takes_mail), "{records:?}");
        let asked: Vec<_> = asked.iter().map(|record_type| ("shop.example".to_owned(), *record_type)).collect();
        assert_eq!(world.dns.asked(), asked, "{records:?}");
    }
}

#[tokio::test]
async fn a_domain_that_does_not_exist_takes_none_and_one_question_shows_it() {
    let world = World::default();
    assert_eq!(world.takes_mail("nobody.example").await, Ok(false));
    assert_eq!(world.dns.asked(), [("nobody.example".to_owned(), MX)]);
}

#[tokio::test]
async fn dns_that_fails_leaves_it_open_and_is_asked_again() {
    let world = World::default();
    world.dns.becomes(FaultMode::Failing);
    assert!(world.takes_mail("nobody.example").await.is_err());
    world.dns.becomes(FaultMode::Well);
    assert_eq!(world.takes_mail("nobody.example").await, Ok(false));
}

#[tokio::test]
async fn silent_dns_is_waited_for_no_longer_than_the_limit() {
    let world = World::default();
    world.dns.becomes(FaultMode::Hanging);
    world.clock.let_limits_run_out();
    assert_eq!(world.takes_mail("nobody.example").await, Err(ResolverError("took too long".to_owned())));
    world.dns.becomes(FaultMode::Well);
    assert_eq!(world.takes_mail("nobody.example").await, Ok(false), "and asked again");
}

#[tokio::test]
async fn an_answer_is_believed_for_its_time_to_live_within_bounds() {
    for (ttl_seconds, believed) in [
        (0, policy::DNS_KEPT_AT_LEAST),
        (59, policy::DNS_KEPT_AT_LEAST),
        (300, TimeDelta::seconds(300)),
        (86_400, policy::DNS_KEPT_AT_MOST),
        (u32::MAX, policy::DNS_KEPT_AT_MOST),
    ] {
        let world = World::default();
        world.dns.enter("shop.example", ttl_seconds, &[(MX, "10 mail.example.")]);
        assert_eq!(world.questions("shop.example").await, 1);
        world.dns.enter("shop.example", ttl_seconds, &[(MX, "0 .")]);
        world.clock.advance(believed - TimeDelta::milliseconds(1));
        assert_eq!(world.questions("shop.example").await, 0, "{ttl_seconds}");
        assert_eq!(world.takes_mail("shop.example").await, Ok(true), "{ttl_seconds}");
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(world.takes_mail("shop.example").await, Ok(false), "{ttl_seconds}");
        assert_eq!(world.questions("shop.example").await, 0, "the new answer is remembered");
    }
}

#[tokio::test]
async fn a_no_is_believed_too() {
    let world = World::default();
    assert_eq!(world.takes_mail("nobody.example").await, Ok(false));
    world.dns.enter("nobody.example", 300, &[(MX, "10 mail.example.")]);
    world.clock.advance(TimeDelta::seconds(i64::from(NO_SECONDS) - 1));
    assert_eq!(world.takes_mail("nobody.example").await, Ok(false));
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.takes_mail("nobody.example").await, Ok(true));
}

/// A yes by address alone holds no longer than the "no mail hosts" that led there.
#[tokio::test]
async fn several_answers_are_believed_for_the_shortest_of_their_times() {
    let world = World::default();
    world.dns.enter("shop.example", 120, &[(A, "192.0.2.1")]);
    assert_eq!(world.questions("shop.example").await, 2);
    world.clock.advance(TimeDelta::seconds(119));
    assert_eq!(world.questions("shop.example").await, 0);
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.questions("shop.example").await, 2);

    world.dns.enter("other.example", 3000, &[(A, "192.0.2.1")]);
    assert_eq!(world.questions("other.example").await, 2);
    world.clock.advance(TimeDelta::seconds(i64::from(NO_SECONDS)));
    assert_eq!(world.questions("other.example").await, 2);
}

#[tokio::test]
async fn the_memory_is_bounded_and_forgets_the_oldest_first() {
    let world = World::default();
    let domain = |n: usize| format!("n{n}.example");
    for n in 0..policy::DNS_DOMAINS_KEPT {
        assert_eq!(world.questions(&domain(n)).await, 1);
    }
    assert_eq!(world.questions(&domain(0)).await, 0, "all are remembered");
    assert_eq!(world.questions("one.more.example").await, 1);
    assert_eq!(world.questions(&domain(1)).await, 0, "all but one");
    assert_eq!(world.questions(&domain(0)).await, 1);
    assert_eq!(world.questions(&domain(1)).await, 1, "which took the place of the next");
    // An answer that is learned anew takes no second place.
    world.clock.advance(policy::DNS_KEPT_AT_MOST);
    for n in 0..policy::DNS_DOMAINS_KEPT {
        world.takes_mail(&domain(n)).await.expect("an answer");
    }
    for n in 0..policy::DNS_DOMAINS_KEPT {
        assert_eq!(world.questions(&domain(n)).await, 0, "{n}");
    }
}
