//! Small parts that pages share.

mod account_problem;
mod challenge;
mod copy_field;
mod drop_overlay;
mod frame;
mod grid;
mod icons;
mod link_panel;
mod modal;
mod problem;
mod tray;
mod viewer;
mod when;

pub use account_problem::{AccountProblemNotice, MailedProblemNotice, account_problem_text};
pub use challenge::ChallengeField;
pub(crate) use copy_field::CopyRow;
pub use copy_field::{CopyField, CopyStatus};
pub use drop_overlay::DropOverlay;
pub use frame::{BottomBar, LanguageSwitch, SignOutButton, ToastList, TopBar, UploadButton};
pub use grid::{ImageGrid, Selection, ratio_class};
pub use icons::{Glyph, Icon, Mark};
pub use link_panel::{LAST_FORM, LinkPanel, form_name};
pub use modal::Modal;
pub use problem::{ProblemNotice, problem_text};
pub use tray::{UploadTray, load_tray};
pub use viewer::{Facts, Picture, Viewer, load_viewer};
pub use when::When;
