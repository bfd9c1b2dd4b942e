//! PostgreSQL through Hyperdrive, or straight over TLS where the secret `DATABASE_URL` is set.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use edgegate::host::{BoxFuture, ConnectError, Database, DatabaseClient};
use futures_channel::oneshot;
use futures_util::future::select;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use worker::postgres_tls::PassthroughTls;
use worker::send::SendFuture;
use worker::{Delay, Env, SecureTransport, Socket};

use crate::platform::WaitUntil;

/// How long saying goodbye to the server may take: 1 second. Longer takes a server that is gone,
/// and then the connection is dropped as it is.
const CLOSING: Duration = Duration::from_secs(1);

/// Opens connections from this Worker.
pub struct EdgeDatabase {
    env: Env,
    event: Arc<WaitUntil>,
}

impl EdgeDatabase {
    /// Finds the way to the database in the Worker's environment, each time it is asked for one.
    /// `event` waits for the connections that it opens.
    pub fn new(env: Env, event: Arc<WaitUntil>) -> Self {
        Self { env, event }
    }

    async fn open(&self) -> Result<DatabaseClient, ConnectError> {
        match self.env.secret("DATABASE_URL") {
            Ok(url) => self.direct(&url.to_string()).await,
            Err(_) => self.through_hyperdrive().await,
        }
    }

    async fn through_hyperdrive(&self) -> Result<DatabaseClient, ConnectError> {
        let hyperdrive = self.env.hyperdrive("HYPERDRIVE").map_err(cause)?;
        let config: Config = hyperdrive.connection_string().parse().map_err(|_| unusable("HYPERDRIVE"))?;
        let socket = Socket::builder().connect(hyperdrive.host(), hyperdrive.port()).map_err(cause)?;
        let (client, connection) = config.connect_raw(socket, NoTls).await.map_err(cause)?;
        Ok(self.drive(client, connection))
    }

    async fn direct(&self, url: &str) -> Result<DatabaseClient, ConnectError> {
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
        let socket =
            Socket::builder().secure_transport(SecureTransport::StartTls).connect(host, port).map_err(cause)?;
        let (client, connection) = config.connect_raw(socket, PassthroughTls).await.map_err(cause)?;
        Ok(self.drive(client, connection))
    }

    /// Runs a connection until its client is dropped and the server has heard so. The event waits
    /// for that: after it nothing would poll the connection again, and its memory would be lost for
    /// good. An error reaches the statement that waits for an answer.
    fn drive(
        &self,
        client: Client,
        connection: impl Future<Output = Result<(), tokio_postgres::Error>> + 'static,
    ) -> DatabaseClient {
        let (in_use, over) = oneshot::channel::<()>();
        self.event.wait_for(async move {
            let closed = pin!(async move {
                let _ = over.await;
                Delay::from(CLOSING).await;
            });
            select(pin!(connection), closed).await;
        });
        DatabaseClient::new(client, in_use)
    }
}

/// What went wrong. Neither error type quotes the connection string.
fn cause(error: impl std::fmt::Display) -> ConnectError {
    ConnectError(error.to_string())
}

fn unusable(name: &str) -> ConnectError {
    ConnectError(format!("the connection string of {name} cannot be used"))
}

impl Database for EdgeDatabase {
    fn connect(&self) -> BoxFuture<'_, Result<DatabaseClient, ConnectError>> {
        Box::pin(SendFuture::new(self.open()))
    }
}
