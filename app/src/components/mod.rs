//! Small parts that pages share.

mod drop_overlay;
mod icons;
mod link_panel;
mod problem;
mod tray;

pub use drop_overlay::DropOverlay;
pub use icons::{Glyph, Icon, Mark};
pub use link_panel::{LAST_FORM, form_name};
pub use problem::{ProblemNotice, problem_text};
pub use tray::UploadTray;
