//! What is recorded.

use model::types::{Action, ActorKind, AuditDetails, AuditOutcome, DeviceId, UserId};

use crate::{
    admin::Authority,
    auth::{Client, session::SignedIn},
};

/// Who acts, and from where.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    pub(crate) actor: ActorKind,
    pub(crate) administrator: Option<UserId>,
    pub(crate) client: Option<&'a Client>,
    pub(crate) device: Option<DeviceId>,
    pub(crate) token: Option<&'a str>,
    pub(crate) authority: Option<Authority>,
}

impl<'a> By<'a> {
    /// The `reflect` command.
    pub const COMMAND_LINE: By<'static> = By::nowhere(ActorKind::CommandLine);
    /// The server by itself.
    pub const SYSTEM: By<'static> = By::nowhere(ActorKind::System);

    const fn nowhere(actor: ActorKind) -> Self {
        Self { actor, administrator: None, client: None, device: None, token: None, authority: None }
    }

    /// Whose account it is.
    #[must_use]
    pub const fn user(client: &'a Client) -> Self {
        Self { client: Some(client), ..Self::nowhere(ActorKind::User) }
    }

    /// Whose account it is, in their session.
    #[must_use]
    pub const fn signed_in(signed_in: &SignedIn, client: &'a Client) -> Self {
        Self::user(client).at(signed_in.device)
    }

    /// Somebody who hasn't shown who they are.
    #[must_use]
    pub const fn visitor(client: &'a Client) -> Self {
        Self { client: Some(client), ..Self::nowhere(ActorKind::Visitor) }
    }

    /// An administrator, at somebody's account or the instance.
    #[must_use]
    pub const fn administrator(administrator: UserId, client: &'a Client) -> Self {
        Self {
            client: Some(client),
            administrator: Some(administrator),
            ..Self::nowhere(ActorKind::Administrator)
        }
    }

    /// The same, who turned out to be the one whose account it is.
    #[must_use]
    pub const fn by_owner(self) -> Self {
        Self { actor: ActorKind::User, ..self }
    }

    /// The administrator who acts, if it is one.
    pub(crate) const fn acting_administrator(self) -> Option<UserId> {
        self.administrator
    }

    /// Whether it is whoever runs the server, by its command.
    pub(crate) fn is_operator(self) -> bool {
        self.actor == ActorKind::CommandLine
    }

    /// With a trusted device.
    #[must_use]
    pub const fn at(self, device: Option<DeviceId>) -> Self {
        Self { device, ..self }
    }

    /// By what they act, which has to hold still when it is done.
    #[must_use]
    pub const fn with_authority(self, authority: Authority) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// By a program, with the API token of this name.
    #[must_use]
    pub const fn with_token(self, token: Option<&'a str>) -> Self {
        Self { token, ..self }
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub(crate) by: By<'a>,
    pub(crate) user: Option<UserId>,
    pub(crate) user_name: Option<String>,
    pub(crate) action: Action,
    pub(crate) outcome: AuditOutcome,
    pub(crate) details: AuditDetails,
}

impl<'a> Event<'a> {
    /// Done to the account of `user`, or to the instance.
    #[must_use]
    pub fn new(by: By<'a>, user: Option<UserId>, action: Action) -> Self {
        let details = AuditDetails::default();
        Self { by, user, user_name: None, action, outcome: AuditOutcome::Success, details }
    }

    /// Refused, or gone wrong.
    #[must_use]
    pub fn failed(self) -> Self {
        Self { outcome: AuditOutcome::Failure, ..self }
    }

    /// With what belongs to the action.
    #[must_use]
    pub fn with(self, details: AuditDetails) -> Self {
        Self { details, ..self }
    }

    /// With the name of an account that is gone when this is recorded.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { user_name: Some(name.into()), ..self }
    }
}
