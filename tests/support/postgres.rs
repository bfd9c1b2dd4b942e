//! A PostgreSQL database of one test's own, copied from the migrated template that `npm test`
//! makes. It counts what the application sends, and loses answers on request.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use edgegate::host::{BoxFuture, ConnectError, Database, DatabaseClient};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::types::FromSql;
use tokio_postgres::{Client, Config, NoTls};

const TEMPLATE: &str = "edgegate_template";

/// Every table of ours, with the columns that its rows are told by.
const TABLES: &str = "
    SELECT c.relname::text, string_agg(format('t.%I', a.attname), ', ' ORDER BY k.place)
    FROM pg_class c
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place) ON true
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE c.relnamespace = 'edgegate'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
    GROUP BY c.relname
    ORDER BY c.relname";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The database of one test. Dropped with it, unless the test failed: then it is left to be looked
/// at.
pub struct TestDatabase {
    config: Config,
    server: Config,
    traffic: Arc<Traffic>,
    apps: AtomicU64,
}

/// What goes over the application's connections.
struct Traffic {
    /// How many more connections are to be had.
    connections_left: AtomicU32,
    connections: AtomicU32,
    answers: AtomicU32,
    /// Which answer, counted from the first one ever, is lost; 0 for none.
    lost_answer: AtomicU32,
    /// What the server sent, if somebody listens.
    heard: Mutex<Option<Vec<u8>>>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            connections_left: AtomicU32::new(u32::MAX),
            connections: AtomicU32::new(0),
            answers: AtomicU32::new(0),
            lost_answer: AtomicU32::new(0),
            heard: Mutex::default(),
        }
    }
}

impl TestDatabase {
    /// Copies the template.
    pub async fn create() -> Arc<Self> {
        Self::copy_of(TEMPLATE).await
    }

    /// A database that no migration was ever applied to.
    pub async fn without_migrations() -> Arc<Self> {
        Self::copy_of("template0").await
    }

    async fn copy_of(template: &str) -> Arc<Self> {
        let server = server();
        let name = format!("edgegate_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let client = connect(&server, &Arc::default()).await.expect("the test server answers");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        client.batch_execute(&sql).await.expect("the template is there and idle");
        let mut config = server.clone();
        config.dbname(&name);
        Arc::new(Self { config, server, traffic: Arc::default(), apps: AtomicU64::new(0) })
    }

    /// The template itself, for looking at what the migrations made.
    pub async fn template() -> Client {
        let mut config = server();
        config.dbname(TEMPLATE);
        connect(&config, &Arc::default()).await.expect("the test server answers")
    }

    /// A connection for looking at what the application left in the database, which no answer
    /// shows, and for setting up what no request brings about.
    pub async fn inspect(&self) -> Client {
        connect(&self.config, &Arc::default()).await.expect("the test server answers")
    }

    /// The one value that a query returns.
    pub async fn value<T: for<'a> FromSql<'a>>(&self, sql: &str) -> T {
        self.inspect().await.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
    }

    /// Changes something that no request changes; says how many rows it was.
    pub async fn change(&self, sql: &str) -> u64 {
        self.inspect().await.execute(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// How many rows a table of ours has.
    pub async fn count(&self, table: &str) -> i64 {
        self.value(&format!("SELECT count(*) FROM edgegate.{table}")).await
    }

    /// Everything the database holds, as text: equal before and after if nothing was changed.
    pub async fn contents(&self) -> String {
        self.contents_besides("").await
    }

    /// The same without one table.
    pub async fn contents_besides(&self, left_out: &str) -> String {
        let client = self.inspect().await;
        let mut all = String::new();
        for table in client.query(TABLES, &[]).await.expect("a readable catalogue") {
            let (table, key): (String, Option<String>) = (table.get(0), table.get(1));
            if table == left_out {
                continue;
            }
            let key = key.unwrap_or_else(|| panic!("the rows of {table} are told by nothing: it has no primary key"));
            let sql =
                format!("SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY {key}), '[]')::text FROM edgegate.{table} t");
            let rows: String = client.query_one(&sql, &[]).await.expect("a readable table").get(0);
            all = format!("{all}{table}: {rows}\n");
        }
        all
    }

    /// From now on no connection is to be had.
    pub fn go_down(&self) {
        self.traffic.connections_left.store(0, Ordering::SeqCst);
    }

    /// Connections are to be had again.
    pub fn come_back(&self) {
        self.traffic.connections_left.store(u32::MAX, Ordering::SeqCst);
    }

    /// The application gets one more connection and then none.
    pub fn refuse_after_next(&self) {
        self.traffic.connections_left.store(1, Ordering::SeqCst);
    }

    /// The answer to the application's statement after the next `later` ones gets lost, with the
    /// connection: the server has done what it was told, and nobody hears of it.
    pub fn lose_answer(&self, later: u32) {
        self.traffic.lost_answer.store(self.traffic.answers.load(Ordering::SeqCst) + later + 1, Ordering::SeqCst);
    }

    /// Whether an answer is still to be lost.
    pub fn is_losing(&self) -> bool {
        self.traffic.lost_answer.load(Ordering::SeqCst) > self.traffic.answers.load(Ordering::SeqCst)
    }

    /// How often the application connected, and how many statements it sent.
    pub fn traffic(&self) -> (u32, u32) {
        (self.traffic.connections.load(Ordering::SeqCst), self.traffic.answers.load(Ordering::SeqCst))
    }

    /// From now on what the server sends to the application is kept.
    pub fn listen(&self) {
        *self.traffic.heard.lock().expect("nobody panicked") = Some(Vec::new());
    }

    /// What the server sent since, as far as it is text.
    pub fn heard(&self) -> String {
        let heard = self.traffic.heard.lock().expect("nobody panicked");
        String::from_utf8_lossy(heard.as_deref().unwrap_or_default()).into_owned()
    }

    /// Another seed for every application on this database: no two draw the same ids.
    pub(super) fn next_seed(&self) -> u64 {
        self.apps.fetch_add(1, Ordering::SeqCst)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (server, name) = (self.server.clone(), self.config.get_dbname().unwrap_or_default().to_owned());
        // On a thread of its own, since a runtime cannot wait inside another one.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            runtime.block_on(async {
                let client = connect(&server, &Arc::default()).await.map_err(std::io::Error::other)?;
                let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                client.batch_execute(&sql).await.map_err(std::io::Error::other)
            })
        });
        let _ = dropped.join();
    }
}

fn server() -> Config {
    let url = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL is not set: run the tests by `npm test`");
    url.parse().expect("TEST_DATABASE_URL is a connection string")
}

async fn connect(config: &Config, traffic: &Arc<Traffic>) -> Result<Client, ConnectError> {
    let cause = |error: &dyn std::fmt::Display| ConnectError(error.to_string());
    let host = match config.get_hosts() {
        [tokio_postgres::config::Host::Tcp(host), ..] => host.clone(),
        _ => return Err(ConnectError("not a TCP host".to_owned())),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let stream = TcpStream::connect((host, port)).await.map_err(|error| cause(&error))?;
    let connected = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, traffic: Arc::clone(traffic), connected: Arc::clone(&connected) };
    let (client, connection) = config.connect_raw(wire, NoTls).await.map_err(|error| cause(&error))?;
    connected.store(true, Ordering::SeqCst);
    tokio::spawn(connection);
    Ok(client)
}

impl Database for TestDatabase {
    fn connect(&self) -> BoxFuture<'_, Result<DatabaseClient, ConnectError>> {
        Box::pin(async {
            let one_less = |left: u32| if left == u32::MAX { Some(left) } else { left.checked_sub(1) };
            self.traffic
                .connections_left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                .map_err(|_| ConnectError("connection refused".to_owned()))?;
            self.traffic.connections.fetch_add(1, Ordering::SeqCst);
            Ok(DatabaseClient::new(connect(&self.config, &self.traffic).await?, ()))
        })
    }
}

/// A connection to the server that counts answers.
struct Wire {
    stream: TcpStream,
    traffic: Arc<Traffic>,
    connected: Arc<AtomicBool>,
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let wire = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut wire.stream).poll_read(context, buffer);
        let came = buffer.filled().get(before..).unwrap_or_default();
        if let Some(heard) = wire.traffic.heard.lock().expect("nobody panicked").as_mut() {
            heard.extend_from_slice(came);
        }
        // `ReadyForQuery`, the end of every answer: the server has committed before it says so.
        if wire.connected.load(Ordering::SeqCst) && matches!(came, [.., b'Z', 0, 0, 0, 5, _]) {
            let number = wire.traffic.answers.fetch_add(1, Ordering::SeqCst) + 1;
            if number == wire.traffic.lost_answer.load(Ordering::SeqCst) {
                buffer.set_filled(before);
                return Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()));
            }
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
