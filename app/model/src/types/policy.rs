//! What administrators decide while the instance runs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{ChallengeProvider, SignUpMode, SizeWithin, Within};

/// Hours after which one has to sign in again.
pub type SessionHours = Within<1, 24>;
/// Minutes of idleness after which one has to sign in again.
pub type SessionIdleMinutes = Within<5, 1440>;
/// Space of an account: up to 1 PiB.
pub type Quota = SizeWithin<0, { 1 << 50 }>;
/// Bytes of one file: up to 4 GiB.
pub type UploadLimit = SizeWithin<1, { 4 << 30 }>;

/// Everything that administrators decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Who may make an account.
    pub sign_up: SignUpMode,
    /// Whether a new account must have a mail address.
    pub email_required: bool,
    /// Space of a new account.
    pub quota: Quota,
    /// What has to be solved where many tries would do harm.
    pub challenge: ChallengeProvider,
    /// How long a session lasts.
    pub session_hours: SessionHours,
    /// How long it lasts without being used.
    pub session_idle_minutes: SessionIdleMinutes,
    /// Bytes of one file.
    pub max_upload: UploadLimit,
}

/// One part of a [`Policy`], by the name of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of `Policy` say it")]
pub enum Setting {
    SignUp,
    EmailRequired,
    Quota,
    Challenge,
    SessionHours,
    SessionIdleMinutes,
    MaxUpload,
}

impl Setting {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SignUp,
        Self::EmailRequired,
        Self::Quota,
        Self::Challenge,
        Self::SessionHours,
        Self::SessionIdleMinutes,
        Self::MaxUpload,
    ];

    /// The name of the field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::EmailRequired => "email_required",
            Self::Quota => "quota",
            Self::Challenge => "challenge",
            Self::SessionHours => "session_hours",
            Self::SessionIdleMinutes => "session_idle_minutes",
            Self::MaxUpload => "max_upload",
        }
    }

    /// The decision that `text` is.
    ///
    /// # Errors
    /// What the setting takes, in English.
    pub fn read(self, text: &str) -> Result<Decision, String> {
        fn value<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, String> {
            text.trim().parse().map_err(|error: T::Err| error.to_string())
        }
        Ok(match self {
            Self::SignUp => Decision::SignUp(value(text)?),
            Self::EmailRequired => {
                Decision::EmailRequired(text.trim().parse().map_err(|_| "true or false".to_owned())?)
            }
            Self::Quota => Decision::Quota(value(text)?),
            Self::Challenge => Decision::Challenge(value(text)?),
            Self::SessionHours => Decision::SessionHours(value(text)?),
            Self::SessionIdleMinutes => Decision::SessionIdleMinutes(value(text)?),
            Self::MaxUpload => Decision::MaxUpload(value(text)?),
        })
    }
}

impl Policy {
    /// The value of a part, in the form that [`Setting::read`] reads.
    #[must_use]
    pub fn text(&self, setting: Setting) -> String {
        match setting {
            Setting::SignUp => self.sign_up.as_str().to_owned(),
            Setting::EmailRequired => self.email_required.to_string(),
            Setting::Quota => self.quota.size().exact(),
            Setting::Challenge => self.challenge.to_string(),
            Setting::SessionHours => self.session_hours.to_string(),
            Setting::SessionIdleMinutes => self.session_idle_minutes.to_string(),
            Setting::MaxUpload => self.max_upload.size().exact(),
        }
    }
}

/// A part of a [`Policy`] with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "setting", content = "value", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of `Policy` say it")]
pub enum Decision {
    SignUp(SignUpMode),
    EmailRequired(bool),
    Quota(Quota),
    Challenge(ChallengeProvider),
    SessionHours(SessionHours),
    SessionIdleMinutes(SessionIdleMinutes),
    MaxUpload(UploadLimit),
}

impl Decision {
    /// Which part it is.
    #[must_use]
    pub const fn setting(self) -> Setting {
        match self {
            Self::SignUp(_) => Setting::SignUp,
            Self::EmailRequired(_) => Setting::EmailRequired,
            Self::Quota(_) => Setting::Quota,
            Self::Challenge(_) => Setting::Challenge,
            Self::SessionHours(_) => Setting::SessionHours,
            Self::SessionIdleMinutes(_) => Setting::SessionIdleMinutes,
            Self::MaxUpload(_) => Setting::MaxUpload,
        }
    }
}

/// What holds now, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyInForce {
    /// What holds.
    pub now: Policy,
    /// What would without administrators.
    pub at_start: Policy,
    /// What administrators decided.
    pub decided: Vec<Setting>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ByteSize;

    fn policy() -> Policy {
        Policy {
            sign_up: SignUpMode::Invite,
            email_required: true,
            quota: ByteSize(12_345_678).try_into().unwrap(),
            challenge: ChallengeProvider::Slider,
            session_hours: Within::nearest(24),
            session_idle_minutes: Within::nearest(120),
            max_upload: ByteSize::mib(20).try_into().unwrap(),
        }
    }

    #[test]
    fn a_value_that_is_shown_is_read_as_the_same() {
        let policy = policy();
        let fields = serde_json::to_value(&policy).unwrap();
        assert_eq!(fields.as_object().unwrap().len(), Setting::ALL.len());
        for setting in Setting::ALL {
            let decision = setting.read(&policy.text(setting)).unwrap();
            assert_eq!(decision.setting(), setting);
            let wire = serde_json::to_value(decision).unwrap();
            assert_eq!(wire["setting"], setting.as_str());
            assert_eq!(wire["setting"], serde_json::to_value(setting).unwrap());
            assert_eq!(wire["value"], fields[setting.as_str()], "{setting:?}");
        }
    }

    #[test]
    fn a_refusal_names_what_is_taken() {
        for (setting, text, expected) in [
            (Setting::SignUp, "maybe", "open, invite or closed"),
            (Setting::EmailRequired, "on", "true or false"),
            (Setting::Quota, "2048 TiB", "from 0 B to 1024.0 TiB"),
            (Setting::Challenge, "recaptcha", "pow, image, slider, off"),
            (Setting::SessionHours, "25", "from 1 to 24"),
            (Setting::SessionIdleMinutes, "4", "from 5 to 1440"),
            (Setting::MaxUpload, "5 GiB", "from 1 B to 4.0 GiB"),
        ] {
            let refusal = setting.read(text).unwrap_err();
            assert!(refusal.contains(expected), "{refusal}");
        }
    }
}
