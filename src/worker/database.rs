//! PostgreSQL through Hyperdrive, or straight over TLS where the secret `DATABASE_URL` is set.

use edgegate::host::{BoxFuture, ConnectError, Database};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use worker::postgres_tls::PassthroughTls;
use worker::send::SendFuture;
use worker::{Env, SecureTransport, Socket};

/// Opens connections from this Worker.
pub struct EdgeDatabase {
    env: Env,
}

impl EdgeDatabase {
    /// Finds the way to the database in the Worker's environment, each time it is asked for one.
    pub fn new(env: Env) -> Self {
        Self { env }
    }

    async fn open(&self) -> Result<Client, ConnectError> {
        match self.env.secret("DATABASE_URL") {
            Ok(url) => direct(&url.to_string()).await,
            Err(_) => self.through_hyperdrive().await,
        }
    }

    async fn through_hyperdrive(&self) -> Result<Client, ConnectError> {
        let hyperdrive = self.env.hyperdrive("HYPERDRIVE").map_err(cause)?;
        let config: Config = hyperdrive.connection_string().parse().map_err(|_| unusable("HYPERDRIVE"))?;
        let socket = Socket::builder().connect(hyperdrive.host(), hyperdrive.port()).map_err(cause)?;
        let (client, connection) = config.connect_raw(socket, NoTls).await.map_err(cause)?;
        drive(connection);
        Ok(client)
    }
}

async fn direct(url: &str) -> Result<Client, ConnectError> {
    let mut config: Config = url.parse().map_err(|_| unusable("DATABASE_URL"))?;
    let host = match config.get_hosts() {
        [Host::Tcp(host), ..] => host.clone(),
        _ => return Err(unusable("DATABASE_URL")),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    // No other machine listens in on a loopback interface; everywhere else TLS is not up for
    // negotiation.
    if !["localhost", "127.0.0.1", "::1"].contains(&host.as_str()) {
        config.ssl_mode(SslMode::Require);
    }
    let socket = Socket::builder().secure_transport(SecureTransport::StartTls).connect(host, port).map_err(cause)?;
    let (client, connection) = config.connect_raw(socket, PassthroughTls).await.map_err(cause)?;
    drive(connection);
    Ok(client)
}

/// Runs a connection in the background of this event. Its errors reach the caller that waits for an
/// answer on it.
fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>> + 'static) {
    wasm_bindgen_futures::spawn_local(async move {
        let _ = connection.await;
    });
}

/// What went wrong. Neither error type quotes the connection string.
fn cause(error: impl std::fmt::Display) -> ConnectError {
    ConnectError(error.to_string())
}

fn unusable(name: &str) -> ConnectError {
    ConnectError(format!("the connection string of {name} cannot be used"))
}

impl Database for EdgeDatabase {
    fn connect(&self) -> BoxFuture<'_, Result<Client, ConnectError>> {
        Box::pin(SendFuture::new(self.open()))
    }
}
