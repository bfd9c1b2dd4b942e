//! A PostgreSQL database of one test's own, copied from the migrated template that `npm test` makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use edgegate::host::{BoxFuture, ConnectError, Database};
use tokio::net::TcpStream;
use tokio_postgres::{Client, Config, NoTls};

const TEMPLATE: &str = "edgegate_template";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The database of one test.
pub struct TestDatabase {
    config: Config,
    down: AtomicBool,
}

impl TestDatabase {
    /// Copies the template.
    pub async fn create() -> Arc<Self> {
        let url =
            std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL is not set: run the tests by `npm test`");
        let mut config: Config = url.parse().expect("TEST_DATABASE_URL is a connection string");
        let name = format!("edgegate_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let server = connect(&config).await.expect("the test server answers");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
        server.batch_execute(&sql).await.expect("the template is there and idle");
        config.dbname(&name);
        Arc::new(Self { config, down: AtomicBool::new(false) })
    }

    /// A connection for looking at what the application left in the database, which no answer shows.
    pub async fn inspect(&self) -> Client {
        connect(&self.config).await.expect("the test server answers")
    }

    /// From now on no connection is to be had.
    pub fn go_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }
}

async fn connect(config: &Config) -> Result<Client, ConnectError> {
    let cause = |error: &dyn std::fmt::Display| ConnectError(error.to_string());
    let host = match config.get_hosts() {
        [tokio_postgres::config::Host::Tcp(host), ..] => host.clone(),
        _ => return Err(ConnectError("not a TCP host".to_owned())),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let stream = TcpStream::connect((host, port)).await.map_err(|error| cause(&error))?;
    let (client, connection) = config.connect_raw(stream, NoTls).await.map_err(|error| cause(&error))?;
    tokio::spawn(connection);
    Ok(client)
}

impl Database for TestDatabase {
    fn connect(&self) -> BoxFuture<'_, Result<Client, ConnectError>> {
        Box::pin(async {
            if self.down.load(Ordering::SeqCst) {
                return Err(ConnectError("connection refused".to_owned()));
            }
            connect(&self.config).await
        })
    }
}
