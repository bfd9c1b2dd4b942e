//! The link that an operator had made.

use serde::Serialize;
use utoipa::ToSchema;

use super::user::User;

/// A link that an operator had made, for a mail of their own. Credentials: a holder of link, hash
/// or code is that user.
#[derive(Serialize, ToSchema)]
pub struct GeneratedLink {
    /// The account it is for.
    #[serde(flatten)]
    pub user: User,
    /// Opens a page with one button.
    #[schema(
        example = "https://auth.example.com/auth/v1/verify?token=Zk3vR1mQ9sT7uX2yB5cD8eF0gH4jK6lM1nP3qS5tV7w&type=magiclink"
    )]
    pub action_link: String,
    /// Six digits, for `POST /verify` with `email` and `token`.
    #[schema(example = "048213")]
    pub email_otp: String,
    /// For `POST /verify` with `token_hash`, on a page of the app's own.
    pub hashed_token: String,
    /// The `type` that `POST /verify` takes.
    #[schema(example = "magiclink")]
    pub verification_type: String,
    /// Where the link leads in the end.
    #[schema(example = "https://app.example.com/")]
    pub redirect_to: String,
}
