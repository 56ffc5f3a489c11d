//! Settings: every one a flag and an environment variable, checked at start.

mod alert;
mod key;
mod mail;
mod oidc;
mod origin;

use std::{
    ffi::OsString,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use model::{
    rules::links::Origins,
    types::{
        ByteSize, ChallengeProvider, Policy, Quota, SessionHours, SessionIdleMinutes, SignUpMode, UploadLimit,
    },
};
use reflect_core::{
    Settings,
    auth::{authenticator::RotationPolicy, session::Binding},
    images::IntakeLimits,
};

pub(crate) use self::key::needed_for;
pub use self::{
    alert::{AlertConfig, AlertConfigError},
    key::{KeyError, KeySource},
    mail::{MailConfig, MailConfigError, MailServer},
    oidc::{OidcConfig, OidcConfigError},
    origin::{InvalidOrigin, Origin},
};

/// Where the data is.
#[derive(Args, Clone)]
pub struct StoreConfig {
    /// PostgreSQL 14 or later. Without it reflect starts a private one under the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Holds the key file and the private PostgreSQL. Default: `data`, for root `/var/lib/reflect`.
    #[arg(long, env = "REFLECT_DATA_DIR", default_value = default_data_dir(), value_name = "FOLDER")]
    pub data_dir: PathBuf,
    /// The folder of PostgreSQL's programs, for the private one; found by itself in most places.
    #[arg(long, env = "REFLECT_PG_BIN", value_name = "FOLDER")]
    pub pg_bin: Option<PathBuf>,
    /// Where programs are looked for.
    #[arg(long, env = "PATH", hide = true)]
    pub path: Option<OsString>,
    /// The key that seals secrets: 64 hexadecimal digits. Without it a key file is made.
    #[arg(long, env = "REFLECT_SECRET_KEY", hide_env_values = true, value_name = "HEX")]
    pub secret_key: Option<String>,
    /// Further keys, separated by commas, that only open: those before the present one, or the next one.
    #[arg(
        long,
        env = "REFLECT_SECRET_KEY_FALLBACKS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "HEX"
    )]
    pub secret_key_fallbacks: Vec<String>,
    /// The ids of keys that are lost for good, separated by commas: start without them.
    #[arg(long, env = "REFLECT_LOST_SECRET_KEYS", value_delimiter = ',', value_name = "ID")]
    pub lost_secret_keys: Vec<String>,
    /// Connections to PostgreSQL, at most.
    #[arg(long, env = "REFLECT_DATABASE_CONNECTIONS", default_value_t = 16, value_name = "N",
          value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_connections: u32,
}

/// PostgreSQL never runs as root, so it can't enter what only root may: `/root`, for one.
fn default_data_dir() -> &'static str {
    use std::os::unix::fs::MetadataExt as _;
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if is_root { "/var/lib/reflect" } else { "data" }
}

/// Where the instance is reached and what its people may do.
#[derive(Args, Clone, Debug)]
pub struct SiteConfig {
    /// Where to listen.
    #[arg(long, env = "REFLECT_ADDR", default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    pub addr: SocketAddr,
    /// The address people see, such as `https://pictures.example`. Default: the one listened on.
    #[arg(long, env = "REFLECT_PUBLIC_URL", value_name = "ORIGIN")]
    pub public_url: Option<Origin>,
    /// A separate origin that images are served from. Default: the public address.
    #[arg(long, env = "REFLECT_IMAGE_URL", value_name = "ORIGIN")]
    pub image_url: Option<Origin>,
    /// The name that authenticator apps and mails show.
    #[arg(long, env = "REFLECT_INSTANCE_NAME", default_value = "reflect", value_name = "NAME")]
    pub instance_name: String,
    /// What has to be solved before signing up, asking for a reset, and signing in after failures: pow
    /// (work for the device), image (text in a picture), slider (a puzzle piece) or off.
    #[arg(long, env = "REFLECT_CHALLENGE", default_value_t = ChallengeProvider::Pow, value_name = "KIND")]
    pub challenge: ChallengeProvider,
    /// Space of a new account.
    #[arg(long, env = "REFLECT_QUOTA", default_value = "10 GiB", value_name = "SIZE")]
    pub quota: Quota,
    /// Bytes of one file.
    #[arg(long, env = "REFLECT_MAX_UPLOAD", default_value = "20 MiB", value_name = "SIZE")]
    pub max_upload: UploadLimit,
    /// Who may make an account, until an administrator decides otherwise: everybody, whoever has an
    /// invite, or nobody.
    #[arg(long, env = "REFLECT_SIGN_UP", default_value = "invite", value_name = "open|invite|closed")]
    pub sign_up: SignUpMode,
    /// Whether whoever makes an account must give a mail address.
    #[arg(long, env = "REFLECT_EMAIL_REQUIRED")]
    pub email_required: bool,
    /// Hours after which one has to sign in again.
    #[arg(long, env = "REFLECT_SESSION_HOURS", default_value = "24", value_name = "N")]
    pub session_hours: SessionHours,
    /// Minutes of idleness after which one has to sign in again.
    #[arg(long, env = "REFLECT_SESSION_IDLE_MINUTES", default_value = "120", value_name = "N")]
    pub session_idle_minutes: SessionIdleMinutes,
    /// Pixels of one image, all frames counted.
    #[arg(long, env = "REFLECT_MAX_PIXELS", default_value_t = 100_000_000, value_name = "N")]
    pub max_pixels: u64,
    /// Pixels along a side.
    #[arg(long, env = "REFLECT_MAX_SIDE", default_value_t = 16_384, value_name = "N")]
    pub max_side: u32,
    /// Frames of an animation.
    #[arg(long, env = "REFLECT_MAX_FRAMES", default_value_t = 1000, value_name = "N")]
    pub max_frames: u32,
    /// Room in the database for smaller renditions of images, over all accounts. Those that nobody looked at for
    /// longest make room for others, and are made again when somebody does.
    #[arg(long, env = "REFLECT_VARIANT_BYTES", default_value = "10 GiB", value_name = "SIZE")]
    pub variant_bytes: ByteSize,
    /// Images worked on at once. Default: one for each core.
    #[arg(long, env = "REFLECT_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
    /// Memory for decoded pixels, over all workers.
    #[arg(long, env = "REFLECT_DECODE_MEMORY", default_value = "1 GiB", value_name = "SIZE")]
    pub decode_memory: ByteSize,
    /// How mail is sent.
    #[command(flatten)]
    pub mail: MailConfig,
    /// Where alerts are posted to.
    #[command(flatten)]
    pub alert: AlertConfig,
    /// Days after which people are reminded to renew an authenticator's secret; 0 is never.
    #[arg(long, env = "REFLECT_ROTATE_AFTER_DAYS", default_value_t = 90, value_name = "N",
          value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub rotate_after_days: u32,
    /// Days after which they are led there when they sign in; 0 is never.
    #[arg(long, env = "REFLECT_ROTATE_FIRMLY_AFTER_DAYS", default_value_t = 180, value_name = "N",
          value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub rotate_firmly_after_days: u32,
}

impl SiteConfig {
    /// What people see in the address bar.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.public_url.clone().unwrap_or_else(|| Origin::listened_on(self.addr))
    }

    /// Where the instance is reached.
    #[must_use]
    pub fn origins(&self) -> Origins {
        let site = self.origin().to_string();
        let images = self.image_url.as_ref().map_or_else(|| site.clone(), ToString::to_string);
        Origins { site, images }
    }

    /// The domain's part of the settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            origins: self.origins(),
            policy: Policy {
                sign_up: self.sign_up,
                email_required: self.email_required,
                quota: self.quota,
                challenge: self.challenge,
                session_hours: self.session_hours,
                session_idle_minutes: self.session_idle_minutes,
                max_upload: self.max_upload,
            },
            intake: IntakeLimits { pixels: self.max_pixels, side: self.max_side, frames: self.max_frames },
            variant_bytes: self.variant_bytes,
            issuer: self.instance_name.clone(),
            mail: self.mail.sender(&self.instance_name),
            alert_webhook: self.alert.alert_webhook.clone(),
            rotation: RotationPolicy::after_days(self.rotate_after_days, self.rotate_firmly_after_days),
        }
    }
}

/// How the server serves.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Files in one upload request.
    #[arg(long, env = "REFLECT_MAX_FILES", default_value_t = 50, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_files: u32,
    /// Memory for files that are being received, over all uploads; more of them wait.
    #[arg(long, env = "REFLECT_UPLOAD_MEMORY", default_value = "256 MiB", value_name = "SIZE")]
    pub upload_memory: ByteSize,
    /// Memory for images that are asked for often.
    #[arg(long, env = "REFLECT_CACHE_BYTES", default_value = "256 MiB", value_name = "SIZE")]
    pub cache_bytes: ByteSize,
    /// How far a session may move before it asks for a code: anywhere, within its network (IPv4 /24,
    /// IPv6 /48), or not at all.
    #[arg(long, env = "REFLECT_SESSION_IP", default_value = "prefix", value_name = "MODE")]
    pub session_ip: SessionIp,
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed, separated by commas.
    #[arg(long, env = "REFLECT_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORK", value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Addresses or networks besides the public internet from which images are fetched by their address, at any port,
    /// separated by commas.
    #[arg(long, env = "REFLECT_FETCH_ALLOW", value_delimiter = ',', value_name = "NETWORK", value_parser = network)]
    pub fetch_allow: Vec<IpNet>,
    /// Addresses or networks from which nothing is fetched, though they are public or allowed, separated by commas.
    #[arg(long, env = "REFLECT_FETCH_DENY", value_delimiter = ',', value_name = "NETWORK", value_parser = network)]
    pub fetch_deny: Vec<IpNet>,
    /// With whom people may sign in.
    #[command(flatten)]
    pub oidc: OidcConfig,
}

/// [`Binding`] by the names of its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SessionIp {
    /// [`Binding::Off`]
    Off,
    /// [`Binding::Prefix`]
    Prefix,
    /// [`Binding::Strict`]
    Strict,
}

impl From<SessionIp> for Binding {
    fn from(mode: SessionIp) -> Self {
        match mode {
            SessionIp::Off => Self::Off,
            SessionIp::Prefix => Self::Prefix,
            SessionIp::Strict => Self::Strict,
        }
    }
}

/// `10.0.0.0/8`, or the network that one address is.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = |text: &str| text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse()
        .ok()
        .or_else(|| address(text))
        .ok_or_else(|| "an address such as 127.0.0.1 or a network such as 10.0.0.0/8 is wanted".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Everything {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        site: SiteConfig,
        #[command(flatten)]
        serve: ServeConfig,
    }

    fn parse(arguments: &[&str]) -> Result<Everything, clap::Error> {
        Everything::try_parse_from(std::iter::once("reflect").chain(arguments.iter().copied()))
    }

    #[test]
    fn defaults_are_those_of_the_design() {
        let Everything { site, serve, store } = parse(&["--addr", "127.0.0.1:3000"]).unwrap();
        let settings = site.settings();
        assert_eq!(settings.origins.site, "http://127.0.0.1:3000");
        assert_eq!(settings.origins.images, "http://127.0.0.1:3000");
        assert_eq!(settings.policy.max_upload.size(), ByteSize::mib(20));
        assert_eq!(settings.intake.pixels, 100_000_000);
        assert_eq!(settings.policy.challenge, ChallengeProvider::Pow);
        assert_eq!(settings.rotation, RotationPolicy::default());
        let policy = settings.policy;
        assert_eq!((policy.session_hours.get(), policy.session_idle_minutes.get()), (24, 120));
        assert_eq!(serve.max_files, 50);
        assert!(store.secret_key.is_none());
    }

    #[test]
    fn a_wrong_value_is_named_with_its_flag() {
        for (flag, value) in [
            ("--addr", "nowhere"),
            ("--public-url", "ftp://x"),
            ("--max-upload", "many"),
            ("--session-hours", "25"),
            ("--session-idle-minutes", "4"),
            ("--quota", "2048 TiB"),
            ("--trusted-proxies", "10.0.0.0/99"),
            ("--fetch-deny", "example.com"),
            ("--max-files", "0"),
            ("--challenge", "recaptcha"),
            ("--rotate-after-days", "soon"),
        ] {
            let message = parse(&[flag, value]).err().unwrap().to_string();
            assert!(message.contains(flag) && message.contains(value), "{message}");
        }
    }

    #[test]
    fn a_trusted_proxy_is_an_address_or_a_network() {
        let serve = parse(&["--trusted-proxies", "127.0.0.1, 10.0.0.0/8,::1"]).unwrap().serve;
        let networks: Vec<_> = serve.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
    }

    #[test]
    fn reminders_to_rotate_can_be_off() {
        let off = parse(&["--rotate-after-days", "0", "--rotate-firmly-after-days", "0"]).unwrap();
        assert_eq!(off.site.settings().rotation, RotationPolicy::after_days(0, 0));
    }

    #[test]
    fn images_can_have_an_origin_of_their_own() {
        let arguments =
            ["--public-url", "https://pictures.example/", "--image-url", "https://i.example:8443"];
        let origins = parse(&arguments).unwrap().site.origins();
        assert_eq!(origins.site, "https://pictures.example");
        assert_eq!(origins.images, "https://i.example:8443");
    }
}
