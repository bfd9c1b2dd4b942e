//! The local mailbox of `dev/mailbox`, run as a process: as strict as the provider.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What the mailbox asks of senders.
pub const API_KEY: &str = "re_contract";

/// A running mailbox. Stopped when dropped.
pub struct MailboxServer {
    /// Its base URL.
    pub url: String,
    process: Child,
    client: reqwest::Client,
}

impl MailboxServer {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(node(root))
            .arg(root.join("dev/mailbox/server.mjs"))
            .args(["--port", "0", "--api-key", API_KEY])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is there: run the tests by `npm test`");
        let mut line = String::new();
        let output = process.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("mailbox listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { url, process, client: reqwest::Client::new() }
    }

    /// Makes the next sends fail: `dev/mailbox/README.md` has the rules.
    pub async fn fail(&self, rule: Value) {
        let answer = self.client.post(format!("{}/failures", self.url)).json(&rule).send().await.expect("an answer");
        assert_eq!(answer.status(), 201, "{rule}");
    }

    /// The mails to an address, newest first.
    pub async fn to(&self, address: &str) -> Vec<Value> {
        let url = format!("{}/messages?to={address}", self.url);
        let answer = self.client.get(url).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// One mail with the request as it came.
    pub async fn message(&self, id: &Value) -> Value {
        let url = format!("{}/messages/{}", self.url, id.as_str().unwrap_or_default());
        let answer = self.client.get(url).send().await.expect("an answer");
        answer.json().await.unwrap_or(Value::Null)
    }
}

impl Drop for MailboxServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The Node.js that `npm test` installed, else the one of the machine.
fn node(root: &Path) -> PathBuf {
    let packages = std::fs::read_dir(root.join("node_modules")).into_iter().flatten().filter_map(Result::ok);
    let own = packages
        .map(|package| package.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("node-")))
        .map(|path| path.join("bin/node"))
        .find(|binary| binary.is_file());
    own.unwrap_or_else(|| PathBuf::from("node"))
}
