//! The floor of `npm run bench`: a Worker that opens the request's own connection, as ours does,
//! and runs one trivial UPDATE. Whatever edgegate costs beyond that is its own doing. `?row=7` says
//! which row, so that clients need not wait for each other.

use tokio_postgres::types::Type;
use tokio_postgres::{Config, NoTls};
use worker::{Context, Env, Error, Request, Response, Result, Socket, event};

const UPDATE: &str = "UPDATE floor SET count = count + 1 WHERE id = $1 RETURNING count";

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let row: i32 = request
        .url()?
        .query_pairs()
        .find_map(|(name, value)| (name == "row").then(|| value.parse().ok()).flatten())
        .ok_or("say ?row=1")?;
    let hyperdrive = env.hyperdrive("HYPERDRIVE")?;
    let config: Config = hyperdrive.connection_string().parse().map_err(cause)?;
    let socket = Socket::builder().connect(hyperdrive.host(), hyperdrive.port())?;
    let (client, connection) = config.connect_raw(socket, NoTls).await.map_err(cause)?;
    wasm_bindgen_futures::spawn_local(async move {
        let _ = connection.await;
    });
    let rows = client.query_typed(UPDATE, &[(&row, Type::INT4)]).await.map_err(cause)?;
    let count: i64 = rows.first().ok_or("no such row")?.try_get("count").map_err(cause)?;
    Response::ok(count.to_string())
}

fn cause(error: impl std::fmt::Display) -> Error {
    Error::RustError(error.to_string())
}
