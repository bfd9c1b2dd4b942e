//! The outside world, held still: randomness, mail, background work, log.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use edgegate::host::{Background, BoxFuture, Entropy, Level, Log};
use edgegate::integrations::mail_provider::{Mail, MailError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{MailProvider, MailedLink};

/// The same random bytes in every run.
pub struct Seeded(Mutex<ChaCha8Rng>);

impl Seeded {
    /// Another `stream`, other bytes.
    pub fn new(stream: u64) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(20_261_122 + stream)))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().expect("unpoisoned").fill_bytes(bytes);
    }
}

/// What a test does while a mail is being sent.
type WhileSending = Box<dyn FnMut(&Mail) + Send>;

/// Stands in for the mail provider. `tests/integrations/mail_provider.rs` holds it to what the
/// local mailbox does.
#[derive(Default)]
pub struct Mailbox {
    accepted: Mutex<Vec<Mail>>,
    failures: Mutex<VecDeque<MailError>>,
    hanging: AtomicBool,
    attempts: AtomicU32,
    different: AtomicU32,
    when_asked: Mutex<Option<WhileSending>>,
}

impl Mailbox {
    /// From now on this happens whenever somebody tries to send, before the answer.
    pub fn when_asked(&self, happens: impl FnMut(&Mail) + Send + 'static) {
        *self.when_asked.lock().expect("unpoisoned") = Some(Box::new(happens));
    }

    /// The mails that were accepted, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.accepted.lock().expect("unpoisoned").clone()
    }

    /// The mails to one address, oldest first.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// The next attempts to send fail like this, one after the other.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = MailError>) {
        self.failures.lock().expect("unpoisoned").extend(failures);
    }

    /// No more failures.
    pub fn recover(&self) {
        self.failures.lock().expect("unpoisoned").clear();
    }

    /// From now on mails are accepted, and their senders hear nothing of it.
    pub fn hang(&self) {
        self.hanging.store(true, Ordering::SeqCst);
    }

    /// How often somebody tried to send.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::SeqCst)
    }

    /// How often a mail came under the key of another one.
    pub fn refused_as_different(&self) -> u32 {
        self.different.load(Ordering::SeqCst)
    }

    /// Answers again.
    pub fn answer_again(&self) {
        self.hanging.store(false, Ordering::SeqCst);
    }

    /// Link and code of the newest mail to an address.
    pub fn link_to(&self, address: &str) -> MailedLink {
        let mail = self.to(address).pop().unwrap_or_else(|| panic!("no mail to {address}"));
        let words = || mail.text.split_whitespace();
        let url = words().find(|word| word.contains("/verify?token=")).expect("a link in the mail").to_owned();
        let code = words()
            .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
            .expect("a code in the mail")
            .to_owned();
        let token = url.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token").to_owned();
        MailedLink { url, token, code, cookie: None }
    }
}

impl MailProvider for Mailbox {
    fn take<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if let Some(happens) = self.when_asked.lock().expect("unpoisoned").as_mut() {
                happens(mail);
            }
            if let Some(failure) = self.failures.lock().expect("unpoisoned").pop_front() {
                return Err(failure);
            }
            {
                // Under a key that it knows, the provider sends nothing again, whatever the mail
                // says.
                let mut accepted = self.accepted.lock().expect("unpoisoned");
                match accepted.iter().find(|other| other.idempotency_key == mail.idempotency_key) {
                    Some(same) if same == mail => {}
                    Some(_) => drop(self.different.fetch_add(1, Ordering::SeqCst)),
                    None => accepted.push(mail.clone()),
                }
            }
            if self.hanging.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

/// Work that responses left behind, held until a test lets it run.
#[derive(Default)]
pub struct Held {
    tasks: Mutex<Vec<BoxFuture<'static, ()>>>,
    lost: AtomicBool,
}

impl Held {
    pub fn take(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut *self.tasks.lock().expect("unpoisoned"))
    }

    pub fn lose(&self) {
        self.lost.store(true, Ordering::SeqCst);
    }
}

impl Background for Held {
    fn run(&self, task: BoxFuture<'static, ()>) {
        if !self.lost.load(Ordering::SeqCst) {
            self.tasks.lock().expect("unpoisoned").push(task);
        }
    }
}

/// Every line the application logged.
#[derive(Default)]
pub struct RecordedLog(Mutex<Vec<(Level, String)>>);

impl RecordedLog {
    /// The lines, oldest first.
    pub fn lines(&self) -> Vec<(Level, String)> {
        self.0.lock().expect("unpoisoned").clone()
    }

    /// The lines as JSON, oldest first.
    pub fn events(&self) -> Vec<serde_json::Value> {
        let json = |(_, line): (Level, String)| serde_json::from_str(&line).expect("a line of JSON");
        self.lines().into_iter().map(json).collect()
    }

    /// The newest event of a name.
    pub fn newest(&self, event: &str) -> serde_json::Value {
        let found = self.events().into_iter().rfind(|line| line["event"] == event);
        found.unwrap_or_else(|| panic!("no {event} among {:?}", self.lines()))
    }

    /// Everything that was logged, as one text.
    pub fn text(&self) -> String {
        self.lines().into_iter().map(|(_, line)| line + "\n").collect()
    }
}

impl Log for RecordedLog {
    fn write(&self, level: Level, line: &str) {
        self.0.lock().expect("unpoisoned").push((level, line.to_owned()));
    }
}
