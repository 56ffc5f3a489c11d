//! Plain values that cross the wire or the database boundary.

mod access;
mod account;
mod admin;
mod album;
mod audit;
mod auth;
mod authenticator;
mod bulk;
mod bytes;
mod challenge;
mod color;
mod export;
mod guest;
mod image;
mod image_details;
mod language;
mod mail;
mod media;
mod page;
mod policy;
mod profile;
mod prose;
mod provider;
mod session;
mod sign_in;
mod sign_up;
mod slug;
mod statistics;
mod tag;
mod timeline;
mod timestamp;
mod token;
mod version;
mod within;

pub use access::{DeviceId, InvalidLabel, KnownVisitor, Label, SessionEntry, SessionHandle, TrustedDevice};
pub use account::{EmailAddress, InvalidEmail, InvalidUsername, Me, Usage, UserId, Username};
pub use admin::{
    AccountEntry, AccountFacts, Day, InviteMade, InvitesInForce, OutboxView, Overview, ResetMade,
};
pub use album::{Album, AlbumChange, AlbumDraft, AlbumId, AlbumName, AlbumPassword, AlbumShare, ShareChange};
pub use audit::{
    Action, ActionGroup, ActorKind, AuditDetails, AuditEntry, AuditFilter, AuditOutcome, Proof, UnknownName,
};
pub use auth::{
    Begun, EmailCode, EnrolmentKind, EnrolmentLinkInfo, EnrolmentOffer, InvalidRecoveryCode, InvalidTotpCode,
    RecoveryCode, SignInForm, TotpCode,
};
pub use authenticator::{
    Authenticator, AuthenticatorId, AuthenticatorOffer, FEW_RECOVERY_CODES, MOST_AUTHENTICATORS,
    MaskedRecoveryCode, RecoveryCodesOffer, RecoveryStatus, Rotation, SecretForms, TotpStatus,
};
pub use bulk::{BulkAction, BulkOutcome, BulkRequest, Tagging};
pub use bytes::{ByteSize, InvalidByteSize};
pub use challenge::{
    Challenge, ChallengeAnswer, ChallengeProvider, ChallengePurpose, ChallengeTask, InvalidChallengeProvider,
    Picture, Solution, Work,
};
pub use color::ColorName;
pub use export::{
    AlbumPlace, EXPORT_MOST, ExportFormat, ExportPart, ExportSummary, ExportedAlbum, ExportedImage, FileHash,
    IMAGES, ImportOutcome, ImportStart, ImportStarted, InvalidFileHash, KnownAnswer, KnownImage,
    KnownQuestion, METADATA, SUMMARY, VersionNumber,
};
pub use guest::{GuestBytes, GuestDoor, GuestImages, GuestLink, GuestLinkDraft, GuestLinkId, GuestLinkName};
pub use image::{BinnedImage, Color, Image, ImageId, UploadFailure, UploadReport};
pub use image_details::{
    AltText, Description, DetailedImage, ImageChange, ImageDetails, MaxViews, PublicPage, Title, Visibility,
};
pub use language::{Language, UnknownLanguage};
pub use mail::{MailId, MailKind, MailState, OutboxCounts, OutboxEntry, UnknownMailName};
pub use media::{MediaType, VariantFormat, VariantWidth};
pub use page::Page;
pub use policy::{
    Decision, Policy, PolicyInForce, Quota, SessionHours, SessionIdleMinutes, Setting, UploadLimit,
};
pub use profile::{Bio, OwnProfile, ProfileChange};
pub use prose::{Line, NotOfLength, Prose};
pub use provider::{InvalidProviderOutcome, LinkedIdentity, ProviderOutcome};
pub use session::SessionInfo;
pub use sign_in::SignInStep;
pub use sign_up::{InvalidSignUpMode, Invite, InviteDays, InviteId, InviteTerms, SignUpMode};
pub use slug::{InvalidSlug, Slug};
pub use statistics::{
    DayViews, ImageStatistics, MonthStorage, Statistics, StatisticsDays, TypeStorage, ViewedImage,
};
pub use tag::{KnownTag, Tag, TagChange, TagColor, TagId, TagName};
pub use timeline::{Place, Stretch, TimelineMonth};
pub use timestamp::Timestamp;
pub use token::{
    ApiToken, InvalidReach, Reach, RequestsPerMinute, Scope, Scopes, TokenDays, TokenId, TokenMade,
    TokenTerms,
};
pub use version::{Area, Flip, ImageEdit, ImageVersion, MOST_VERSIONS, Made};
pub use within::{NotWithin, SizeNotWithin, SizeWithin, Within};
