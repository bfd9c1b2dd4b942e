//! Who did something, as every statement that changes an account writes it down. Not here: reading
//! the trail (`admin/audit.rs`), and writing a record of it (`shared/record_event.sql`).

use serde::Serialize;
use uuid::Uuid;

use crate::domain::caller::Caller;

/// What a statement writes down about who did it.
#[derive(Clone, Copy, Serialize)]
pub struct AuditContext<'a> {
    /// Id of the audit record, and of the request for counting: sent twice, both happen once. It is
    /// the id that the answer to the call carries.
    pub audit_id: Uuid,
    /// Address and `User-Agent` of the caller.
    #[serde(flatten)]
    pub caller: &'a Caller,
    /// Which administrator it is; none for users.
    pub actor: Option<&'a str>,
}

impl<'a> AuditContext<'a> {
    /// Of a call by `caller`.
    #[must_use]
    pub const fn new(audit_id: Uuid, caller: &'a Caller) -> Self {
        Self { audit_id, caller, actor: None }
    }
}
