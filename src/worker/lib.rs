//! edgegate on Cloudflare Workers: events in, [`edgegate::app::App`] around the platform, the
//! router's answer out. The only package that names the `worker` crate. What the app needs from
//! outside is implemented beside this file.

mod database;
mod http;
mod platform;
mod revocation;

use std::sync::{Arc, OnceLock};

use ::http::Response;
use axum::Router;
use axum::body::{Body, to_bytes};
use edgegate::app::{App, Parts};
use edgegate::config::{Config, ConfigError};
use edgegate::endpoints;
use edgegate::flows::scheduled;
use tower_service::Service as _;
use worker::{Context, Env, Headers, HttpRequest, ResponseBuilder, ScheduleContext, ScheduledEvent, event};

/// Made once per isolate: vars and secrets change only with a deployment, which starts new
/// isolates.
static ISOLATE: OnceLock<Result<Isolate, Vec<ConfigError>>> = OnceLock::new();

/// What outlives a request.
struct Isolate {
    parts: Arc<Parts>,
    router: Router,
}

fn isolate(env: &Env) -> &'static Result<Isolate, Vec<ConfigError>> {
    ISOLATE.get_or_init(|| {
        let mut problems = Vec::new();
        let config = Config::read(|name| env.var(name).ok().map(|value| value.to_string()));
        let config = config.map_err(|mut found| problems.append(&mut found)).ok();
        if env.hyperdrive("HYPERDRIVE").is_err() && env.secret("DATABASE_URL").is_err() {
            let problem = "the binding is missing (or set the secret DATABASE_URL)".to_owned();
            problems.push(ConfigError { name: "HYPERDRIVE", problem });
        }
        if env.kv(revocation::BINDING).is_err() {
            problems.push(ConfigError { name: revocation::BINDING, problem: "the KV binding is missing".to_owned() });
        }
        for problem in &problems {
            platform::log_misconfiguration(problem);
        }
        match config {
            Some(config) if problems.is_empty() => {
                Ok(Isolate { router: endpoints::router(&config), parts: Arc::new(Parts::new(config)) })
            }
            _ => Err(problems),
        }
    })
}

fn app(parts: &Arc<Parts>, env: Env, event: platform::WaitUntil) -> Arc<App> {
    let event = Arc::new(event);
    Arc::new(App {
        parts: Arc::clone(parts),
        clock: Arc::new(platform::WorkerClock),
        entropy: Arc::new(platform::WebCrypto),
        http: Arc::new(http::FetchHttp::new()),
        revocations: Arc::new(revocation::KvRevocationList::new(env.clone())),
        database: Arc::new(database::EdgeDatabase::new(env, Arc::clone(&event))),
        background: event,
        log: Arc::new(platform::Console),
        request_id: None,
    })
}

/// One HTTP request.
#[event(fetch)]
async fn fetch(mut request: HttpRequest, env: Env, context: Context) -> worker::Result<worker::Response> {
    let response = match isolate(&env) {
        Ok(isolate) => {
            request.extensions_mut().insert(app(&isolate.parts, env, platform::WaitUntil::Fetch(context)));
            let Ok(response) = isolate.router.clone().call(request).await;
            response
        }
        Err(problems) => endpoints::misconfigured(problems),
    };
    whole(response).await
}

/// The response with its body in one piece: none of ours is long, and a stream would cost more than
/// what it carries.
async fn whole(response: Response<Body>) -> worker::Result<worker::Response> {
    let (parts, body) = response.into_parts();
    let headers = Headers::new();
    for (name, value) in &parts.headers {
        headers
            .append(name.as_str(), value.to_str().map_err(|problem| worker::Error::RustError(problem.to_string()))?)?;
    }
    let builder = ResponseBuilder::new().with_status(parts.status.as_u16()).with_headers(headers);
    let body = to_bytes(body, usize::MAX).await.map_err(|problem| worker::Error::RustError(problem.to_string()))?;
    // 204 and 304 may not even have an empty body.
    Ok(if body.is_empty() { builder.empty() } else { builder.fixed(body.into()) })
}

/// The Cron Trigger, each minute.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, context: ScheduleContext) {
    if let Ok(isolate) = isolate(&env) {
        scheduled::run(&app(&isolate.parts, env, platform::WaitUntil::Scheduled(context))).await;
    }
}
